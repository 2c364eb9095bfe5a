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
/// ln S = ln S_min + rise, rise = ln(1 + B_crit/B).
struct LawShape {
  /// ln of the batches, one per stratum.
  let logBatches: [Double]
  /// Values of ln B_crit from which a search starts, at most half a unit apart. They extend a
  /// factor of 10⁴ beyond the batches, where S·B, or S, is level to 1e-4.
  let grid: [Double]
  /// Outside this range, a factor of 10³ beyond the batches, ln B_crit counts as unbounded.
  let ends: ClosedRange<Double>
  /// centred[k][i]: the rise at grid point k and stratum i, minus its mean over strata.
  private let centred: [[Double]]

  /// `logBatches` is not empty.
  init(logBatches: [Double]) {
    self.logBatches = logBatches
    let (least, most) = (logBatches.min() ?? 0, logBatches.max() ?? 0)
    let (lower, upper) = (least - log(1e4), most + log(1e4))
    ends = (least - log(1e3))...(most + log(1e3))
    let steps = Int(((upper - lower) / 0.5).rounded(.up))
    grid = (0...steps).map { lower + (upper - lower) * Double($0) / Double(steps) }
    centred = grid.map { logCritical in
      let rises = logBatches.map { softplus(logCritical - $0) }
      let mean = mean(rises)
      return rises.map { $0 - mean }
    }
  }

  func rise(_ stratum: Int, logCritical: Double) -> Double {
    softplus(logCritical - logBatches[stratum])
  }

  /// Least squares of ln S over strata. The level is profiled out (it is the mean residual), which
  /// leaves one dimension. Returns ln B_crit and ln S_min.
  func leastSquares(_ values: [Double]) -> (logCritical: Double, level: Double) {
    let centre = mean(values)
    var best = (index: 0, value: Double.infinity)
    for (index, rises) in centred.enumerated() {
      var sum = 0.0
      for i in values.indices {
        let residual = values[i] - centre - rises[i]
        sum += residual * residual
      }
      if sum < best.value { best = (index, sum) }
    }
    let logCritical = minimum(in: bracket(best.index), tolerance: 1e-9) { candidate in
      profile(values, logCritical: candidate).squares
    }
    return (logCritical, profile(values, logCritical: logCritical).level)
  }

  /// The interval between the neighbours of a grid point.
  func bracket(_ index: Int) -> ClosedRange<Double> {
    grid[max(index - 1, 0)]...grid[min(index + 1, grid.count - 1)]
  }

  private func profile(
    _ values: [Double], logCritical: Double
  ) -> (squares: Double, level: Double) {
    var (sum, squares) = (0.0, 0.0)
    for i in values.indices { sum += values[i] - rise(i, logCritical: logCritical) }
    let level = sum / Double(values.count)
    for i in values.indices {
      let residual = values[i] - rise(i, logCritical: logCritical) - level
      squares += residual * residual
    }
    return (squares, level)
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
