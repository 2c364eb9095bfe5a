/// The version of the rows' columns. Every new column of a result, a measurement or a curve raises it,
/// because rows without the column can't be read, unless what older rows mean by its absence is
/// certain. A new setting doesn't (see `Settings`).
///
/// Rows of schema 2 lack the columns of `PartColumns`, and can still be read.
public let schemaVersion = 3

/// The versions of the rows' columns that can be read.
public let readableSchemas = 2...schemaVersion

/// One line of `trials.jsonl.zst`: a trial and one of its targets.
///
/// A row is flat. The plan determines `settings`, `result` and `parts`, which the digest covers. It
/// doesn't cover `measured`. Units are in the names of the columns or in
/// `docs/archive.md`.
public struct TrialRow: Codable, Hashable, Sendable {
  public var settings: TrialSettings
  public var result: TrialResult
  /// `nil` in rows of schema 2.
  public var parts: PartColumns?
  public var measured: TrialMeasured

  init(
    settings: TrialSettings, result: TrialResult, parts: PartColumns?, measured: TrialMeasured
  ) {
    self.settings = settings
    self.result = result
    self.parts = parts
    self.measured = measured
  }

  public init(from decoder: any Decoder) throws {
    settings = try TrialSettings(columns: decoder)
    result = try TrialResult(from: decoder)
    parts = try PartColumns(ifIn: decoder)
    measured = try TrialMeasured(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try settings.encodeColumns(to: encoder, includingDefaults: true)
    try result.encode(to: encoder)
    try parts?.encode(to: encoder)
    try measured.encode(to: encoder)
  }

  /// The version of its columns.
  public var schema: Int { parts == nil ? 2 : schemaVersion }

  /// Whether the row may enter a fit: it is from a measuring seed at the task's full horizon, its
  /// learning rate was chosen for this target, and the best rate lies inside the range that was
  /// tried or at the limit of stability (Shallue et al. 2018). Rows at a rate that the plan fixes
  /// may enter as well; their fit says so and is not compared.
  public var isMeasurement: Bool {
    guard settings.role == .measuring, !settings.shortenedHorizon else { return false }
    switch result.rateVerdict {
    case .interior, .stabilityLimited, .untuned: return true
    case .edge, .unreached, nil: return false
    }
  }

  /// What the digest covers: the columns that the plan determines, except settings that were added
  /// later and have their default.
  public func encodeDetermined(to encoder: any Encoder) throws {
    try settings.encodeColumns(to: encoder, includingDefaults: false)
    try result.encode(to: encoder)
    try parts?.encode(to: encoder)
  }
}

/// The result of a trial for one target.
public struct TrialResult: Codable, Hashable, Sendable {
  public enum Status: String, Codable, Sendable { case reached, censored }

  /// The trial's id.
  public var trial: String
  public var target: Double
  public var status: Status
  public var ending: TrialEnding
  /// For measuring seeds, how the search ended if the learning rate was chosen for this target;
  /// otherwise `nil`, and the row enters no fit.
  @Nullable public var rateVerdict: RateVerdict?
  @Nullable public var updates: Double?
  @Nullable public var observations: Double?
  @Nullable var optimizerSteps: Double?
  /// Updates × horizon: the time at infinite parallelism.
  @Nullable var serialSteps: Double?
  /// Operations of training, by convention and as executed (see `Operations`).
  @Nullable public var operations: Double?
  @Nullable public var operationsExecuted: Double?
  public var bracketLow: Updates
  public var bracketHigh: Updates
  @Nullable public var score: Double?
  @Nullable var scoreError: Double?
  @Nullable var scoreEpisodes: Int?
  /// Law-weighted noise scale up to the crossing, in observations, and its two sums.
  @Nullable var noiseScale: Double?
  @Nullable var noiseNumerator: Double?
  @Nullable var noiseDenominator: Double?
  /// Σ √(numerator·denominator) over the blocks of the two sums.
  @Nullable var noiseRoot: Double?
  public var totalUpdates: Updates
  public var totalObservations: Observations
  public var totalOptimizerSteps: OptimizerSteps
  public var staggerObservations: Observations
  public var evaluationObservations: Observations
  public var evaluationEpisodes: Int
  public var totalOperations: Int
  public var totalOperationsExecuted: Int
  public var evaluationOperations: Int
  public var evaluationOperationsExecuted: Int

  private enum CodingKeys: String, CodingKey {
    case trial, target, status, ending, updates, observations, operations, score
    case rateVerdict = "rate_verdict"
    case optimizerSteps = "optimizer_steps"
    case serialSteps = "serial_steps"
    case operationsExecuted = "operations_executed"
    case bracketLow = "bracket_low"
    case bracketHigh = "bracket_high"
    case scoreError = "score_error"
    case scoreEpisodes = "score_episodes"
    case noiseScale = "noise_scale"
    case noiseNumerator = "noise_numerator"
    case noiseDenominator = "noise_denominator"
    case noiseRoot = "noise_root"
    case totalUpdates = "total_updates"
    case totalObservations = "total_observations"
    case totalOptimizerSteps = "total_optimizer_steps"
    case staggerObservations = "stagger_observations"
    case evaluationObservations = "evaluation_observations"
    case evaluationEpisodes = "evaluation_episodes"
    case totalOperations = "total_operations"
    case totalOperationsExecuted = "total_operations_executed"
    case evaluationOperations = "evaluation_operations"
    case evaluationOperationsExecuted = "evaluation_operations_executed"
  }

  init(
    trial: String, settings: TrialSettings, crossing: Crossing, rateVerdict: RateVerdict?,
    outcome: TrialOutcome
  ) {
    self.trial = trial
    target = crossing.target
    status = crossing.updates == nil ? .censored : .reached
    ending = outcome.ending
    self.rateVerdict = rateVerdict
    updates = crossing.updates
    observations = crossing.observations
    optimizerSteps = crossing.optimizerSteps
    serialSteps = crossing.updates.map { $0 * Double(settings.numSteps) }
    operations = crossing.operations
    operationsExecuted = crossing.operationsExecuted
    bracketLow = crossing.bracketLow
    bracketHigh = crossing.bracketHigh
    score = crossing.score
    scoreError = crossing.scoreError
    scoreEpisodes = crossing.scoreEpisodes
    noiseScale = crossing.noise?.estimate
    noiseNumerator = crossing.noise?.numerator
    noiseDenominator = crossing.noise?.denominator
    noiseRoot = crossing.noise?.root
    totalUpdates = outcome.updates
    totalObservations = outcome.observations
    totalOptimizerSteps = outcome.optimizerSteps
    staggerObservations = outcome.staggerObservations
    evaluationObservations = outcome.evaluationObservations
    evaluationEpisodes = outcome.evaluationEpisodes
    totalOperations = outcome.operations.conventional
    totalOperationsExecuted = outcome.operations.executed
    evaluationOperations = outcome.evaluationOperations.conventional
    evaluationOperationsExecuted = outcome.evaluationOperations.executed
  }
}

extension TrialResult {
  /// The noise sums up to the crossing; `nil` if they were not measured.
  public var noise: LawWeightedNoise? {
    guard let noiseNumerator, let noiseDenominator, let noiseRoot else { return nil }
    return LawWeightedNoise(
      numerator: noiseNumerator, denominator: noiseDenominator, root: noiseRoot)
  }
}

/// What depends on the clock and the machine.
public struct TrialMeasured: Codable, Hashable, Sendable {
  /// Seconds of training up to the crossing; `nil` if the target was not reached.
  @Nullable public var seconds: Double?
  /// Seconds of the whole trial, and of its evaluations.
  public var totalSeconds: Double
  public var evaluationSeconds: Double
  /// Threads that training could use, averaged over its time; 1 in rows from before there were
  /// several.
  public var threads: Double
  public var provenance: Provenance

  /// Seconds of training times its threads: somewhat more than one core would have taken.
  public var trainingCoreSeconds: Double {
    max(totalSeconds - evaluationSeconds, 0) * threads
  }

  init(crossing: Crossing, outcome: TrialOutcome, provenance: Provenance) {
    seconds = crossing.seconds
    totalSeconds = outcome.seconds
    evaluationSeconds = outcome.evaluationSeconds
    threads = outcome.threads
    self.provenance = provenance
  }

  private enum CodingKeys: String, CodingKey {
    case seconds, threads
    case totalSeconds = "total_seconds"
    case evaluationSeconds = "evaluation_seconds"
  }

  public init(from decoder: any Decoder) throws {
    let columns = try decoder.container(keyedBy: CodingKeys.self)
    _seconds = try columns.decode(Nullable<Double>.self, forKey: .seconds)
    totalSeconds = try columns.decode(Double.self, forKey: .totalSeconds)
    evaluationSeconds = try columns.decode(Double.self, forKey: .evaluationSeconds)
    threads = try columns.decodeIfPresent(Double.self, forKey: .threads) ?? 1
    provenance = try Provenance(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var columns = encoder.container(keyedBy: CodingKeys.self)
    try columns.encode(_seconds, forKey: .seconds)
    try columns.encode(totalSeconds, forKey: .totalSeconds)
    try columns.encode(evaluationSeconds, forKey: .evaluationSeconds)
    try columns.encode(threads, forKey: .threads)
    try provenance.encode(to: encoder)
  }
}

extension TrialSettings {
  private enum ColumnKeys: String, CodingKey {
    case task, variant, numerics, role, seed, batch, targets
    case rulesVersion = "rules_version"
    case studySeed = "study_seed"
    case numEnvs = "num_envs"
    case numSteps = "num_steps"
    case shortenedHorizon = "shortened_horizon"
    case exchangeRate = "exchange_rate"
    case minibatchUnit = "minibatch_unit"
    case learningRate = "learning_rate"
    case limit = "limit_observations"
    case isPruned = "limit_is_pruning"
    case evaluationEpisodes = "evaluation_episodes_limit"
  }

  /// The settings as columns of a flat row; `targets` are joined by spaces.
  func encodeColumns(to encoder: any Encoder, includingDefaults: Bool) throws {
    var columns = encoder.container(keyedBy: ColumnKeys.self)
    try columns.encode(task, forKey: .task)
    if includingDefaults || variant != nil {
      try columns.encode(Nullable(wrappedValue: variant), forKey: .variant)
    }
    try columns.encode(rulesVersion, forKey: .rulesVersion)
    try columns.encode(numerics, forKey: .numerics)
    try columns.encode(studySeed, forKey: .studySeed)
    try columns.encode(role, forKey: .role)
    try columns.encode(seed, forKey: .seed)
    try columns.encode(batch, forKey: .batch)
    try columns.encode(numEnvs, forKey: .numEnvs)
    try columns.encode(numSteps, forKey: .numSteps)
    try columns.encode(shortenedHorizon, forKey: .shortenedHorizon)
    try columns.encode(Nullable(wrappedValue: exchangeRate), forKey: .exchangeRate)
    try columns.encode(
      minibatchesAreEnvironments ? "environments" : "transitions", forKey: .minibatchUnit)
    try columns.encode(learningRate, forKey: .learningRate)
    try columns.encode(targets.map { "\($0)" }.joined(separator: " "), forKey: .targets)
    try columns.encode(limit, forKey: .limit)
    try columns.encode(isPruned, forKey: .isPruned)
    try columns.encode(evaluationEpisodes, forKey: .evaluationEpisodes)
    try hyperparameters.encodeColumns(to: encoder, includingDefaults: includingDefaults)
  }

  init(columns decoder: any Decoder) throws {
    let columns = try decoder.container(keyedBy: ColumnKeys.self)
    let words = try columns.decode(String.self, forKey: .targets).split(separator: " ")
    let targets = words.compactMap { Double($0) }.filter { $0.magnitude <= 1e100 }
    guard targets.count == words.count, !targets.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .targets, in: columns,
        debugDescription: "targets are numbers from -1e100 to 1e100 with spaces between")
    }
    let (numEnvs, numSteps) = (
      try columns.decode(Int.self, forKey: .numEnvs),
      try columns.decode(Int.self, forKey: .numSteps)
    )
    let (batch, isTooLarge) = numEnvs.multipliedReportingOverflow(by: numSteps)
    guard numEnvs > 0, numSteps > 0, !isTooLarge,
      try columns.decode(Int.self, forKey: .batch) == batch
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .batch, in: columns, debugDescription: "is not num_envs × num_steps")
    }
    self.init(
      task: try columns.decode(String.self, forKey: .task),
      variant: try columns.decodeIfPresent(String.self, forKey: .variant),
      rulesVersion: try columns.decode(Int.self, forKey: .rulesVersion),
      studySeed: try columns.decode(Int.self, forKey: .studySeed),
      role: try columns.decode(TrialRole.self, forKey: .role),
      seed: try columns.decode(Int.self, forKey: .seed),
      numEnvs: numEnvs, numSteps: numSteps,
      shortenedHorizon: try columns.decode(Bool.self, forKey: .shortenedHorizon),
      exchangeRate: try columns.decode(Nullable<Double>.self, forKey: .exchangeRate).wrappedValue,
      learningRate: try columns.decode(Double.self, forKey: .learningRate),
      hyperparameters: try Hyperparameters(from: decoder),
      targets: targets,
      limit: try columns.decode(Observations.self, forKey: .limit),
      isPruned: try columns.decode(Bool.self, forKey: .isPruned),
      evaluationEpisodes: try columns.decode(Int.self, forKey: .evaluationEpisodes))
    numerics = try columns.decode(Int.self, forKey: .numerics)
  }
}
