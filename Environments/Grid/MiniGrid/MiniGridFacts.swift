/// The batches of a MiniGrid task's sweep and the learning rates that were best along them. Tasks
/// of about the same critical batch share both.
struct MiniGridLadder {
  var batches: [Int]
  var learningRate: EnvironmentFacts.LearningRate

  /// For critical batches near 300.
  static let smallest = Self(
    batches: [32, 64, 128, 256, 512, 1_024, 2_048, 4_096],
    learningRate: .init(rate: 0.008, batch: 500, exponent: 0.8))
  /// Near 1,000.
  static let small = Self(
    batches: [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192],
    learningRate: .init(rate: 0.01, batch: 500, exponent: 0.8))
  /// Near 2,500.
  static let middle = Self(
    batches: [64, 160, 384, 896, 2_048, 4_608, 10_240, 20_480],
    learningRate: .init(rate: 0.01, batch: 1_500, exponent: 0.8))
  /// Near 9,000.
  static let large = Self(
    batches: [256, 512, 1_280, 3_072, 7_168, 16_384, 32_768, 61_440],
    learningRate: .init(rate: 0.012, batch: 6_000, exponent: 1))
  /// Near 1,000, for the tasks with moving balls and their larger entropy bonus.
  static let dynamic = Self(
    batches: small.batches, learningRate: .init(rate: 0.004, batch: 300, exponent: 0.8))
}

extension EnvironmentFacts {
  /// Facts of a MiniGrid task; what most of them share is the default.
  ///
  /// The best score, where nothing moves by itself, is the mean over shortest ways that a search
  /// finds who sees the whole grid; whoever sees 7×7 cells of it can at most come close.
  static func miniGrid(
    name: String, summary: String, actions: Int = 7, timeLimit: Int,
    typicalEpisodeLength: Int? = nil, scoreRange: ClosedRange<Double> = 0...1,
    randomScore: Double, bestScore: Double, targets: [Double] = [], outOfReach: String? = nil,
    budget: Int = 20_000_000, ladder: MiniGridLadder = .large, entropyCoefficient: Double = 0.003
  ) -> EnvironmentFacts {
    let names = ["turn left", "turn right", "forward", "pick up", "drop", "toggle", "done"]
    return EnvironmentFacts(
      name: name,
      family: .grid,
      rulesVersion: 1,
      summary: summary,
      observationSize: MiniGridFeatures.count,
      observationLayout: """
        49 cells before the agent, row by row from the farthest, 16 features each: kind (empty, \
        wall, door, key, ball, goal, lava), colour of doors, keys and balls (red, green, blue, \
        purple, yellow, grey), state of doors (open, closed, locked), all one-hot, all 0 if \
        unseen; then the direction (right, down, left, up), one-hot
        """,
      hasBinaryObservation: true,
      actions: Array(names.prefix(actions)),
      timeLimit: timeLimit,
      typicalEpisodeLength: typicalEpisodeLength ?? timeLimit,
      scoreRange: scoreRange,
      randomScore: randomScore,
      bestScore: bestScore,
      targets: targets,
      outOfReach: outOfReach,
      budget: budget,
      horizon: 32,
      batches: ladder.batches,
      gamma: 0.99,
      gaeLambda: 1,
      entropyCoefficient: entropyCoefficient,
      valueCoefficient: 0.1,
      learningRate: ladder.learningRate,
      evaluationEpisodes: 256)
  }
}
