import Foundation
import Records

extension Estimate {
  /// The law-weighted noise scale of several runs, in observations, with a 95 % interval
  /// (`PooledNoise`). With one or two batches, single runs have no interval. `nil` if no run has
  /// moments, or nothing can be said.
  static func noiseScale(
    of runs: [Run], _ noise: (Run) -> LawWeightedNoise? = \.noise
  ) -> Estimate? {
    let measured = runs.compactMap { run in noise(run).map { (batch: run.batch, sums: $0) } }
      .filter { $0.sums.numerator.isFinite && $0.sums.denominator.isFinite }
    // In an order that does not depend on that of the runs.
    let batches = Dictionary(grouping: measured, by: \.batch).sorted { $0.key < $1.key }.map {
      $1.map(\.sums).sorted {
        ($0.denominator, $0.numerator) < ($1.denominator, $1.numerator)
      }
    }
    return batches.isEmpty ? nil : PooledNoise(batches).estimate
  }
}

/// A noise scale over several batches: Σ n/Σ d, where n and d are a batch's numerator and
/// denominator, averaged over its runs.
///
/// Noise scales at different batches differ by more than the scatter of their runs explains
/// (`batchScatter`), so every batch counts once, however many runs it has. If B_crit and the noise
/// scale differ, n and d also depend on the batch, both by the factor (B_crit + B)/(B_noise + B).
/// That is no error, so all errors are those of quotients:
///
/// - With three or more batches, the variance of its logarithm comes from the jackknife over
///   batches, (k − 1)/k Σ (ln quotient without a batch − ln quotient)² for k batches, with k − 1
///   degrees of freedom.
/// - With fewer, it comes from the runs within batches: from what their denominators differ from
///   numerator/quotient, as a share of the batch's mean. With one run each there is no interval.
///
/// The latter also decides whether the denominator is significantly positive. If it isn't, there is
/// only a lower bound, or nothing.
struct PooledNoise {
  /// With fewer batches, the interval leaves out what batches differ by.
  static let fewestBatches = 3
  /// Standard deviation of ln noise scale over the batches of a task, from the reference studies
  /// with policy gradient (PPO: 0.4).
  static let batchScatter = 0.3

  private let means: [LawWeightedNoise]
  private let total: LawWeightedNoise
  /// Standard error of the denominator from the scatter of runs; 0 if no batch has two.
  private let error: Double
  private let freedom: Double

  /// - Parameter batches: the runs of each.
  init(_ batches: [[LawWeightedNoise]]) {
    means = batches.map { runs in
      let sum = runs.total
      let count = Double(runs.count)
      return LawWeightedNoise(
        numerator: sum.numerator / count, denominator: sum.denominator / count)
    }
    let total = means.total
    self.total = total
    let inverse = total.denominator / total.numerator
    var (squares, freedom, variance) = (0.0, 0.0, 0.0)
    for (runs, mean) in zip(batches, means) where mean.numerator > 0 {
      for run in runs {
        let rest =
          run.denominator - mean.denominator - inverse * (run.numerator - mean.numerator)
        squares += rest * rest / (mean.numerator * mean.numerator)
      }
      freedom += Double(runs.count - 1)
      variance += mean.numerator * mean.numerator / Double(runs.count)
    }
    error = freedom > 0 ? (squares / freedom * variance).squareRoot() : 0
    self.freedom = freedom
  }

  var estimate: Estimate? {
    let (n, d) = (total.numerator, total.denominator)
    guard n > 0 else { return d > 0 ? Estimate(value: 0) : nil }
    let reach = freedom > 0 ? studentDeviations(freedom: freedom) * error : 0
    let bound = freedom > 0 && d + reach > 0 ? Estimate.bound(above: n / (d + reach)) : nil
    guard d > reach else { return bound }
    if means.count < Self.fewestBatches {
      return freedom > 0 ? interval(half: reach / d) : Estimate(value: n / d)
    }
    guard let deviation = jackknifed else { return bound }
    return interval(half: studentDeviations(freedom: Double(means.count - 1)) * deviation)
  }

  private func interval(half: Double) -> Estimate {
    let value = total.numerator / total.denominator
    return Estimate(value: value, low: value * exp(-half), high: value * exp(half))
  }

  /// The standard error of the logarithm by the jackknife; `nil` if without one of the batches
  /// there is no positive quotient.
  private var jackknifed: Double? {
    let quotient = total.numerator / total.denominator
    var squares = 0.0
    for mean in means {
      let n = total.numerator - mean.numerator
      let d = total.denominator - mean.denominator
      guard n > 0, d > 0 else { return nil }
      squares += pow(log(n / d / quotient), 2)
    }
    let count = Double(means.count)
    return ((count - 1) / count * squares).squareRoot()
  }
}

extension [LawWeightedNoise] {
  fileprivate var total: LawWeightedNoise { reduce(into: LawWeightedNoise()) { $0 += $1 } }
}
