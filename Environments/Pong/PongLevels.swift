/// Batches of a sweep over a variant of `pong`, by the size of the critical batch.
enum PongBatches {
  /// For critical batches near 15,000.
  static let usual = [512, 1_024, 2_048, 4_096, 9_216, 20_480, 43_008, 92_160]
  /// Near 25,000.
  static let large = [1_024, 2_048, 4_096, 9_216, 20_480, 43_008, 92_160, 184_320]
}

extension EnvironmentFacts {
  /// Facts of a variant of `pong`, with what the variants share: among others, rates that fall
  /// with the batch faster than those of `pong`.
  static func pongVariant(
    name: String, summary: String, typicalEpisodeLength: Int, randomScore: Double,
    targets: [Double], budget: Int = 5_000_000, batches: [Int] = PongBatches.usual,
    learningRate: LearningRate = .init(rate: 0.016, batch: 4_000, exponent: 1)
  ) -> EnvironmentFacts {
    var facts = NormalLevel.facts
    facts.name = name
    facts.summary = summary
    facts.typicalEpisodeLength = typicalEpisodeLength
    facts.randomScore = randomScore
    facts.targets = targets
    facts.budget = budget
    facts.batches = batches
    facts.learningRate = learningRate
    return facts
  }
}

/// The opponent of `pong-easy`. Any ball hit with the edge of a paddle outruns it.
public enum EasyLevel: PongLevel {
  public static var opponentSpeed: Float { 0.015 }

  public static let facts = EnvironmentFacts.pongVariant(
    name: "pong-easy", summary: "pong against a slow opponent", typicalEpisodeLength: 400,
    randomScore: -2.91, targets: [0, 1.5, 3], budget: 3_000_000
  ).taking(280_000, at: 9_216)
}

/// The opponent of `pong-hard`. It follows all but the steepest balls.
public enum HardLevel: PongLevel {
  public static var opponentSpeed: Float { 0.035 }

  public static let facts = EnvironmentFacts.pongVariant(
    name: "pong-hard", summary: "pong against a fast opponent", typicalEpisodeLength: 800,
    randomScore: -4.67, targets: [-3.5, -2, -1], budget: 3_000_000
  ).taking(290_000, at: 9_216)
}

/// The opponents of `pong-doubles`, two paddles with the speed of `pong`'s.
public enum DoublesLevel: PongLevel {
  public static var opponentSpeed: Float { NormalLevel.opponentSpeed }

  public static let facts: EnvironmentFacts = {
    var facts = EnvironmentFacts.pongVariant(
      name: "pong-doubles", summary: "pong with a front and a back paddle a side",
      typicalEpisodeLength: 600, randomScore: -4.09, targets: [-2, 0, 2],
      batches: PongBatches.large
    ).taking(690_000, at: 20_480)
    facts.observationSize = 8
    facts.observationLayout =
      "ball x, y, vx, vy, the player's back and front paddle, the opponent's, each scaled to"
      + " [−1, 1]"
    facts.actions = ["up", "stay", "down"].flatMap { front in
      ["up", "stay", "down"].map { back in "front \(front), back \(back)" }
    }
    return facts
  }()
}
