import Foundation
public import Records

/// How one quantity depends on another over tasks: their rank correlation, and the power law
/// Y = K·X^a, fitted with errors in both quantities (`UncertainLine`).
///
/// The 95 % interval of ρ comes from resampling games with replacement (`GameResamples`). In every
/// resample, uncertain values are also drawn from their own intervals. Resamples without variation
/// are left out. The interval of a is that of the line if every task is a game of its own.
/// Otherwise it comes from the jackknife over games, with two degrees of freedom fewer than there
/// are games.
public struct Relation: Codable, Hashable, Sendable {
  /// With fewer tasks there are no numbers: with three, one order in three correlates perfectly.
  public static let fewestTasks = 4
  /// The note for correlations without an interval.
  public static let noInterval = "too few games for an interval"

  /// Number of tasks for which both quantities are known.
  public var tasks: Int
  /// Number of games that they are variants of.
  public var games: Int
  /// Spearman's ρ with mid-ranks for ties; no interval for fewer than five games.
  @Nullable public var rankCorrelation: Estimate?
  /// Exact two-sided p-value of ρ over all orders of the tasks; `nil` with more than nine, or with
  /// variants of one game, whose values can't change places with all others.
  @Nullable public var pValue: Double?
  /// a of Y = K·X^a; an end that the tasks leave open is `nil`.
  @Nullable public var exponent: Estimate?
  /// K, in the unit of Y over that of X^a.
  @Nullable public var coefficient: Double?
  /// Why there are no numbers.
  @Nullable public var reason: String?

  private enum CodingKeys: String, CodingKey {
    case tasks, games, exponent, coefficient, reason
    case rankCorrelation = "rank_correlation"
    case pValue = "p_value"
  }

  init(_ pairs: [UncertainPair], seed: Int, resamples: Int) {
    let resampled = GameResamples(pairs.map(\.game), seed: seed, resamples: resamples)
    (tasks, games) = (pairs.count, resampled.count)
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
    let ends = lacksInterval ? nil : resampled.redrawn(pairs, Analysis.rankCorrelation)
    rankCorrelation = Estimate(correlation, ends)
    exponent = Estimate(
      line.slope, resampled.isPlain ? line.slopeInterval : resampled.slopeInterval(line, pairs))
    coefficient = exp(line.level)
    pValue = resampled.isPlain ? permutationProbability(x, y) : nil
  }

  /// Whether there are enough tasks for correlations, and too few games for their intervals.
  public var lacksInterval: Bool {
    tasks >= Self.fewestTasks && games < GameResamples.fewestGames
  }
}

extension GameResamples {
  /// The interval of a statistic of pairs, each drawn anew from the errors of its quantities.
  func redrawn(
    _ pairs: [UncertainPair], _ statistic: ([Double], [Double]) -> Double?
  ) -> ClosedRange<Double>? {
    interval { places, random in
      let x = places.map { pairs[$0].x.drawn(&random) }
      let y = places.map { pairs[$0].y.drawn(&random) }
      return statistic(x, y)
    }
  }

  /// The slope ± t s, where s² = (G − 1)/G Σ (slope without a game − their mean)² over G games (the
  /// jackknife; Tukey 1958), and t has G − 2 degrees of freedom. `nil` with fewer than three games,
  /// or if there is no line without one of them.
  fileprivate func slopeInterval(
    _ line: UncertainLine, _ pairs: [UncertainPair]
  ) -> ClosedRange<Double>? {
    let slopes = withoutOne { places in UncertainLine(places.map { pairs[$0] })?.slope }
      .compactMap { $0 }
    guard count > 2, slopes.count == count else { return nil }
    let centre = mean(slopes)
    let squares = slopes.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let deviation = (Double(count - 1) / Double(count) * squares).squareRoot()
    let half = studentDeviations(freedom: Double(count - 2)) * deviation
    return line.slope - half...line.slope + half
  }
}

extension Estimate {
  /// A value with the ends of its interval, if they are known.
  init(_ value: Double, _ ends: ClosedRange<Double>?) {
    self.init(value: value, low: ends?.lowerBound, high: ends?.upperBound)
  }
}
