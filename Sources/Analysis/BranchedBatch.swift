import Foundation
public import Records

/// The largest batch that loses no more than a given share of the progress.
///
/// Progress is the rise of a branch's score. The mean progress at each batch is made monotone
/// (pool adjacent violators) and divided by that of the smallest batch; where it crosses 1 − loss
/// is interpolated in the logarithm of the batch. The 95 % interval comes from resamples of the
/// repetitions at each batch and at the start, stretched by √(n/(n−1)).
///
/// If progress falls as the law says, as 1/(1 + B/B_crit), half of it is lost at
/// B_crit + 2·(the smallest batch).
public struct BranchedBatch: Codable, Hashable, Sendable {
  /// Share of the progress that may be lost.
  var loss: Double
  /// In observations. A lower bound if no batch lost that much significantly; `nil` if the smallest
  /// batch made no significant progress.
  @Nullable public var batch: Estimate?

  /// - Parameters:
  ///   - start: scores of the policy that the branches start from.
  ///   - branches: batches, ascending, with the scores of their repetitions.
  public init(
    loss: Double, start: [Double], branches: [(batch: Double, scores: [Double])], seed: Int = 1,
    resamples: Int = 2000
  ) {
    self.loss = loss
    guard !start.isEmpty, !branches.isEmpty, branches.allSatisfy({ !$0.scores.isEmpty }) else {
      return
    }
    let batches = branches.map(\.batch)
    let means = branches.map { mean($0.scores) }
    let value = Self.crossing(loss, batches, means.map { $0 - mean(start) })
    var random = SplitMix(seed: seed)
    var draws: [Double] = []
    var without = 0
    for _ in 0..<max(resamples, 0) {
      let origin = resampledMean(start, &random)
      let progress = branches.map { resampledMean($0.scores, &random) - origin }
      if let drawn = Self.crossing(loss, batches, progress) {
        draws.append(drawn)
      } else {
        without += 1
      }
    }
    guard let value, Double(without) <= 0.025 * Double(resamples) else { return }
    draws.sort()
    let (low, high) = (percentile(0.025, ofSorted: draws), percentile(0.975, ofSorted: draws))
    if value.isFinite, high?.isFinite ?? true {
      batch = Estimate(value: value, low: low, high: high)
    } else {
      batch = .bound(above: low.map { min($0, batches[batches.count - 1]) })
    }
  }

  /// The batch at which a share of the progress is lost; infinite beyond the largest batch, `nil`
  /// without progress at the smallest.
  private static func crossing(
    _ loss: Double, _ batches: [Double], _ progress: [Double]
  ) -> Double? {
    let falling = monotone(progress)
    guard falling[0] > 0 else { return nil }
    let left = falling.map { $0 / falling[0] }
    guard let after = left.firstIndex(where: { $0 < 1 - loss }) else { return .infinity }
    let share = (left[after - 1] - (1 - loss)) / (left[after - 1] - left[after])
    return batches[after - 1] * pow(batches[after] / batches[after - 1], share)
  }

  /// The falling sequence that is closest in least squares.
  static func monotone(_ numbers: [Double]) -> [Double] {
    var pools: [(sum: Double, count: Int)] = []
    for number in numbers {
      pools.append((number, 1))
      while pools.count > 1 {
        let (last, before) = (pools[pools.count - 1], pools[pools.count - 2])
        guard last.sum / Double(last.count) > before.sum / Double(before.count) else { break }
        pools.removeLast()
        pools[pools.count - 1] = (last.sum + before.sum, last.count + before.count)
      }
    }
    return pools.flatMap { Array(repeating: $0.sum / Double($0.count), count: $0.count) }
  }
}

private func resampledMean(_ values: [Double], _ random: inout SplitMix) -> Double {
  let centre = mean(values)
  guard values.count > 1 else { return centre }
  let count = Double(values.count)
  let stretch = (count / (count - 1)).squareRoot()
  let drawn = values.indices.reduce(0.0) { sum, _ in
    sum + values[random.index(below: values.count)] - centre
  }
  return centre + stretch * drawn / count
}
