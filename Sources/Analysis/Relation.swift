import Foundation
public import Records

/// How one quantity depends on another over tasks: their rank correlation, and the power law
/// Y = K·X^a, fitted with errors in both quantities (`UncertainLine`).
///
/// The 95% interval of ρ comes from resampling the tasks with replacement. In every resample,
/// uncertain values are also drawn from their own intervals. Resamples without spread are left out.
public struct Relation: Codable, Hashable, Sendable {
  /// With fewer tasks there are no numbers: with three, one order in three correlates perfectly.
  public static let fewestTasks = 4
  /// With fewer tasks the correlations have no interval: one resampled from four tasks need not
  /// even contain the value.
  static let fewestTasksForInterval = 5
  /// The note for correlations without an interval.
  public static let noInterval = "too few tasks for an interval"

  /// Number of tasks for which both quantities are known.
  public var tasks: Int
  /// Spearman's ρ with mid-ranks for ties; no interval for fewer than five tasks.
  @Nullable public var rankCorrelation: Estimate?
  /// Exact two-sided p-value of ρ over all orders of the tasks; `nil` with more than nine.
  @Nullable public var pValue: Double?
  /// a of Y = K·X^a; an end that the tasks leave open is `nil`.
  @Nullable public var exponent: Estimate?
  /// K, in the unit of Y over that of X^a.
  @Nullable public var coefficient: Double?
  /// Why there are no numbers.
  @Nullable public var reason: String?

  private enum CodingKeys: String, CodingKey {
    case tasks, exponent, coefficient, reason
    case rankCorrelation = "rank_correlation"
    case pValue = "p_value"
  }

  init(_ pairs: [UncertainPair], seed: Int, resamples: Int) {
    tasks = pairs.count
    guard tasks >= Self.fewestTasks else {
      let found = tasks == 1 ? "1 task" : "\(tasks) tasks"
      reason = "\(found); a relation needs at least \(Self.fewestTasks)"
      return
    }
    let (x, y) = (pairs.map(\.x.centre), pairs.map(\.y.centre))
    guard let line = UncertainLine(pairs), let correlation = Analysis.rankCorrelation(x, y) else {
      reason = "the tasks do not differ"
      return
    }
    let ends = intervals(of: pairs, seed: seed, resamples: resamples) { x, y in
      [Analysis.rankCorrelation(x, y)]
    }
    rankCorrelation = Estimate(correlation, lacksInterval ? nil : ends[0])
    exponent = Estimate(line.slope, line.slopeInterval)
    coefficient = exp(line.level)
    pValue = permutationProbability(x, y)
  }

  /// Whether there are enough tasks for correlations, and too few for their intervals.
  public var lacksInterval: Bool {
    (Self.fewestTasks..<Self.fewestTasksForInterval).contains(tasks)
  }
}

/// How well the noise scale predicts the critical batch, over tasks.
public struct Prediction: Codable, Hashable, Sendable {
  /// With fewer tasks no median is given.
  public static let fewestTasks = 3

  /// B_crit as a power of the prediction.
  public var relation: Relation
  /// Squared correlation of log B_crit with the log of the prediction; no interval for fewer than
  /// five tasks.
  @Nullable public var rSquared: Estimate?
  /// Median of |log10(prediction/B_crit)|.
  @Nullable public var medianLogRatio: Estimate?

  private enum CodingKeys: String, CodingKey {
    case relation
    case rSquared = "r_squared"
    case medianLogRatio = "median_log10_ratio"
  }

  /// - Parameter pairs: x is the prediction, y the critical batch.
  init(_ pairs: [UncertainPair], seed: Int, resamples: Int) {
    relation = Relation(pairs, seed: seed, resamples: resamples)
    guard pairs.count >= Self.fewestTasks else { return }
    func share(_ x: [Double], _ y: [Double]) -> Double? {
      straightLine(x, y).map { $0.correlation * $0.correlation }
    }
    func miss(_ x: [Double], _ y: [Double]) -> Double {
      median(zip(x, y).map { ($0 - $1).magnitude / log(10) })
    }
    let ends = intervals(of: pairs, seed: seed, resamples: resamples) { [share($0, $1)] }
    // The values already contain their errors; drawing them again would only enlarge distances.
    let missEnds = intervals(of: pairs, seed: seed, resamples: resamples, redrawing: false) {
      [miss($0, $1)]
    }
    let (x, y) = (pairs.map(\.x.centre), pairs.map(\.y.centre))
    medianLogRatio = Estimate(miss(x, y), missEnds[0])
    guard pairs.count >= Relation.fewestTasks else { return }
    rSquared = share(x, y).map { Estimate($0, relation.lacksInterval ? nil : ends[0]) }
  }
}

extension Estimate {
  fileprivate init(_ value: Double, _ ends: ClosedRange<Double>?) {
    self.init(value: value, low: ends?.lowerBound, high: ends?.upperBound)
  }
}

/// The central 95% of each statistic over resamples of the pairs; `nil` if fewer than half of the
/// resamples have the statistic.
private func intervals(
  of pairs: [UncertainPair], seed: Int, resamples: Int, redrawing: Bool = true,
  statistics: ([Double], [Double]) -> [Double?]
) -> [ClosedRange<Double>?] {
  var random = SplitMix(seed: seed)
  var drawn = statistics(pairs.map(\.x.centre), pairs.map(\.y.centre)).map { _ in [Double]() }
  for _ in 0..<max(resamples, 0) {
    let chosen = pairs.map { _ in pairs[random.index(below: pairs.count)] }
    let x = chosen.map { redrawing ? $0.x.drawn(&random) : $0.x.centre }
    let y = chosen.map { redrawing ? $0.y.drawn(&random) : $0.y.centre }
    for (index, value) in statistics(x, y).enumerated() {
      if let value { drawn[index].append(value) }
    }
  }
  return drawn.map { values in
    let sorted = values.sorted()
    guard 2 * sorted.count > resamples, let low = percentile(0.025, ofSorted: sorted),
      let high = percentile(0.975, ofSorted: sorted)
    else { return nil }
    return low...high
  }
}
