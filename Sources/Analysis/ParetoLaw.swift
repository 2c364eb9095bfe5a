import Foundation

/// The trade-off between updates and observations to a target.
///
/// S(B) = S_min (1 + B_crit/B) and E(B) = S·B = E_min (1 + B/B_crit), with
/// B_crit = E_min/S_min (McCandlish, Kaplan, Amodei et al. 2018, eq. 2.11–2.12).
public struct ParetoLaw: Hashable, Sendable {
  /// S_min: the updates with an infinite batch.
  public var minimumUpdates: Double
  /// B_crit in observations: at this batch a run takes twice S_min and twice E_min.
  public var criticalBatch: Double

  /// E_min: the observations with an infinitely small batch.
  public var minimumObservations: Double { minimumUpdates * criticalBatch }

  /// S(B) in updates.
  public func updates(atBatch batch: Double) -> Double {
    minimumUpdates * (1 + criticalBatch / batch)
  }

  /// E(B) in observations.
  public func observations(atBatch batch: Double) -> Double {
    minimumUpdates * (batch + criticalBatch)
  }
}

/// The law in logarithms over the batches of one group:
/// ln S = ln S_min + rise, rise = ln(1 + (B_crit/B)^a). The law has a = 1; any other exponent only
/// asks how well it does.
struct LawShape {
  /// ln of the batches, one per stratum.
  let logBatches: [Double]
  var exponent = 1.0
  /// Values of ln B_crit from which a search starts, at most half a unit apart. They extend a
  /// factor of 10⁴ beyond the batches, where S·B, or S, is level to 1e-4.
  let grid: [Double]
  /// Outside this range, a factor of 10³ beyond the batches, ln B_crit counts as unbounded.
  let ends: ClosedRange<Double>

  /// `logBatches` is not empty.
  init(logBatches: [Double]) {
    self.logBatches = logBatches
    let (least, most) = (logBatches.min() ?? 0, logBatches.max() ?? 0)
    let (lower, upper) = (least - log(1e4), most + log(1e4))
    ends = (least - log(1e3))...(most + log(1e3))
    let steps = Int(((upper - lower) / 0.5).rounded(.up))
    grid = (0...steps).map { lower + (upper - lower) * Double($0) / Double(steps) }
  }

  func rise(_ stratum: Int, logCritical: Double) -> Double {
    softplus(exponent * (logCritical - logBatches[stratum]))
  }

  /// Weighted least squares of ln S over strata. The level is profiled out (it is the mean
  /// residual), which leaves one dimension.
  func leastSquares(_ values: [Double], weights: [Double]) -> (logCritical: Double, Profile) {
    var best = (index: 0, value: Double.infinity)
    for (index, logCritical) in grid.enumerated() {
      let squares = profile(values, weights, logCritical: logCritical).squares
      if squares < best.value { best = (index, squares) }
    }
    let bracket = grid[max(best.index - 1, 0)]...grid[min(best.index + 1, grid.count - 1)]
    let logCritical = minimum(in: bracket, tolerance: 1e-9) {
      profile(values, weights, logCritical: $0).squares
    }
    return (logCritical, profile(values, weights, logCritical: logCritical))
  }

  /// The best ln S_min at a given ln B_crit, and Σ weight × residual².
  struct Profile {
    var level: Double
    var squares: Double
  }

  func profile(_ values: [Double], _ weights: [Double], logCritical: Double) -> Profile {
    var (sum, total, squares) = (0.0, 0.0, 0.0)
    for i in values.indices {
      sum += weights[i] * (values[i] - rise(i, logCritical: logCritical))
      total += weights[i]
    }
    let level = sum / total
    for i in values.indices {
      let residual = values[i] - rise(i, logCritical: logCritical) - level
      squares += weights[i] * residual * residual
    }
    return Profile(level: level, squares: squares)
  }
}

/// ln(1 + eˣ) without overflow.
func softplus(_ x: Double) -> Double {
  x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
}

/// The arithmetic mean; 0 for an empty list.
func mean(_ values: some Collection<Double>) -> Double {
  values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}
