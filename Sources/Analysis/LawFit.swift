import Foundation

/// The law fitted to the strata of one group, in logarithms.
struct LawFit {
  /// ln B_crit and ln S_min.
  var logCritical: Double
  var level: Double
  /// σ of ln S, only where censored runs made the likelihood necessary.
  var spread: Double?

  var law: ParetoLaw {
    ParetoLaw(minimumUpdates: exp(level), criticalBatch: exp(logCritical))
  }

  /// Least squares of the batches' mean ln S, or the greatest likelihood where runs are
  /// censored; `nil` with fewer than two batches that reached the target. A fit to similar runs
  /// tells the likelihood where to begin.
  init?(_ strata: [Stratum], shape: LawShape, near similar: LawFit? = nil) {
    guard strata.count(where: { !$0.reached.isEmpty }) >= 2 else { return nil }
    if strata.allSatisfy({ $0.limits.isEmpty }) {
      (logCritical, level) = shape.leastSquares(strata.map { mean($0.reached) })
    } else {
      let found = CensoredLikelihood(strata, shape: shape)
        .fit(near: similar?.logCritical)
      (logCritical, level, spread) = (found.logCritical, found.level, found.spread)
    }
    guard logCritical.isFinite, level.isFinite else { return nil }
  }

  /// ln S of the law at a batch.
  func expected(atBatch batch: Double) -> Double { level + softplus(logCritical - log(batch)) }

  /// ln S of a batch: the mean over its runs, a censored one counting with the value that is
  /// expected of it, given that it lies beyond its limit.
  func value(of stratum: Stratum) -> Double {
    guard let spread, !stratum.limits.isEmpty else { return mean(stratum.reached) }
    let centre = expected(atBatch: stratum.batch)
    let beyond = stratum.limits.map {
      max($0, centre + spread * tailHazard(($0 - centre) / spread))
    }
    return mean(stratum.reached + beyond)
  }

  /// Rise of ln E between two batches, the smaller first.
  func riseOfObservations(_ smallest: Double, _ largest: Double) -> Double {
    softplus(log(largest) - logCritical) - softplus(log(smallest) - logCritical)
  }
}
