import Foundation
public import Records

/// Which fitted targets a score is about.
public enum TargetSet: String, CaseIterable, Codable, Sendable {
  /// Every fitted target.
  case all
  /// The hardest of each task.
  case hardest
  /// The easiest of each task.
  case easiest
}

/// How well the noise scale predicts B_crit over a set of targets, with nothing fitted, and how
/// well the controls do.
///
/// All ratios are log10(predicted/B_crit). Intervals (95 %) are bootstrapped over games; those of
/// r² and ρ also redraw each value within its own interval (`Relation`).
public struct PredictionScore: Codable, Hashable, Sendable {
  /// With fewer targets no median is given.
  public static let fewestTargets = 3
  /// Targets with an S_min below this are reached in a handful of updates.
  public static let fewUpdates = 5.0

  public var targetSet: TargetSet
  /// S_min of the targets is at least this; `nil` if it may be anything.
  @Nullable public var leastUpdates: Double?
  /// Number of targets with a prediction, of their tasks, and of the games of these.
  public var targets: Int
  public var tasks: Int
  public var games: Int
  /// Number of further targets of the set that have no prediction.
  public var unpredicted: Int
  /// Median of the magnitude of the ratio.
  @Nullable public var medianLogRatio: Estimate?
  /// Root mean square of the ratio: the distance from the identity.
  @Nullable public var rmsLogRatio: Estimate?
  /// Squared correlation of the logarithms, which ignores a constant factor between them; `nil`
  /// with fewer than four targets, like ρ.
  @Nullable public var rSquared: Estimate?
  /// Spearman's ρ.
  @Nullable public var rankCorrelation: Estimate?
  /// The values, each with its range when one game is left out.
  public var withoutOneGame: LeftOut
  public var controls: [RivalScore<PredictionControl>]
  /// The noise scales of parts of the gradient as the prediction instead.
  public var parts: [RivalScore<GradientPart>]

  /// Ranges when one game is left out, in place of intervals. `nil` if the targets without one of
  /// the games are too few, or have no value.
  public struct LeftOut: Codable, Hashable, Sendable {
    @Nullable public var medianLogRatio: Estimate?
    @Nullable public var rmsLogRatio: Estimate?
    @Nullable public var rSquared: Estimate?
    @Nullable public var rankCorrelation: Estimate?

    private enum CodingKeys: String, CodingKey {
      case medianLogRatio = "median_log10_ratio"
      case rmsLogRatio = "rms_log10_ratio"
      case rSquared = "r_squared"
      case rankCorrelation = "rank_correlation"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case targets, tasks, games, unpredicted, controls, parts
    case targetSet = "set"
    case leastUpdates = "least_minimum_updates"
    case medianLogRatio = "median_log10_ratio"
    case rmsLogRatio = "rms_log10_ratio"
    case rSquared = "r_squared"
    case rankCorrelation = "rank_correlation"
    case withoutOneGame = "without_one_game"
  }
}

/// Another prediction of B_crit, a control or the noise scale of a part of the gradient, over the
/// targets for which it is known.
public struct RivalScore<Rival: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  public var rival: Rival
  public var targets: Int
  public var games: Int
  /// As for the noise scale. A control's are over targets of games that it was not fitted to.
  @Nullable public var medianLogRatio: Estimate?
  @Nullable public var rmsLogRatio: Estimate?
  /// The rms of the noise scale minus that of the rival, over the same targets. Below 0, the noise
  /// scale is better. Its interval resamples games, with both predictions of each target.
  @Nullable public var difference: Estimate?

  private enum CodingKeys: String, CodingKey {
    case rival, targets, games
    case medianLogRatio = "median_log10_ratio"
    case rmsLogRatio = "rms_log10_ratio"
    case difference = "rms_difference"
  }
}

extension PredictionScore {
  /// - Parameter all: The targets of the set. Those without a prediction are only counted.
  init(
    _ set: TargetSet, leastUpdates: Double? = nil, of all: [ComparedTarget], seed: Int,
    resamples: Int
  ) {
    let points = all.filter { $0.logRatio != nil }
    let misses = points.compactMap(\.logRatio)
    let pairs = points.compactMap(\.predictedPair)
    let games = GameResamples(points.map(\.game), seed: seed, resamples: resamples)
    self.init(
      targetSet: set, leastUpdates: leastUpdates, targets: points.count,
      tasks: Set(points.map(\.fit.question.taskVariant)).count, games: games.count,
      unpredicted: all.count - points.count, withoutOneGame: LeftOut(),
      controls: PredictionControl.allCases.map {
        RivalScore($0, points, seed: seed, resamples: resamples)
      },
      parts: GradientPart.allCases.map {
        RivalScore($0, points, seed: seed, resamples: resamples)
      })
    guard points.count >= Self.fewestTargets else { return }
    let hasInterval = games.count >= GameResamples.fewestGames
    /// A statistic of at least so many targets, with the interval that is given for it.
    func scored(
      _ fewest: Int, _ interval: ClosedRange<Double>?, _ statistic: ([Int]) -> Double?
    ) -> (estimate: Estimate?, range: Estimate?) {
      func ofEnough(_ places: [Int]) -> Double? {
        places.count < fewest ? nil : statistic(places)
      }
      guard let value = ofEnough(Array(points.indices)) else { return (nil, nil) }
      let others = games.withoutOne(ofEnough)
      let known = others.compactMap { $0 }
      return (
        Estimate(value, interval),
        known.count < others.count
          ? nil : Estimate(value: value, low: known.min(), high: known.max())
      )
    }
    func ofMisses(_ statistic: ([Double]) -> Double) -> (Estimate?, Estimate?) {
      func ofPlaces(_ places: [Int]) -> Double { statistic(places.map { misses[$0] }) }
      return scored(
        Self.fewestTargets, hasInterval ? games.interval { places, _ in ofPlaces(places) } : nil,
        ofPlaces)
    }
    func ofPairs(_ statistic: ([Double], [Double]) -> Double?) -> (Estimate?, Estimate?) {
      scored(Relation.fewestTasks, hasInterval ? games.redrawn(pairs, statistic) : nil) { places in
        statistic(places.map { pairs[$0].x.centre }, places.map { pairs[$0].y.centre })
      }
    }
    (medianLogRatio, withoutOneGame.medianLogRatio) = ofMisses(medianMagnitude)
    (rmsLogRatio, withoutOneGame.rmsLogRatio) = ofMisses(rootMeanSquare)
    (rSquared, withoutOneGame.rSquared) = ofPairs { x, y in
      straightLine(x, y).map { $0.correlation * $0.correlation }
    }
    (rankCorrelation, withoutOneGame.rankCorrelation) = ofPairs(Analysis.rankCorrelation)
  }
}

extension RivalScore<PredictionControl> {
  /// - Parameter points: Targets with a prediction by the noise scale.
  fileprivate init(
    _ control: PredictionControl, _ points: [ComparedTarget], seed: Int, resamples: Int
  ) {
    let known = points.compactMap { point in
      control.input(of: point).flatMap { x in
        point.predictedPair.map { (point: point, x: x, y: $0.y.centre) }
      }
    }
    let line = HeldOutLine(known.map { ($0.point.game, $0.x, $0.y) })
    self.init(
      control, known.map(\.point), misses: line?.misses.map { $0 / log(10) }, seed: seed,
      resamples: resamples)
  }
}

extension RivalScore<GradientPart> {
  /// - Parameter points: Targets with a prediction by the noise scale of the total.
  fileprivate init(_ part: GradientPart, _ points: [ComparedTarget], seed: Int, resamples: Int) {
    let known = points.compactMap { point in
      point.logRatio(of: point.fit.parts[part]).map { (point: point, miss: $0) }
    }
    self.init(
      part, known.map(\.point),
      misses: known.count < PredictionScore.fewestTargets ? nil : known.map(\.miss), seed: seed,
      resamples: resamples)
  }
}

extension RivalScore {
  /// - Parameter misses: log10(predicted/B_crit) of each target; `nil` if there is no score.
  fileprivate init(
    _ rival: Rival, _ points: [ComparedTarget], misses: [Double]?, seed: Int, resamples: Int
  ) {
    let games = GameResamples(points.map(\.game), seed: seed, resamples: resamples)
    self.init(rival: rival, targets: points.count, games: games.count)
    guard let misses else { return }
    let ofNoise = points.compactMap(\.logRatio)
    func estimate(_ statistic: ([Int]) -> Double) -> Estimate {
      Estimate(
        statistic(Array(points.indices)),
        games.count < GameResamples.fewestGames
          ? nil : games.interval { places, _ in statistic(places) })
    }
    medianLogRatio = estimate { places in medianMagnitude(places.map { misses[$0] }) }
    rmsLogRatio = estimate { places in rootMeanSquare(places.map { misses[$0] }) }
    difference = estimate { places in
      rootMeanSquare(places.map { ofNoise[$0] }) - rootMeanSquare(places.map { misses[$0] })
    }
  }
}

private func medianMagnitude(_ values: [Double]) -> Double { median(values.map(\.magnitude)) }

private func rootMeanSquare(_ values: [Double]) -> Double {
  mean(values.map { $0 * $0 }).squareRoot()
}
