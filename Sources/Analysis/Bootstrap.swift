import Foundation

/// Laws fitted to resampled runs; the intervals come from them.
///
/// Each batch keeps its mean and resamples its residuals with replacement, stretched by √(n/(n−1))
/// because n runs lie closer to their own mean than to the true one. A censored run has the
/// residual of its limit and stays censored when it is drawn; in the mean it counts with its
/// expected value. A batch with a single run that reached the target draws from the residuals of
/// all other batches. Runs that were set aside are not used.
///
/// In simulations the 95% intervals of B_crit cover the truth in 92 % of studies with five seeds
/// per batch, and in 88 % with six seeds if most runs of the largest batches are censored.
struct Bootstrap {
  /// The fits of all resamples that could be fitted.
  private(set) var fits: [LawFit] = []
  /// Variance of ln S among runs that reached the target, pooled over batches; `nil` if no batch
  /// has two such runs.
  let variance: Double?
  /// Its degrees of freedom.
  let freedom: Int

  private struct Residual {
    var value: Double
    var isLimit: Bool
  }

  private struct Cell {
    var centre: Double
    /// The residuals to draw from, and the number of draws.
    var residuals: [Residual]
    var draws: Int
  }

  init(_ strata: [Stratum], fit: LawFit, shape: LawShape, _ settings: BootstrapSettings) {
    var (squares, degrees) = (0.0, 0)
    for stratum in strata where stratum.reached.count > 1 {
      let mean = mean(stratum.reached)
      squares += stratum.reached.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      degrees += stratum.reached.count - 1
    }
    variance = degrees > 0 ? squares / Double(degrees) : nil
    freedom = degrees
    guard let cells = Bootstrap.cells(strata, fit: fit) else { return }

    var random = SplitMix(seed: settings.seed)
    fits.reserveCapacity(settings.resamples)
    var drawn = strata
    for _ in 0..<settings.resamples {
      for (index, cell) in cells.enumerated() {
        drawn[index].reached.removeAll(keepingCapacity: true)
        drawn[index].limits.removeAll(keepingCapacity: true)
        for _ in 0..<cell.draws {
          let residual = cell.residuals[random.index(below: cell.residuals.count)]
          if residual.isLimit {
            drawn[index].limits.append(cell.centre + residual.value)
          } else {
            drawn[index].reached.append(cell.centre + residual.value)
          }
        }
      }
      if let fit = LawFit(drawn, shape: shape, near: fit) { fits.append(fit) }
    }
  }

  /// `nil` if no batch has two runs: then there is nothing to resample.
  private static func cells(_ strata: [Stratum], fit: LawFit) -> [Cell]? {
    var cells = strata.map { stratum in
      let centre = fit.value(of: stratum)
      let count = Double(stratum.count)
      let stretch = stratum.count > 1 ? (count / (count - 1)).squareRoot() : 1
      let residuals =
        stratum.reached.map { Residual(value: stretch * ($0 - centre), isLimit: false) }
        + stratum.limits.map { Residual(value: stretch * ($0 - centre), isLimit: true) }
      return Cell(
        centre: centre, residuals: residuals, draws: stratum.count)
    }
    let shared = cells.filter { $0.draws > 1 }.flatMap(\.residuals)
    guard !shared.isEmpty else { return nil }
    let reached = shared.filter { !$0.isLimit }
    for index in cells.indices where cells[index].draws == 1 {
      if !strata[index].reached.isEmpty, !reached.isEmpty { cells[index].residuals = reached }
    }
    return cells
  }

  /// The central 95% of a quantity over the resamples; `nil` without resamples.
  func interval(_ quantity: (LawFit) -> Double) -> ClosedRange<Double>? {
    let sorted = fits.map(quantity).sorted()
    guard let low = percentile(0.025, ofSorted: sorted),
      let high = percentile(0.975, ofSorted: sorted), low <= high
    else { return nil }
    return low...high
  }
}

extension Bootstrap {
  /// Half the width of the 95% interval of a batch's mean ln S; `nil` if no batch has two runs that
  /// reached the target.
  func halfInterval(variance: Double, seeds: Int) -> Double? {
    guard freedom > 0, seeds > 0 else { return nil }
    return studentDeviations(freedom: Double(freedom)) * (variance / Double(seeds)).squareRoot()
  }

  /// The central 95% of S over the resamples, at batches evenly spaced in their logarithm.
  func band(from first: Double, to last: Double) -> [LawBand] {
    let steps = 40
    return (0...steps).compactMap { step in
      let batch = first * pow(last / first, Double(step) / Double(steps))
      return interval { $0.expected(atBatch: batch) }.map {
        LawBand(batch: batch, low: exp($0.lowerBound), high: exp($0.upperBound))
      }
    }
  }
}
