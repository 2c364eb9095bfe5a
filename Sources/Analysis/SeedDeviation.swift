import Foundation

/// σ, how much ln S scatters over seeds at one batch: pooled over batches, each about its own
/// centre, by restricted maximum likelihood. Without censored runs that is the root of
/// Σ(ln S − mean)²/Σ(n − 1).
struct SeedDeviation {
  /// Runs without any scatter count as this much, so that no weight is infinite.
  static let smallest = 1e-6

  var value: Double
  /// Σ(n − 1) over the runs that reached the target.
  var freedom: Double

  init(value: Double, freedom: Double) { (self.value, self.freedom) = (value, freedom) }

  /// `nil` if no batch has two runs that reached the target.
  init?(_ strata: [Stratum]) {
    let usable = strata.filter { $0.count > 1 && !$0.reached.isEmpty && $0.knownVariance == nil }
    freedom = usable.reduce(0) { $0 + Double($1.reached.count - 1) }
    guard freedom > 0 else { return nil }
    let whole = usable.filter(\.limits.isEmpty)
    let sum = whole.reduce(0) { $0 + squares($1.reached) }
    let degrees = whole.reduce(0) { $0 + Double($1.count - 1) }
    let cut = usable.filter { !$0.limits.isEmpty }
    guard !cut.isEmpty else {
      value = max((sum / degrees).squareRoot(), Self.smallest)
      return
    }
    let reached = usable.flatMap(\.reached)
    let widest = max((reached.max() ?? 0) - (reached.min() ?? 0), 1)
    let found = minimum(in: log(1e-3)...log(widest), tolerance: 1e-6) { logDeviation in
      let deviation = exp(logDeviation)
      var loss = degrees * logDeviation + sum / (2 * deviation * deviation)
      for stratum in cut {
        let best = BatchLikelihood(stratum, seedDeviation: deviation, batchDeviation: 0).peak()
        loss += log(max(best.information, 1e-300)) / 2 - best.value
      }
      return loss
    }
    value = exp(found)
  }
}

extension BatchLikelihood {
  /// The terms at the most likely centre of the batch, by Newton's method.
  fileprivate func peak() -> Terms {
    var centre = start
    var terms = at(centre)
    for _ in 0..<50 {
      var step = terms.slope / max(terms.information, 1e-12)
      var next = at(centre + step)
      while next.value < terms.value, step.magnitude > 1e-9 {
        step /= 2
        next = at(centre + step)
      }
      (centre, terms) = (centre + step, next)
      if step.magnitude < 1e-8 { break }
    }
    return terms
  }
}
