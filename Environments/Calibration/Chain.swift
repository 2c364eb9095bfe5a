/// Eight states in a row: walk from the left end to the right one, on slippery ground.
///
/// Every step costs 0.01 and goes the other way with probability 0.1. The left end is a wall.
/// Reaching the right end pays 1 and ends the episode. The task is small enough for value iteration
/// to compute the values of all states.
public struct Chain: BinaryEnvironment {
  static let states: Int32 = 8
  static let slip = 0.1
  static let cost = 0.01

  var state: Int32 = 0

  public init(random: inout some RandomSource) {}

  public mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  public mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    let hasSlipped = random.unit() < Self.slip
    state += (action == 1) == hasSlipped ? -1 : 1
    state = max(state, 0)
    let isOver = state == Self.states - 1
    return Outcome(reward: (isOver ? 1 : 0) - Self.cost, isOver: isOver)
  }

  public static var maxNonzeros: Int { 1 }

  public func forEachNonzero(_ body: (Int) -> Void) { body(Int(state)) }

  public static let facts = EnvironmentFacts(
    name: "chain",
    family: .calibration,
    rulesVersion: 1,
    summary: "walk to the right end of a slippery row of states",
    observationSize: Int(states),
    observationLayout: "1 for the state it is in, from left to right",
    hasBinaryObservation: true,
    actions: ["left", "right"],
    timeLimit: 100,
    typicalEpisodeLength: 50,
    states: Int(states) - 1,
    scoreRange: -1...0.93,
    randomScore: 0.365,
    bestScore: 0.914)
}
