/// The version of everything that decides the numbers of a trial. Raised by every change that
/// moves them, so that old rows are never mixed with new ones.
public let numericsVersion = 7

/// What a trial is run for. Learning rates are chosen on tuning seeds, results are reported
/// from fresh measuring seeds; the two share no random stream.
public enum TrialRole: String, Codable, Sendable, CaseIterable {
  case tuning, measuring
  /// One run outside any search (`batchlab train`).
  case single
}

/// Everything that determines the outcome of a trial, and the variant of its task that it is run
/// for. Its hash is the trial's id.
public struct TrialSettings: Codable, Hashable, Sendable {
  public var task: String
  /// The name of the variant; `nil` if the plan has no variants of the task.
  public var variant: String?
  public var rulesVersion: Int
  public var numerics: Int
  /// The study's seed, from which every stream of every trial is split.
  public var studySeed: Int
  public var role: TrialRole
  /// Index of the seed within its role.
  public var seed: Int
  public var numEnvs: Int
  /// Steps per environment and rollout.
  public var numSteps: Int
  /// Whether the horizon was shortened because the batch is smaller (see `RolloutShape`). Such a
  /// cell is never fitted.
  public var shortenedHorizon: Bool
  /// Exchange rate of an adaptive batch, in observations per update; `nil` for a fixed batch. An
  /// adaptive batch starts at `batch` (see `AdaptiveBatch`).
  public var exchangeRate: Double?
  public var learningRate: Double
  public var hyperparameters: Hyperparameters
  /// Target scores, easiest first. Reaching the last one ends the trial.
  public var targets: [Double]
  /// Training stops before the update that would pass this: the budget, or the pruning bound.
  public var limit: Observations
  /// Whether `limit` is a pruning bound and not the budget.
  public var isPruned: Bool
  /// Limit on the episodes of an evaluation, which may grow fourfold late in training.
  public var evaluationEpisodes: Int

  public init(
    task: String, variant: String? = nil, rulesVersion: Int, studySeed: Int, role: TrialRole,
    seed: Int, numEnvs: Int, numSteps: Int, shortenedHorizon: Bool, exchangeRate: Double? = nil,
    learningRate: Double,
    hyperparameters: Hyperparameters, targets: [Double], limit: Observations, isPruned: Bool,
    evaluationEpisodes: Int
  ) {
    (self.task, self.variant) = (task, variant)
    self.rulesVersion = rulesVersion
    self.numerics = numericsVersion
    self.studySeed = studySeed
    self.role = role
    self.seed = seed
    self.numEnvs = numEnvs
    self.numSteps = numSteps
    self.shortenedHorizon = shortenedHorizon
    self.exchangeRate = exchangeRate
    self.learningRate = learningRate
    self.hyperparameters = hyperparameters
    self.targets = targets
    self.limit = limit
    self.isPruned = isPruned
    self.evaluationEpisodes = evaluationEpisodes
  }

  /// The size of its cell.
  public var size: CellSize { CellSize(batch: batch.value, exchangeRate: exchangeRate) }

  /// Observations per update, B, at first if the batch is adaptive.
  public var batch: Observations { Observations(numEnvs * numSteps) }

  /// The rule that an adaptive batch follows; `nil` for a fixed one.
  public var adaptiveBatch: AdaptiveBatch? {
    exchangeRate.map {
      AdaptiveBatch(
        exchangeRate: $0, horizon: numSteps, minibatches: hyperparameters.numMinibatches)
    }
  }

  /// Shards of the batch: the largest divisor of the number of environments that is at most 16.
  public var shards: Int { Self.shards(of: numEnvs) }

  /// Shards of a batch of this many environments.
  public static func shards(of environments: Int) -> Int {
    (1...16).last { environments.isMultiple(of: $0) } ?? 1
  }

  /// Whether the noise moments of the run are read: by its rows, by an adaptive batch, or by those
  /// who run it alone. Tuning trials only choose a learning rate.
  public var measuresNoise: Bool { role != .tuning || exchangeRate != nil }

  /// Whether the noise of parts of the gradient is measured: only rows of measuring trials have it,
  /// and an adaptive batch may change before an update is due.
  public var measuresParts: Bool { role == .measuring && exchangeRate == nil && shards > 1 }

  /// Whether PPO's minibatches are made of whole environments. If there are fewer environments than
  /// minibatches, they are made of single transitions.
  public var minibatchesAreEnvironments: Bool { numEnvs >= hyperparameters.numMinibatches }
}
