/// How a trial ended. Every ending is a result and is archived.
public enum TrialEnding: String, Codable, Sendable {
  /// The hardest target was reached.
  case completed
  /// The budget ran out first.
  case budget
  /// The pruning bound was met first (tuning trials only).
  case pruned
  /// A gradient was not finite.
  case diverged
}

/// Where a run first reached a target, or how far it got without reaching it.
public struct Crossing: Codable, Hashable, Sendable {
  public var target: Double
  /// Updates to the target, interpolated in log(updates) within the bracket; `nil` if censored.
  public var updates: Double?
  /// E, the observations of those updates; `nil` if censored.
  public var observations: Double?
  /// Last snapshot below the target and first at or above it. For a censored run both are the
  /// last update of the run.
  var bracketLow: Updates
  public var bracketHigh: Updates
  /// Mean score at the bracket's upper end, its standard error and the number of episodes.
  public var score: Double?
  public var scoreError: Double?
  var scoreEpisodes: Int?
  /// Steps of the optimizer up to the crossing, interpolated like `updates`.
  var optimizerSteps: Double?
  /// Operations of training up to the crossing, by convention and executed (see `Operations`),
  /// interpolated like `updates`.
  var operations: Double?
  var operationsExecuted: Double?
  /// Noise sums over the run up to the bracket's upper end; `nil` with a single shard, or in a tuning
  /// trial of PPO.
  public var noise: LawWeightedNoise?
  /// The same of parts of the gradient; `nil` if they were not measured.
  public var parts: PartNoise?
  /// Seconds of training (evaluation not counted) up to the crossing.
  public var seconds: Double?

  public init(
    target: Double, updates: Double? = nil, observations: Double? = nil, bracketLow: Updates,
    bracketHigh: Updates,
    score: Double? = nil, scoreError: Double? = nil, scoreEpisodes: Int? = nil,
    optimizerSteps: Double? = nil, operations: Double? = nil, operationsExecuted: Double? = nil,
    noise: LawWeightedNoise? = nil, seconds: Double? = nil
  ) {
    self.target = target
    self.updates = updates
    self.observations = observations
    self.bracketLow = bracketLow
    self.bracketHigh = bracketHigh
    self.score = score
    self.scoreError = scoreError
    self.scoreEpisodes = scoreEpisodes
    self.optimizerSteps = optimizerSteps
    self.operations = operations
    self.operationsExecuted = operationsExecuted
    self.noise = noise
    self.seconds = seconds
  }
}

/// One evaluated point of a run.
public struct CurvePoint: Codable, Hashable, Sendable {
  public var updates: Updates
  public var observations: Observations
  /// Observations of the update before it.
  public var batch: Observations
  var optimizerSteps: OptimizerSteps
  /// Mean return over the evaluation episodes, its standard error and their number.
  var score: Double
  var scoreError: Double
  var scoreEpisodes: Int
  /// Raw noise sums since the previous point; `nil` with a single shard, or in a tuning
  /// trial of PPO.
  var noise: NoiseMoments?
  /// Seconds of training since the start, evaluation not counted.
  public var seconds: Double

  public init(
    updates: Updates, observations: Observations, batch: Observations,
    optimizerSteps: OptimizerSteps, score: Double, scoreError: Double, scoreEpisodes: Int,
    noise: NoiseMoments?, seconds: Double
  ) {
    self.updates = updates
    self.observations = observations
    self.batch = batch
    self.optimizerSteps = optimizerSteps
    self.score = score
    self.scoreError = scoreError
    self.scoreEpisodes = scoreEpisodes
    self.noise = noise
    self.seconds = seconds
  }
}

/// The result of a finished trial.
public struct TrialOutcome: Codable, Hashable, Sendable {
  public var ending: TrialEnding
  /// One per target of the settings, in their order.
  public var crossings: [Crossing]
  /// In the order of updates.
  public var curve: [CurvePoint]
  public var updates: Updates
  public var observations: Observations
  var optimizerSteps: OptimizerSteps
  /// Random steps that staggered the starts; not part of E.
  var staggerObservations: Observations
  /// Steps of evaluation; not part of E.
  public var evaluationObservations: Observations
  var evaluationEpisodes: Int
  /// Operations of training, and separately of evaluation.
  var operations: Operations
  var evaluationOperations: Operations
  /// Wall-clock seconds of the whole trial, and of its evaluations.
  public var seconds: Double
  public var evaluationSeconds: Double
  /// Threads of training, averaged over its time.
  public var threads: Double

  public init(
    ending: TrialEnding, crossings: [Crossing], curve: [CurvePoint], updates: Updates,
    observations: Observations,
    optimizerSteps: OptimizerSteps, staggerObservations: Observations,
    evaluationObservations: Observations, evaluationEpisodes: Int,
    operations: Operations, evaluationOperations: Operations, seconds: Double,
    evaluationSeconds: Double, threads: Double = 1
  ) {
    self.ending = ending
    self.crossings = crossings
    self.curve = curve
    self.updates = updates
    self.observations = observations
    self.optimizerSteps = optimizerSteps
    self.staggerObservations = staggerObservations
    self.evaluationObservations = evaluationObservations
    self.evaluationEpisodes = evaluationEpisodes
    self.operations = operations
    self.evaluationOperations = evaluationOperations
    self.seconds = seconds
    self.evaluationSeconds = evaluationSeconds
    self.threads = threads
  }
}
