/// A walk to a goal in an empty square room. Start and goal are two different random cells.
///
/// There are four moves; a move into a wall has no effect. Reaching the goal after t steps pays
/// 1 − 0.9·t/side² and ends the episode. The time limit is side².
public struct GridGoal<let side: Int>: BinaryEnvironment {
  var agent: Int32
  var goal: Int32
  var steps: Int32 = 0

  public init(random: inout some RandomSource) {
    let cells = Int32(side * side)
    agent = random.integer(below: cells)
    goal = random.integer(below: cells - 1)
    if goal >= agent { goal += 1 }
  }

  public mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  public mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    let side = Int32(side)
    let (row, column) = agent.quotientAndRemainder(dividingBy: side)
    switch action {
    case 0 where row > 0: agent -= side
    case 1 where column < side - 1: agent += 1
    case 2 where row < side - 1: agent += side
    case 3 where column > 0: agent -= 1
    default: break
    }
    steps += 1
    guard agent == goal else { return Outcome() }
    return Outcome(reward: 1 - 0.9 * Double(steps) / Double(side * side), isOver: true)
  }

  public static var maxNonzeros: Int { 2 }

  public func forEachNonzero(_ body: (Int) -> Void) {
    body(Int(agent))
    body(side * side + Int(goal))
  }

  public static var facts: EnvironmentFacts {
    EnvironmentFacts(
      name: "grid-goal-\(side)",
      family: .grid,
      rulesVersion: 1,
      summary: "walk to a goal in an empty \(side)×\(side) room",
      observationSize: 2 * side * side,
      observationLayout: "two planes row by row: 1 where the agent is, 1 where the goal is",
      planes: PlaneLayout(height: side, width: side, channels: 2, order: .planes),
      hasBinaryObservation: true,
      actions: ["up", "right", "down", "left"],
      timeLimit: side * side,
      typicalEpisodeLength: side * side,
      states: (side * side) * (side * side - 1),
      scoreRange: 0...1,
      randomScore: 0.224,
      bestScore: 0.93)
  }
}
