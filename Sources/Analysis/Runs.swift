public import Records

/// One run on the way to one target, from a study or from a table.
public struct Run: Hashable, Sendable {
  /// Observations per update, B, at first if the batch is adaptive.
  var batch: Double
  /// Number of the seed; `nil` if the source does not say.
  var seed: Int?
  /// Updates to the target, S; for a censored run all of its updates.
  var updates: Double
  /// Observations of those updates, E.
  var observations: Double
  /// Whether the run ended before it reached the target. Then S > `updates` is all that is known.
  var isCensored: Bool
  /// Updates that a run counts with in an arithmetic mean: S, or for a censored run all that it was
  /// allowed to make, even if it diverged before.
  var cost: Double
  /// Standard error of ln S, if this is the mean of several runs; `nil` if it is a single run.
  var logStandardError: Double?
  /// The exchange rate r of an adaptive batch; `nil` if the batch was fixed.
  var exchangeRate: Double?
  /// Whether the plan fixed its learning rate.
  var isUntuned = false
  /// Noise sums up to the target; `nil` if they were not measured.
  var noise: LawWeightedNoise?
  /// The same of parts of the gradient; `nil` if they were not measured.
  var parts: PartColumns?
  /// Operations of training up to the target; `nil` if they were not counted or the run is
  /// censored.
  var operations: OperationsToTarget?
  /// Seconds of training up to the target; `nil` if they were not measured or the run is censored.
  var seconds: Double?
  /// Threads of training.
  var threads = 1.0
  /// The processor that it ran on.
  var processor: String?
  /// Evaluated points by updates, from update 0; empty if they were not read.
  var curve: [CurvePointRow] = []
  /// The first evaluated update at or above the target; `nil` for a censored run.
  var reachedAt: Int?

  /// - Parameter observations: `nil` means `updates` times `batch`.
  init(
    batch: Double, seed: Int? = nil, updates: Double, observations: Double? = nil,
    isCensored: Bool = false, exchangeRate: Double? = nil, noise: LawWeightedNoise? = nil,
    operations: OperationsToTarget? = nil
  ) {
    self.batch = batch
    self.seed = seed
    self.updates = updates
    cost = updates
    self.observations = observations ?? updates * batch
    self.isCensored = isCensored
    self.exchangeRate = exchangeRate
    self.noise = noise
    self.operations = operations
  }

  /// One target of a trial. If the trial did not reach it, its totals are the limit.
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
    if result.ending == .diverged, reached == nil {
      cost = max(updates, Double(settings.limit.value) / batch)
    }
    parts = row.parts
    isUntuned = result.rateVerdict == .untuned
    (seconds, threads) = (row.measured.seconds, row.measured.threads)
    processor = row.measured.provenance.cpu
    curve = trial.curve.map(\.determined)
    reachedAt = reached == nil ? nil : result.bracketHigh.value
  }
}

/// The runs that answer one question.
public struct RunGroup: Hashable, Sendable {
  var question: Question
  var runs: [Run]
  /// How the runs of a study were trained; `nil` for those of a table.
  var hyperparameters: Hyperparameters?

  init(_ question: Question = Question(), runs: [Run], hyperparameters: Hyperparameters? = nil) {
    self.question = question
    self.runs = runs
    self.hyperparameters = hyperparameters
  }

  public var count: Int { runs.count }

  /// The groups of a study: first the questions with measurements (`TrialRow.isMeasurement`), then
  /// those without any, each in their order.
  public static func groups(of trials: some Sequence<TrialRecord>) -> [RunGroup] {
    var measured: [Question: [Run]] = [:]
    var training: [Question: Hyperparameters] = [:]
    var asked: Set<Question> = []
    for trial in trials where trial.settings.role != .single {
      for row in trial.rows {
        let question = Question(row)
        asked.insert(question.atAnyHorizon)
        guard row.isMeasurement else { continue }
        measured[question, default: []].append(Run(row, of: trial))
        training[question] = row.settings.hyperparameters
      }
    }
    for question in measured.keys { asked.remove(question.atAnyHorizon) }
    return measured.sorted { $0.key < $1.key }.map { question, runs in
      RunGroup(question, runs: runs, hyperparameters: training[question])
    }
      + asked.sorted().map { RunGroup($0, runs: []) }
  }
}

extension Sequence<TrialRecord> {
  /// The rows about a question at fixed batches, tuning or measuring, with or without a shortened
  /// horizon.
  public func rows(about question: Question) -> [TrialRow] {
    let question = question.atAnyHorizon
    return flatMap { trial in
      trial.settings.role == .single || trial.settings.exchangeRate != nil
        ? [] : trial.rows.filter { Question($0).atAnyHorizon == question }
    }
  }
}
