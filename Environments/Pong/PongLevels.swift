/// The opponent of `pong-easy`: any ball off the edge of a paddle outruns it.
public enum EasyLevel: PongLevel {
  public static var opponentSpeed: Float { 0.015 }

  public static let facts: EnvironmentFacts = {
    var facts = NormalLevel.facts
    facts.name = "pong-easy"
    facts.summary = "pong against a slow opponent"
    facts.randomScore = -2.91
    return facts
  }()
}

/// The opponent of `pong-hard`: follows all but the steepest balls.
public enum HardLevel: PongLevel {
  public static var opponentSpeed: Float { 0.035 }

  public static let facts: EnvironmentFacts = {
    var facts = NormalLevel.facts
    facts.name = "pong-hard"
    facts.summary = "pong against a fast opponent"
    facts.randomScore = -4.67
    return facts
  }()
}

/// The opponents of `pong-doubles`: two of those of `pong`.
public enum DoublesLevel: PongLevel {
  public static var opponentSpeed: Float { NormalLevel.opponentSpeed }

  public static let facts: EnvironmentFacts = {
    var facts = NormalLevel.facts
    facts.name = "pong-doubles"
    facts.summary = "pong with a front and a back paddle a side"
    facts.observationSize = 8
    facts.observationLayout =
      "ball x, y, vx, vy, the player's back and front paddle, the opponent's, each scaled to"
      + " [−1, 1]"
    facts.actions = ["up", "stay", "down"].flatMap { front in
      ["up", "stay", "down"].map { back in "front \(front), back \(back)" }
    }
    facts.randomScore = -4.09
    return facts
  }()
}
