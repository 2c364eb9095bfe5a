public import Records

/// How a task is trained if neither a plan nor a command line says otherwise, and its targets.
/// Measured with the lab's own learner; docs/tasks.md says how.
public struct TaskDefaults: Sendable {
  /// Observations to the hardest target at a batch near the critical one: the geometric mean over a
  /// few seeds.
  public struct Effort: Sendable {
    public var observations: Int
    public var batch: Int
  }

  /// Scores to reach, easiest first; none if the task is out of reach.
  public var targets: [Double]
  /// Why the lab's learner does not solve the task within its budget, with the evidence.
  public var outOfReach: String?
  /// `nil` if it was not measured.
  public var effort: Effort?
  /// The settings whose default depends on the task.
  public var settings = PlanSettings()

  /// Where the learning-rate search begins, by batch.
  public var learningRate: LearningRateCentre {
    guard case .given(let curve) = settings.learningRateCentre else {
      return LearningRateCentre(rate: 0.01, batch: 1_000, exponent: 0.8)
    }
    return curve
  }

  /// Observations per update of a typical sweep, ascending; whole environments.
  public var batches: [Int] {
    if case .list(let batches) = settings.value(\.batches) { batches } else { [] }
  }

  /// The batch of a single run; `nil` if no batches are known.
  public var usualBatch: Int? { batches.isEmpty ? nil : batches[batches.count / 2] }

  /// The defaults of a task. An unlisted task has those of `Settings`, no targets and no batches.
  public static func of(_ task: String) -> TaskDefaults {
    listed[task] ?? TaskDefaults(targets: [])
  }
}

extension TaskDefaults {
  /// - Parameters:
  ///   - rate: ε*, B* and α of ε(B) = ε* / (1 + B*/B)^α.
  ///   - effort: observations to the hardest target, and the batch.
  private init(
    _ targets: [Double], _ effort: (Int, at: Int)?, numSteps: Int, batches: [Int], budget: Int,
    rate: (Double, Double, Double), gamma: Double = 0.99, gaeLambda: Double = 1,
    entCoef: Double = 0.003, vfCoef: Double = 0.1, optimizer: OptimizerKind? = nil,
    episodes: Int, outOfReach: String? = nil
  ) {
    self.targets = targets
    self.outOfReach = outOfReach
    self.effort = effort.map { Effort(observations: $0.0, batch: $0.at) }
    settings.numSteps = numSteps
    settings.batches = .list(batches)
    settings.budget = budget
    settings.learningRateCentre = .given(
      LearningRateCentre(rate: rate.0, batch: rate.1, exponent: rate.2))
    (settings.gamma, settings.gaeLambda) = (gamma, gaeLambda)
    (settings.entCoef, settings.vfCoef) = (entCoef, vfCoef)
    settings.optimizer = optimizer
    settings.evaluationEpisodes = episodes
  }

  static let listed: [String: TaskDefaults] = [
    "bandit": Self(
      [0.75, 0.9, 0.97], (24, at: 4), numSteps: 1, batches: [1, 2, 4, 8, 16, 32, 64, 128],
      budget: 2_000, rate: (0.025, 2, 0.7), gaeLambda: 0.95, entCoef: 0, vfCoef: 0.5,
      episodes: 512),
    "chain": Self(
      [0.6, 0.8, 0.9], (630, at: 64), numSteps: 8, batches: [8, 16, 32, 64, 128, 256, 512, 1_024],
      budget: 10_000, rate: (0.013, 20, 0.7), entCoef: 0.01, episodes: 512),
    // The value weighs 1, so that the gradient is the bowl's own.
    "quadratic": Self(
      [10], (1_080, at: 224), numSteps: 1, batches: [8, 16, 40, 96, 224, 512, 1_280, 3_072],
      budget: 1_000_000, rate: (0.0085, 128, 1), entCoef: 0, vfCoef: 1, optimizer: .sgd,
      episodes: 1),

    "catch": Self(
      [0, 0.5, 0.9], (14_000, at: 400), numSteps: 10,
      batches: [20, 40, 80, 160, 400, 960, 1_920, 4_160], budget: 500_000,
      rate: (0.028, 120, 0.9), entCoef: 0.05, vfCoef: 0.5, episodes: 512),
    "grid-goal-8": Self(
      [0.5, 0.7, 0.8], (290_000, at: 2_304), numSteps: 16,
      batches: [112, 240, 512, 1_024, 2_304, 4_864, 9_984, 20_480], budget: 10_000_000,
      rate: (0.008, 800, 0.8), gaeLambda: 0.95, entCoef: 0.01, vfCoef: 0.5, episodes: 512),
    "deep-sea-10": deepSea(10, [0.5, 0.9], (28_000, at: 800), budget: 500_000),
    "deep-sea-20": deepSea(
      20, [], nil, budget: 20_000_000,
      outOfReach: """
        exploration: one of a million ways pays; no treasure after 20 million observations (3 runs, \
        rates 0.0006 to 0.01)
        """),

    "empty-random-6x6": miniGrid(
      [0.6, 0.8, 0.95], (36_000, at: 256), .smallest, budget: 500_000),
    "empty-8x8": miniGrid([0.6, 0.8, 0.95], (83_000, at: 1_024), .small, budget: 1_000_000),
    "lava-gap-s7": miniGrid([0.3, 0.6, 0.9], (280_000, at: 2_048), .middle, budget: 3_000_000),
    "dynamic-obstacles-random-6x6": miniGrid(
      [0, 0.4, 0.8], (65_000, at: 1_024), .dynamic, budget: 1_000_000, entCoef: 0.05),
    "dynamic-obstacles-6x6": miniGrid(
      [0, 0.4, 0.7], (120_000, at: 1_024), .dynamic, budget: 2_000_000, entCoef: 0.05),
    "door-key-5x5": miniGrid([0.4, 0.7, 0.9], (81_000, at: 1_024), .small, budget: 1_000_000),
    "door-key-6x6": miniGrid([0.4, 0.7, 0.9], (210_000, at: 2_048), .middle, budget: 3_000_000),
    "door-key-8x8": miniGrid([0.4, 0.7, 0.9], (2_000_000, at: 7_168), .large),
    "multi-room-n2-s4": miniGrid([0.2, 0.5, 0.8], (61_000, at: 1_024), .small, budget: 1_000_000),
    "key-corridor-s3r1": miniGrid(
      [0.3, 0.6, 0.9], (250_000, at: 2_048), .middle, budget: 3_000_000),
    "four-rooms": miniGrid(
      outOfReach: """
        memory: who sees 7×7 cells and keeps nothing in mind can't tell which rooms were searched; \
        0.24 to 0.49 after 20 million observations (4 runs, rates 0.0006 to 0.01)
        """),
    "multi-room-n4-s5": miniGrid(outOfReach: rooms(runs: 3)),
    "multi-room-n6": miniGrid(outOfReach: rooms(runs: 2)),
    "key-corridor-s3r3": miniGrid(
      outOfReach: """
        exploration: doors, a key and a lock, and nothing is paid before the ball; score 0 after 20 \
        million observations (4 runs, rates 0.0006 to 0.01)
        """),

    "pong-easy": pong([0, 1.5, 3], (280_000, at: 9_216), budget: 3_000_000),
    "pong": pong(
      [-2.5, 0, 2.5], (490_000, at: 10_240),
      batches: [128, 320, 768, 1_792, 4_096, 10_240, 25_600, 61_440], rate: (0.022, 15_000, 0.6)),
    "pong-hard": pong([-3.5, -2, -1], (290_000, at: 9_216), budget: 3_000_000),
    "pong-pixels": pong(
      [-3, -2, -1], (1_200_000, at: 20_480), batches: largePong, budget: 15_000_000,
      rate: (0.02, 25_000, 1)),
    "pong-doubles": pong([-2, 0, 2], (690_000, at: 20_480), batches: largePong),

    // A discount of 0.95 was at least as fast as 0.99 in all arcade games but Breakout.
    "breakout": arcade([2, 3, 4.5], (830_000, at: 7_168), budget: 10_000_000, gamma: 0.99),
    "space-invaders": arcade([8, 16, 30], (1_500_000, at: 7_168), budget: 15_000_000),
    "asterix": arcade(
      [1, 1.5, 2], (2_100_000, at: 28_672),
      batches: [1_536, 3_072, 6_144, 14_336, 28_672, 61_440, 122_880, 245_760]),
    "freeway": arcade(
      [10, 20, 30], (3_600_000, at: 14_336), batches: largeArcade, episodes: 64),
    "seaquest": arcade([1, 2, 4], (2_400_000, at: 14_336), batches: largeArcade),
  ]
}

// MARK: - Families

/// Batches and learning rates of MiniGrid tasks, by the size of the critical batch.
private enum Ladder {
  case smallest, small, middle, large, dynamic

  var batches: [Int] {
    switch self {
    case .smallest: [32, 64, 128, 256, 512, 1_024, 2_048, 4_096]
    case .small, .dynamic: [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192]
    case .middle: [64, 160, 384, 896, 2_048, 4_608, 10_240, 20_480]
    case .large: [256, 512, 1_280, 3_072, 7_168, 16_384, 32_768, 61_440]
    }
  }

  var rate: (Double, Double, Double) {
    switch self {
    case .smallest: (0.008, 500, 0.8)
    case .small: (0.01, 500, 0.8)
    case .middle: (0.01, 1_500, 0.8)
    case .large: (0.012, 6_000, 1)
    case .dynamic: (0.004, 300, 0.8)
    }
  }
}

extension TaskDefaults {
  private static func deepSea(
    _ size: Int, _ targets: [Double], _ effort: (Int, at: Int)?, budget: Int,
    outOfReach: String? = nil
  ) -> Self {
    Self(
      targets, effort, numSteps: size,
      batches: [4, 8, 16, 32, 80, 192, 448, 896].map { $0 * size }, budget: budget,
      rate: (0.03, 600, 0.8), entCoef: 0.03, vfCoef: 0.5, episodes: 512,
      outOfReach: outOfReach)
  }

  private static func miniGrid(
    _ targets: [Double] = [], _ effort: (Int, at: Int)? = nil, _ ladder: Ladder = .large,
    budget: Int = 20_000_000, entCoef: Double = 0.003, outOfReach: String? = nil
  ) -> Self {
    Self(
      targets, effort, numSteps: 32, batches: ladder.batches, budget: budget, rate: ladder.rate,
      entCoef: entCoef, episodes: 256, outOfReach: outOfReach)
  }

  private static func rooms(runs: Int) -> String {
    """
    exploration: doors all the way, and nothing is paid before the last room; score 0 after 20 \
    million observations (\(runs) runs, rates 0.0006 and 0.0025)
    """
  }

  private static func pong(
    _ targets: [Double], _ effort: (Int, at: Int),
    batches: [Int] = [512, 1_024, 2_048, 4_096, 9_216, 20_480, 43_008, 92_160],
    budget: Int = 5_000_000, rate: (Double, Double, Double) = (0.016, 4_000, 1)
  ) -> Self {
    Self(
      targets, effort, numSteps: 64, batches: batches, budget: budget, rate: rate, gamma: 0.97,
      episodes: 16)
  }

  /// For critical batches near 25,000.
  private static let largePong = [1_024, 2_048, 4_096, 9_216, 20_480, 43_008, 92_160, 184_320]

  private static func arcade(
    _ targets: [Double], _ effort: (Int, at: Int),
    batches: [Int] = [256, 512, 1_280, 3_072, 7_168, 16_384, 32_768, 61_440],
    budget: Int = 20_000_000, gamma: Double = 0.95, episodes: Int = 256
  ) -> Self {
    Self(
      targets, effort, numSteps: 32, batches: batches, budget: budget, rate: (0.01, 5_000, 0.9),
      gamma: gamma, gaeLambda: 0.95, episodes: episodes)
  }

  /// For critical batches near 20,000.
  private static let largeArcade = [512, 1_024, 2_560, 6_144, 14_336, 32_768, 65_536, 122_880]
}
