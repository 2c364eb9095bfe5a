/// Two arms, one of which pays 1 and the other 0. An episode is one pull.
///
/// Only the policy is random, so the policy gradient's squared norm and variance, and with them the
/// noise scale, follow from the policy's probabilities alone.
struct Bandit: BinaryEnvironment {
  init(random: inout some RandomSource) {}

  mutating func restart(random: inout some RandomSource) {}

  mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    Outcome(reward: action == 0 ? 1 : 0, isOver: true)
  }

  static var maxNonzeros: Int { 1 }

  func forEachNonzero(_ body: (Int) -> Void) { body(0) }

  static let facts = EnvironmentFacts(
    name: "bandit",
    family: .calibration,
    rulesVersion: 1,
    summary: "pull the arm that pays",
    observationSize: 1,
    observationLayout: "always 1",
    hasBinaryObservation: true,
    actions: ["arm that pays 1", "arm that pays 0"],
    timeLimit: 1,
    typicalEpisodeLength: 1,
    states: 1,
    scoreRange: 0...1,
    randomScore: 0.5,
    bestScore: 1)
}
