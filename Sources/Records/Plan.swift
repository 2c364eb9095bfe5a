/// A study as its user asked for it: YAML or flags, nothing filled in.
public struct Plan: Hashable, Sendable {
  public struct TaskRequest: Hashable, Sendable {
    public var task: String
    /// `nil`: the task's own list.
    public var targets: [Double]?

    public init(_ task: String, targets: [Double]? = nil) {
      self.task = task
      self.targets = targets
    }
  }

  public enum Batches: Hashable, Sendable {
    case list([Int])
    /// from, from·factor, from·factor²… up to `to`, rounded to whole environments.
    case range(from: Int, to: Int, factor: Double)
  }

  public var study: String?
  public var tasks: [TaskRequest]
  public var algorithm: Algorithm?
  public var optimizer: OptimizerKind?
  public var batches: Batches?
  /// Steps per environment and rollout; `nil`: the task's own.
  public var numSteps: Int?
  public var gamma: Double?
  public var gaeLambda: Double?
  public var entCoef: Double?
  public var vfCoef: Double?
  public var normAdv: Bool?
  public var updateEpochs: Int?
  public var numMinibatches: Int?
  public var clipCoef: Double?
  public var clipVloss: Bool?
  /// Adam's β₁, or the momentum of SGD and RMSProp; Adam's β₂, or the smoothing of RMSProp.
  public var momentum: Double?
  public var smoothing: Double?
  public var epsilon: Double?
  public var hidden: LayerSizes?
  public var activation: Activation?
  public var trunks: Trunks?
  /// Centre of the learning-rate search at every batch; `nil` (auto): the task's ε(B).
  public var learningRateCentre: Double?
  public var learningRateFactor: Double?
  public var tuningSeeds: Int?
  public var measuringSeeds: Int?
  /// Observations after which a trial is censored.
  public var budget: Int?
  public var evaluationEpisodes: Int?
  public var seed: Int?

  public init(tasks: [TaskRequest]) { self.tasks = tasks }
}

/// ε(B) = ε* / (1 + B*/B)^α: where a task's search for the learning rate begins.
public struct LearningRateCentre: Codable, Hashable, Sendable {
  public var rate: Double
  public var batch: Double
  public var exponent: Double

  public init(rate: Double, batch: Double = 0, exponent: Double = 0) {
    self.rate = rate
    self.batch = batch
    self.exponent = exponent
  }
}

/// A task of a study with every setting resolved.
public struct TaskPlan: Codable, Hashable, Sendable {
  public var task: String
  public var rulesVersion: Int
  /// Easiest first.
  public var targets: [Double]
  /// Observations per update, ascending.
  public var batches: [Int]
  /// Steps per environment and rollout.
  public var horizon: Int
  public var budget: Observations
  public var learningRate: LearningRateCentre
  public var hyperparameters: Hyperparameters
  public var evaluationEpisodes: Int

  public init(
    task: String, rulesVersion: Int, targets: [Double], batches: [Int], horizon: Int,
    budget: Observations, learningRate: LearningRateCentre, hyperparameters: Hyperparameters,
    evaluationEpisodes: Int
  ) {
    self.task = task
    self.rulesVersion = rulesVersion
    self.targets = targets
    self.batches = batches
    self.horizon = horizon
    self.budget = budget
    self.learningRate = learningRate
    self.hyperparameters = hyperparameters
    self.evaluationEpisodes = evaluationEpisodes
  }
}

/// A study with every setting resolved: its identity. Two plans that resolve to the same value
/// are the same study.
public struct StudyPlan: Codable, Hashable, Sendable {
  public var numerics: Int
  public var seed: Int
  public var tuningSeeds: Int
  public var measuringSeeds: Int
  /// Step of the grid of learning rates.
  public var learningRateFactor: Double
  public var tasks: [TaskPlan]

  public init(
    seed: Int, tuningSeeds: Int, measuringSeeds: Int, learningRateFactor: Double,
    tasks: [TaskPlan]
  ) {
    self.numerics = numericsVersion
    self.seed = seed
    self.tuningSeeds = tuningSeeds
    self.measuringSeeds = measuringSeeds
    self.learningRateFactor = learningRateFactor
    self.tasks = tasks
  }
}
