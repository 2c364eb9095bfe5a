import Records

extension Estimate {
  /// With at least this many batches, the interval of a pooled noise scale comes from the scatter
  /// between them.
  private static let fewestBatches = 3

  /// The law-weighted noise scale of several runs, in observations: Σ numerators/Σ denominators,
  /// with a 95 % interval (`NoiseQuotient`).
  ///
  /// Noise scales at different batches differ by more than the scatter of their runs explains: by
  /// 0.23 in ln in the reference studies. So with three or more batches each counts as one draw,
  /// the sum over its runs, and the interval comes from the scatter between batches. With fewer,
  /// the runs are the draws, and the interval is that of the noise scale at these batches. A single
  /// run has no interval. `nil` if no run has moments, or nothing can be said.
  static func noiseScale(
    of runs: [Run], _ noise: (Run) -> LawWeightedNoise? = \.noise
  ) -> Estimate? {
    let measured = runs.compactMap { run in noise(run).map { (batch: run.batch, sums: $0) } }
      .filter { $0.sums.numerator.isFinite && $0.sums.denominator.isFinite }
    // In an order that does not depend on that of the runs.
    let cells = Dictionary(grouping: measured, by: \.batch).sorted { $0.key < $1.key }.map {
      $1.map(\.sums).sorted {
        ($0.denominator, $0.numerator) < ($1.denominator, $1.numerator)
      }
    }
    let draws = cells.count < fewestBatches ? cells.flatMap { $0 } : cells.map { $0.total }
    let total = draws.total
    guard draws.count > 1 else {
      return total.estimate.map { Estimate(value: $0) }
    }
    let count = Double(draws.count)
    var covariance = NoiseQuotient.Covariance()
    for draw in draws {
      let n = draw.numerator - total.numerator / count
      let d = draw.denominator - total.denominator / count
      covariance += .init(nn: n * n, nd: n * d, dd: d * d)
    }
    return NoiseQuotient(
      numerator: total.numerator, denominator: total.denominator,
      covariance: covariance.times(count / (count - 1))
    ).estimate(freedom: count - 1)
  }
}

extension [LawWeightedNoise] {
  fileprivate var total: LawWeightedNoise { reduce(into: LawWeightedNoise()) { $0 += $1 } }
}
