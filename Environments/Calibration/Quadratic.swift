/// A control without a policy: gradient descent on an isotropic quadratic loss in 1,024 dimensions
/// with known gradient noise (see `Bowl`).
///
/// The noise of one observation is a random sign per dimension, with h = 100 and s = 1/64. An
/// episode is one observation; its only action and its reward of 0 have no meaning. The score is
/// −log₂(L/L₀), the number of times the loss has halved. It is computed from the point, without
/// playing.
struct Quadratic: Environment {
  /// A bit per dimension.
  private var signs: [64 of UInt16] = .init(repeating: 0)

  init(random: inout some RandomSource) { restart(random: &random) }

  mutating func restart(random: inout some RandomSource) {
    for word in signs.indices { signs[word] = UInt16(random.integer(below: 1 << 16)) }
  }

  mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    Outcome(isOver: true)
  }

  func observe(into row: inout MutableSpan<Float>) {
    for word in signs.indices {
      for bit in 0..<16 { row[16 * word + bit] = signs[word] >> bit & 1 == 0 ? -1 : 1 }
    }
  }

  static let facts = EnvironmentFacts(
    name: "quadratic",
    family: .calibration,
    rulesVersion: 1,
    summary: "no game: minimize a quadratic loss from gradients with known noise",
    observationSize: 1_024,
    observationLayout: "the noise of one gradient sample: −1 or 1 in each dimension",
    hasBinaryObservation: false,
    actions: ["look"],
    timeLimit: 1,
    typicalEpisodeLength: 1,
    scoreRange: -100...100,
    randomScore: 0,
    bestScore: 100,
    bowl: Bowl(curvature: 100, noise: 0x1p-6))
}
