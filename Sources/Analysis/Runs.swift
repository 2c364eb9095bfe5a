public import Records

/// One training run as the law sees it: how many updates it took to the target at its batch.
public struct Run: Hashable, Sendable {
  /// Observations per update, B.
  public var batch: Double
  /// Which of the batch's seeds; `nil` where the source does not say.
  public var seed: Int?
  /// Updates to the target, S; for a censored run the updates it made without reaching it.
  public var updates: Double
  /// Whether the run ended before the target, so that all that is known is S > `updates`.
  public var isCensored: Bool
  /// Noise sums up to the target; `nil` where they were not measured.
  public var noise: LawWeightedNoise?
  /// Operations of training up to the target; `nil` where they were not counted, or censored.
  public var operations: OperationsToTarget?

  public init(
    batch: Double, seed: Int? = nil, updates: Double, isCensored: Bool = false,
    noise: LawWeightedNoise? = nil, operations: OperationsToTarget? = nil
  ) {
    self.batch = batch
    self.seed = seed
    self.updates = updates
    self.isCensored = isCensored
    self.noise = noise
    self.operations = operations
  }
}

/// The runs that one law is fitted to: one task, target, algorithm, horizon and number of
/// minibatches.
public struct RunGroup: Hashable, Sendable {
  public var task: String?
  /// The target as its source writes it.
  public var target: String?
  /// `pg` or `ppo` for runs of our own archive.
  public var algorithm: String?
  /// Steps per environment and rollout, for runs of our own archive.
  public var horizon: Int?
  /// Minibatches of a rollout; more than one for PPO alone.
  public var minibatches: Int
  public var runs: [Run]
  /// Runs of adaptive batches, by exchange rate.
  public var adaptiveRuns: [Double: [AdaptiveRun]] = [:]

  public init(
    task: String? = nil, target: String? = nil, algorithm: String? = nil, horizon: Int? = nil,
    minibatches: Int = 1, runs: [Run]
  ) {
    self.task = task
    self.target = target
    self.algorithm = algorithm
    self.horizon = horizon
    self.minibatches = minibatches
    self.runs = runs
  }
}

extension RunGroup {
  /// The groups of an archive: by task, then target ascending, then algorithm, horizon and
  /// minibatches.
  ///
  /// A row takes part if it comes from a measuring seed at the task's full horizon and its
  /// learning rate was tuned for this very target with an optimum inside what was tried, or
  /// limited by stability (Shallue et al. 2018). A censored row gives the updates its trial
  /// made as the limit. A trial that occurs twice counts once, and the order of the rows
  /// changes nothing.
  public static func groups(from rows: some Sequence<TrialRow>) -> [RunGroup] {
    var groups: [Key: RunGroup] = [:]
    var seen: Set<Crossed> = []
    for row in rows where row.isMeasurement {
      let crossed = Crossed(trial: row.result.trial, target: row.result.target)
      guard seen.insert(crossed).inserted else { continue }
      let key = Key(row)
      if let rate = row.settings.exchangeRate {
        groups[key, default: key.group].adaptiveRuns[rate, default: []].append(AdaptiveRun(row))
      } else {
        groups[key, default: key.group].runs.append(Run(row))
      }
    }
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }

  private struct Crossed: Hashable {
    var trial: String
    var target: Double
  }

  private struct Key: Hashable, Comparable {
    var task: String
    var target: Double
    var algorithm: String
    var horizon: Int
    var minibatches: Int

    init(_ row: TrialRow) {
      task = row.settings.task
      target = row.result.target
      algorithm = row.settings.hyperparameters.algorithm.rawValue
      horizon = row.settings.numSteps
      minibatches = row.settings.hyperparameters.numMinibatches
    }

    var group: RunGroup {
      RunGroup(
        task: task, target: shortestDecimal(target), algorithm: algorithm, horizon: horizon,
        minibatches: minibatches, runs: [])
    }

    static func < (left: Key, right: Key) -> Bool {
      if left.task != right.task { return left.task < right.task }
      if left.target != right.target { return left.target < right.target }
      if left.algorithm != right.algorithm { return left.algorithm < right.algorithm }
      if left.horizon != right.horizon { return left.horizon < right.horizon }
      return left.minibatches < right.minibatches
    }
  }
}

extension TrialRow {
  /// Whether the row may enter a fit (science: only tuned targets, only the full horizon).
  var isMeasurement: Bool {
    guard settings.role == .measuring, !settings.shortenedHorizon else { return false }
    switch result.rateVerdict {
    case .interior, .stabilityLimited: return true
    case .edge, .unreached, nil: return false
    }
  }
}

extension Run {
  /// One row of an archive.
  init(_ row: TrialRow) {
    let result = row.result
    var noise: LawWeightedNoise?
    if let numerator = result.noiseNumerator, let denominator = result.noiseDenominator,
      let root = result.noiseRoot
    {
      noise = LawWeightedNoise(
        numerator: numerator, denominator: denominator, root: root)
    }
    var operations: OperationsToTarget?
    if let conventional = result.operations, let executed = result.operationsExecuted {
      operations = OperationsToTarget(conventional: conventional, executed: executed)
    }
    let reached = result.status == .reached ? result.updates : nil
    self.init(
      batch: Double(row.settings.batch.value), seed: row.settings.seed,
      updates: reached ?? Double(result.totalUpdates.value), isCensored: reached == nil,
      noise: noise, operations: operations)
  }
}

extension AdaptiveRun {
  /// One row of an archive.
  fileprivate init(_ row: TrialRow) {
    let result = row.result
    self.init(
      updates: result.updates ?? Double(result.totalUpdates.value),
      observations: result.observations ?? Double(result.totalObservations.value),
      isCensored: result.updates == nil)
  }
}

/// The shortest decimal that reads back as the same number, without `.0`: "0.9", "0", "-13".
func shortestDecimal(_ value: Double) -> String {
  let text = (value == 0 ? 0 : value).description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
