import Algebra
import Records
import Testing

@testable import Learning

/// Gradients of the objectives against finite differences of the twin.
struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var drift: Double
    /// Factor of the advantages.
    var advantage: Float
    var settings = Hyperparameters()
  }

  static let cases = [
    make("policy term", value: 0, entropy: 0),
    make("value term", advantage: 0, value: 0.7, entropy: 0),
    make("entropy term", advantage: 0, value: 0, entropy: 0.5),
    make("all of policy gradient", entropy: 0.3),
    make("ratios off 1, no clip", drift: 0.3),
    make("clipped ratios", drift: 0.3, value: 0, entropy: 0, clip: 0.2),
    make("clipped values", drift: 0.5, advantage: 0, clip: 0.2, clipsValue: true),
    make("all of PPO", drift: 0.3, clip: 0.2, clipsValue: true),
  ]

  /// - Parameter advantage: factor of the advantages.
  private static func make(
    _ name: String, drift: Double = 0, advantage: Double = 1, value: Double = 0.5,
    entropy: Double = 0.1, clip: Double? = nil, clipsValue: Bool = false
  ) -> Case {
    var made = Case(testDescription: name, drift: drift, advantage: Float(advantage))
    (made.settings.vfCoef, made.settings.entCoef) = (value, entropy)
    (made.settings.clipCoef, made.settings.clipVloss) = (clip, clipsValue)
    return made
  }

  @Test(arguments: cases, [(Trunks.shared, Activation.tanh), (.separate, .relu)])
  func `are those of the loss`(of: Case, kind: (trunks: Trunks, activation: Activation)) {
    check(of, Twin(activation: kind.activation, trunks: kind.trunks))
  }

  @Test func `are those of the loss in the other two networks`() {
    guard let all = Self.cases.last else { return }
    check(all, Twin(activation: .relu, trunks: .shared))
    check(all, Twin(activation: .tanh, trunks: .separate))
    check(all, Twin(hidden: []))
    check(all, Twin(actions: 1, hidden: [4]))
  }

  private func check(_ of: Case, _ twin: Twin) {
    let network = Network(twin.shape)
    network.scatter(3)
    let rollout = randomRollout(network, environments: 8, horizon: 5, drift: of.drift)
    for index in 0..<40 { rollout.columns.advantages[index] *= of.advantage }
    let gradient = ParameterSet(twin.shape)
    let count = rollout.count
    let gradients = Activations(twin.shape, rows: count)
    var tally = LossTally()
    var scratch = LossScratch(rows: count)
    let objective = Objective(of.settings)
    objective.writeGradients(
      of: rollout.columns, from: 0, heads: rollout.activations.heads,
      weight: 1 / Float(count), to: gradients.heads, scratch: &scratch, tally: &tally)
    let backward = BackwardPass(network)
    backward.update()
    backward.run(
      gradients, rollout.observations, rollout.activations, at: RowSelection(0..<count),
      addingTo: gradient)
    let all = samples(rollout, at: Array(0..<count))
    let expected = twin.gradient(network.exact, all, of.settings)
    #expect(norm(expected) > 1e-3)
    #expect(distance(gradient.vector.values.map { Double($0) }, expected) < 1e-3)

    // The loss itself, put together from its reported parts.
    let observations = Double(tally.samples)
    let reported =
      (tally.policyLoss + of.settings.vfCoef * tally.valueLoss - of.settings.entCoef
        * tally.entropy) / observations
    #expect(abs(reported - twin.loss(network.exact, all, of.settings)) < 1e-5)
  }

  /// Were all ratios on one side of the clip, the tests above would show little.
  @Test func `the ratios of these tests are inside, below and above the clip`() {
    let network = Network(Twin().shape)
    network.scatter(3)
    let rollout = randomRollout(network, environments: 8, horizon: 5, drift: 0.3)
    var (below, above, kinds) = (0, 0, Set<String>())
    for sample in samples(rollout, at: Array(0..<40)) {
      let heads = Twin().heads(network.exact, sample.observation)
      let log = heads.logProbabilities[sample.action] - sample.logProbability
      if log < -0.223 { below += 1 }
      if log > 0.183 { above += 1 }
      kinds.insert("\(log < -0.223) \(log > 0.183) \(sample.advantage > 0)")
    }
    #expect(below > 3 && above > 3 && below + above < 35)
    #expect(kinds.count == 6)
  }

  @Test(arguments: Trunks.allCases, Activation.allCases)
  func `the forward pass is the twin's`(trunks: Trunks, activation: Activation) {
    let twin = Twin(activation: activation, trunks: trunks)
    let network = Network(twin.shape)
    network.scatter(4)
    let rollout = randomRollout(network, environments: 3, horizon: 7, drift: 0)
    let heads = rollout.activations.heads
    for (index, sample) in samples(rollout, at: Array(0..<21)).enumerated() {
      let exact = twin.heads(network.exact, sample.observation)
      #expect(abs(Double(heads[index, 3]) - exact.value) < 1e-5)
      for action in 0..<3 {
        #expect(abs(Double(heads[index, action]) - exact.logProbabilities[action]) < 1e-5)
      }
    }
  }
}
