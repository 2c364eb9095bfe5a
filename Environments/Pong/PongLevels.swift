extension EnvironmentFacts {
  /// Facts of a variant of `pong`.
  static func pongVariant(
    name: String, summary: String, typicalEpisodeLength: Int, randomScore: Double
  ) -> EnvironmentFacts {
    var facts = NormalLevel.facts
    facts.name = name
    facts.variantOf = NormalLevel.facts.name
    facts.summary = summary
    facts.typicalEpisodeLength = typicalEpisodeLength
    facts.randomScore = randomScore
    return facts
  }
}

/// The opponent of `pong-easy`. Any ball hit with the edge of a paddle outruns it.
enum EasyLevel: PongLevel {
  static var opponentSpeed: Float { 0.015 }

  static let facts = EnvironmentFacts.pongVariant(
    name: "pong-easy", summary: "pong against a slow opponent", typicalEpisodeLength: 400,
    randomScore: -2.91)
}

/// The opponent of `pong-hard`. It follows all but the steepest balls.
enum HardLevel: PongLevel {
  static var opponentSpeed: Float { 0.035 }

  static let facts = EnvironmentFacts.pongVariant(
    name: "pong-hard", summary: "pong against a fast opponent", typicalEpisodeLength: 800,
    randomScore: -4.67)
}

/// The opponents of `pong-doubles`, two paddles with the speed of `pong`'s.
enum DoublesLevel: PongLevel {
  static var opponentSpeed: Float { NormalLevel.opponentSpeed }

  static let facts: EnvironmentFacts = {
    var facts = EnvironmentFacts.pongVariant(
      name: "pong-doubles", summary: "pong with a front and a back paddle a side",
      typicalEpisodeLength: 600, randomScore: -4.09)
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
