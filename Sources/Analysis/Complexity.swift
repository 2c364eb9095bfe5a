import Foundation

/// Facts about a task that do not come from its runs.
public struct TaskTraits: Hashable, Sendable {
  /// The game that the task is a variant of; `nil` if it is a game of its own.
  public var game: String?
  /// Numbers in an observation.
  var observationSize: Int
  /// Steps of a typical episode.
  var episodeLength: Int
  /// Number of states; `nil` if they were not counted.
  var states: Int?
  /// Mean score of random actions, and the best known score.
  var randomScore: Double
  var bestScore: Double
  /// The score of missing the goal; `nil` for tasks without a goal.
  var failureScore: Double?

  public init(
    game: String? = nil, observationSize: Int, episodeLength: Int, states: Int? = nil,
    randomScore: Double, bestScore: Double, failureScore: Double? = nil
  ) {
    self.game = game
    self.observationSize = observationSize
    self.episodeLength = episodeLength
    self.states = states
    self.randomScore = randomScore
    self.bestScore = bestScore
    self.failureScore = failureScore
  }
}

/// A measure of how hard it is to reach a target. There are several.
public enum ComplexityAxis: String, CaseIterable, Codable, Sendable {
  /// E_min of the fit. It contains B_crit, so part of the relation of the two is built in.
  case data = "minimum_observations"
  /// S_min of the fit.
  case updates = "minimum_updates"
  /// Observations to the target at the reference batch.
  case reference = "reference_observations"
  /// C_min, in operations.
  case compute = "minimum_operations"
  /// (target − random score)/(best score − random score).
  case progress = "normalized_score"
  /// (1 − p)/p for tasks with a goal, where p is the probability of reaching it
  /// (Hilton, Tang, Schulman 2023).
  case odds = "failure_odds"
  case states
  case episodeLength = "episode_length"
  case observationSize = "observation_size"

  public var unit: String {
    switch self {
    case .data, .reference: "observations"
    case .updates: "updates"
    case .compute: "operations"
    case .progress, .odds: "1"
    case .states: "states"
    case .episodeLength: "steps"
    case .observationSize: "numbers"
    }
  }

  /// The measure for one fit; `nil` if it is unknown or not positive.
  func value(of report: FitReport, traits: TaskTraits?, referenceBatch: Double) -> Double? {
    let value =
      switch self {
      case .data: report.minimumObservations?.value
      case .updates: report.minimumUpdates?.value
      case .reference: report.observations(atBatch: referenceBatch)
      case .compute: report.compute?.minimumOperations?.value
      case .progress: traits.flatMap { $0.progress(report.question.target?.value) }
      case .odds: traits.flatMap { $0.failureOdds(report.question.target?.value) }
      case .states: traits?.states.map(Double.init)
      case .episodeLength: traits.map { Double($0.episodeLength) }
      case .observationSize: traits.map { Double($0.observationSize) }
      }
    return value.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
  }

  /// The measure and B_crit, or its prediction, with the errors of both. S_min and E_min come from
  /// the fit of B_crit, so their errors go together: from E_min = S_min B_crit, twice the covariance
  /// of ln B_crit and ln E_min is var E_min + var B_crit − var S_min, and that with S_min is
  /// var E_min − var B_crit − var S_min.
  func pair(
    of point: ComparedTarget, with quantity: Estimate?, isFromFit: Bool
  ) -> UncertainPair? {
    guard let value = point[self], let y = UncertainLogarithm(quantity) else { return nil }
    let exact = UncertainPair(x: UncertainLogarithm(exact: value), y: y)
    guard let updates = UncertainLogarithm(point.fit.minimumUpdates),
      let observations = UncertainLogarithm(point.fit.minimumObservations)
    else { return exact }
    let difference = observations.variance - updates.variance
    switch self {
    case .data, .compute:
      // C_min is E_min times the operations of an observation, which are known.
      var x = observations
      x.centre = exact.x.centre
      return UncertainPair(
        x: x, y: y, covariance: isFromFit ? (difference + y.variance) / 2 : 0)
    case .updates:
      return UncertainPair(
        x: updates, y: y, covariance: isFromFit ? (difference - y.variance) / 2 : 0)
    default:
      return exact
    }
  }
}

extension TaskTraits {
  fileprivate func progress(_ target: Double?) -> Double? {
    target.map { ($0 - randomScore) / (bestScore - randomScore) }
  }

  fileprivate func failureOdds(_ target: Double?) -> Double? {
    guard let target, let failureScore else { return nil }
    return (bestScore - target) / (target - failureScore)
  }
}

extension FitReport {
  /// Measured observations to the target at a batch, interpolated in logarithms between the
  /// measured batches; `nil` outside their range.
  fileprivate func observations(atBatch batch: Double) -> Double? {
    guard let right = points.firstIndex(where: { $0.batch >= batch }) else { return nil }
    let upper = points[right]
    if upper.batch == batch { return upper.updates * batch }
    guard right > 0 else { return nil }
    let lower = points[right - 1]
    let share = log(batch / lower.batch) / log(upper.batch / lower.batch)
    return batch * lower.updates * pow(upper.updates / lower.updates, share)
  }
}
