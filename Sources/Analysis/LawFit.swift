import Foundation

/// The law fitted to one group of runs, in logarithms.
struct LawFit {
  /// ln B_crit and ln S_min.
  var logCritical: Double
  var level: Double
  /// σ of ln S; `nil` without censored runs, where least squares suffice.
  var spread: Double?

  var law: ParetoLaw {
    ParetoLaw(minimumUpdates: exp(level), criticalBatch: exp(logCritical))
  }

  /// Least squares of the batches' mean ln S, or maximum likelihood if runs are censored; `nil` if
  /// fewer than two batches reached the target.
  ///
  /// - Parameter similar: a fit to similar runs, from which the likelihood search starts.
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

  /// ln S of a batch: the mean over its runs. A censored run counts with its expected value, given
  /// that it lies beyond its limit.
  func value(of stratum: Stratum) -> Double {
    guard let spread, !stratum.limits.isEmpty else { return mean(stratum.reached) }
    let centre = expected(atBatch: stratum.batch)
    let beyond = stratum.limits.map {
      max($0, centre + spread * tailHazard(($0 - centre) / spread))
    }
    return mean(stratum.reached + beyond)
  }

  /// Rise of ln E from a smaller to a larger batch.
  func riseOfObservations(_ smallest: Double, _ largest: Double) -> Double {
    softplus(log(largest) - logCritical) - softplus(log(smallest) - logCritical)
  }
}
