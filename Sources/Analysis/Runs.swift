public import Records

/// One run on the way to one target, from a study or from a table.
public struct Run: Hashable, Sendable {
  /// Observations per update, B; to begin with, where the batch follows the noise scale.
  public var batch: Double
  /// Which of the batch's seeds; `nil` where the source does not say.
  public var seed: Int?
  /// Updates to the target, S; for a censored run the updates it made without reaching it.
  public var updates: Double
  /// Observations of those updates, E.
  public var observations: Double
  /// Whether the run ended before the target, so that all that is known is S > `updates`.
  public var isCensored: Bool
  /// r, at which the batch followed the noise scale; `nil`: the batch stayed.
  public var exchangeRate: Double?
  /// Noise sums up to the target; `nil` where they were not measured.
  public var noise: LawWeightedNoise?
  /// Operations of training up to the target; `nil` where they were not counted, or censored.
  public var operations: OperationsToTarget?
  /// Seconds of training up to the target, and the processor they passed on; `nil` where they were
  /// not measured, or censored.
  public var seconds: Double?
  public var processor: String?
  /// Evaluated points by updates, from update 0; empty where they were not read.
  public var curve: [CurvePointRow] = []
  /// The update at which the target was found reached; `nil` for a censored run.
  public var reachedAt: Int?

  /// - Parameter observations: `nil`: `updates` times `batch`.
  public init(
    batch: Double, seed: Int? = nil, updates: Double, observations: Double? = nil,
    isCensored: Bool = false, exchangeRate: Double? = nil, noise: LawWeightedNoise? = nil,
    operations: OperationsToTarget? = nil
  ) {
    self.batch = batch
    self.seed = seed
    self.updates = updates
    self.observations = observations ?? updates * batch
    self.isCensored = isCensored
    self.exchangeRate = exchangeRate
    self.noise = noise
    self.operations = operations
  }

  /// One target of a trial. If it was not reached, what the trial made is the limit.
  init(_ row: TrialRow, of trial: TrialRecord) {
    let (settings, result) = (row.settings, row.result)
    let reached = result.status == .reached ? result.updates : nil
    self.init(
      batch: Double(settings.batch.value), seed: settings.seed,
      updates: reached ?? Double(result.totalUpdates.value),
      observations: result.observations
        ?? (reached == nil ? Double(result.totalObservations.value) : nil),
      isCensored: reached == nil, exchangeRate: settings.exchangeRate, noise: result.noise,
      operations: result.operations.flatMap { conventional in
        result.operationsExecuted.map {
          OperationsToTarget(conventional: conventional, executed: $0)
        }
      })
    seconds = row.measured.seconds
    processor = row.measured.provenance.cpu
    curve = trial.curve.map(\.determined)
    reachedAt = reached == nil ? nil : result.bracketHigh.value
  }
}

/// The runs that answer one question.
public struct RunGroup: Hashable, Sendable {
  public var question: Question
  public var runs: [Run]

  public init(_ question: Question = Question(), runs: [Run]) {
    self.question = question
    self.runs = runs
  }

  /// The groups of a study: those with measurements (`TrialRow.isMeasurement`), then questions
  /// that trials were run for and no measurement answers; both in order.
  public static func groups(of trials: some Sequence<TrialRecord>) -> [RunGroup] {
    var measured: [Question: [Run]] = [:]
    var asked: Set<Question> = []
    for trial in trials where trial.settings.role != .single {
      for row in trial.rows {
        let question = Question(row)
        asked.insert(question.atAnyHorizon)
        if row.isMeasurement { measured[question, default: []].append(Run(row, of: trial)) }
      }
    }
    for question in measured.keys { asked.remove(question.atAnyHorizon) }
    return measured.sorted { $0.key < $1.key }.map { RunGroup($0.key, runs: $0.value) }
      + asked.sorted().map { RunGroup($0, runs: []) }
  }
}

extension Sequence<TrialRecord> {
  /// The rows of fixed batches that are about a question, whatever they were run for and whether
  /// or not their horizon is shortened.
  public func rows(about question: Question) -> [TrialRow] {
    let question = question.atAnyHorizon
    return flatMap { trial in
      trial.settings.role == .single || trial.settings.exchangeRate != nil
        ? [] : trial.rows.filter { Question($0).atAnyHorizon == question }
    }
  }
}
