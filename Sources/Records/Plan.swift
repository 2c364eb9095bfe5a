/// A study as requested in YAML or flags, with nothing filled in.
///
/// The plan's settings can be accessed as its properties: `plan.gamma`.
@dynamicMemberLookup
public struct Plan: Hashable, Sendable {
  public struct TaskRequest: Hashable, Sendable {
    public var task: String
    /// The name of its variant; `nil` if the task has none.
    public var variant: String?
    /// `nil` for the task's own list.
    public var targets: [Double]?
    /// The task's own settings, which override the plan's.
    public var settings = PlanSettings()
    /// The keys that lead to it in a document, if that is not its place in the list: variants of one
    /// task share them.
    public var path: String?
    /// The settings that the variant gives, and the keys that lead to them in a document; `nil` if
    /// the task has no variants that are listed apart from it.
    public var variation: Variation?

    public struct Variation: Hashable, Sendable {
      public var settings: PlanSettings
      public var path: String

      public init(_ settings: PlanSettings, path: String) {
        (self.settings, self.path) = (settings, path)
      }
    }

    public init(_ task: String, targets: [Double]? = nil) {
      self.task = task
      self.targets = targets
    }
  }

  typealias Batches = PlanSettings.Batches

  public var study: String?
  public var tasks: [TaskRequest]
  /// For tasks without their own.
  public var settings = PlanSettings()

  public init(tasks: [TaskRequest]) { self.tasks = tasks }

  public subscript<Value>(
    dynamicMember entry: KeyPath<Settings, Setting<Value>>
  ) -> Value.Plain? {
    get { settings[dynamicMember: entry] }
    set { settings[dynamicMember: entry] = newValue }
  }
}

/// ε(B) = ε* / (1 + B*/B)^α: where a task's learning-rate search begins. With B* = 0, it is the
/// same at every batch.
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
  /// The name of its variant; `nil` if the task has none. A plan may have several variants of a
  /// task, each with settings of its own.
  public var variant: String?
  public var rulesVersion: Int
  /// Easiest first.
  public var targets: [Double]
  /// Observations per update, ascending.
  public var batches: [Int]
  /// Exchange rates of runs whose batch follows the noise scale, ascending; `nil` if there are
  /// none.
  public var exchangeRates: [Double]?
  /// Steps per environment and rollout.
  public var horizon: Int
  public var budget: Observations
  public var learningRate: LearningRateCentre
  /// The learning rate of every batch; `nil` if it is searched.
  public var fixedRate: Double?
  public var hyperparameters: Hyperparameters
  public var evaluationEpisodes: Int
  /// `nil` for as many as the study has.
  public var tuningSeeds: Int?
  public var measuringSeeds: Int?

  public init(
    task: String, rulesVersion: Int, targets: [Double], batches: [Int],
    exchangeRates: [Double]? = nil, horizon: Int, budget: Observations,
    learningRate: LearningRateCentre, hyperparameters: Hyperparameters,
    evaluationEpisodes: Int
  ) {
    self.task = task
    self.rulesVersion = rulesVersion
    self.targets = targets
    self.batches = batches
    self.exchangeRates = exchangeRates
    self.horizon = horizon
    self.budget = budget
    self.learningRate = learningRate
    self.hyperparameters = hyperparameters
    self.evaluationEpisodes = evaluationEpisodes
  }
}

/// The size of a cell: a fixed batch, or an adaptive one.
public struct CellSize: Hashable, Sendable {
  /// Observations per update, at first if the batch is adaptive.
  public var batch: Int
  /// The exchange rate of an adaptive batch; `nil` for a fixed one.
  public var exchangeRate: Double?

  public init(batch: Int, exchangeRate: Double? = nil) {
    self.batch = batch
    self.exchangeRate = exchangeRate
  }
}

extension TaskPlan {
  /// The task's cells: its batches, then its exchange rates.
  public var cells: [CellSize] {
    batches.map { CellSize(batch: $0) }
      + (exchangeRates ?? []).map { rate in
        CellSize(
          batch: adaptiveBatch(rate).firstBatch,
          exchangeRate: rate)
      }
  }
}

extension TaskPlan {
  func adaptiveBatch(_ exchangeRate: Double) -> AdaptiveBatch {
    AdaptiveBatch(
      exchangeRate: exchangeRate, horizon: horizon, minibatches: hyperparameters.numMinibatches)
  }
}

/// A study with every setting resolved. Two plans that resolve to the same value are the same
/// study.
public struct StudyPlan: Codable, Hashable, Sendable {
  public var numerics: Int
  public var seed: Int
  public var tuningSeeds: Int
  public var measuringSeeds: Int
  /// Step of the grid of learning rates.
  public var learningRateFactor: Double
  public var tasks: [TaskPlan]

  /// The names of the tasks, each once, whatever its variants.
  public var taskNames: [String] {
    var seen: Set<String> = []
    return tasks.map(\.task).filter { seen.insert($0).inserted }
  }

  /// Number of a task's seeds in a role.
  public func seeds(of task: TaskPlan, _ role: TrialRole) -> Int {
    role == .tuning ? task.tuningSeeds ?? tuningSeeds : task.measuringSeeds ?? measuringSeeds
  }

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
