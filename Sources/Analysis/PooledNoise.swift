import Records

extension Estimate {
  /// The law-weighted noise scale of several runs, in observations: Σ numerators/Σ denominators,
  /// with a 95% bootstrap interval over runs, stratified by batch.
  ///
  /// Each batch keeps its mean sums and resamples the deviations, stretched by √(n/(n−1));
  /// numerator and denominator of a run stay together. If the denominator is not significantly
  /// positive (at least 2.5% of its resamples are 0 or less), the noise scale only has a lower
  /// bound; a resample without a positive denominator counts as infinite. `nil` if no run has
  /// moments or nothing can be said.
  static func noiseScale(
    of runs: [Run], seed: Int = 1, resamples: Int = 2000
  ) -> Estimate? {
    let cells = cells(of: runs)
    guard !cells.isEmpty else { return nil }
    let total = cells.joined().reduce(into: LawWeightedNoise()) { $0 += $1 }
    let value = total.estimate
    guard cells.contains(where: { $0.count > 1 }), resamples > 0 else {
      return value.map { Estimate(value: $0) }
    }

    var random = SplitMix(seed: seed)
    let sums = (0..<resamples).map { _ in resampled(cells, random: &random) }
    let denominators = sums.map(\.denominator).sorted()
    let quotients = sums.map { $0.estimate ?? .infinity }.sorted()
    guard let least = percentile(0.025, ofSorted: denominators),
      let low = percentile(0.025, ofSorted: quotients),
      let high = percentile(0.975, ofSorted: quotients)
    else { return nil }
    if least > 0, let value { return Estimate(value: value, low: low, high: high) }
    return .bound(above: low)
  }

  /// The sums of the runs by batch, in an order that does not depend on that of the runs.
  private static func cells(of runs: [Run]) -> [[LawWeightedNoise]] {
    let measured = runs.filter {
      $0.noise.map { $0.numerator.isFinite && $0.denominator.isFinite } ?? false
    }
    return Dictionary(grouping: measured, by: \.batch).sorted { $0.key < $1.key }.map { _, runs in
      runs.compactMap(\.noise).sorted {
        ($0.denominator, $0.numerator) < ($1.denominator, $1.numerator)
      }
    }
  }

  private static func resampled(
    _ cells: [[LawWeightedNoise]], random: inout SplitMix
  ) -> LawWeightedNoise {
    var total = LawWeightedNoise()
    for cell in cells {
      let count = Double(cell.count)
      let sum = cell.reduce(into: LawWeightedNoise()) { $0 += $1 }
      total += sum
      guard cell.count > 1 else { continue }
      let stretch = (count / (count - 1)).squareRoot()
      for _ in cell.indices {
        let drawn = cell[random.index(below: cell.count)]
        total.numerator += stretch * (drawn.numerator - sum.numerator / count)
        total.denominator += stretch * (drawn.denominator - sum.denominator / count)
      }
    }
    return total
  }
}
