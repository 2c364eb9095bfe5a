import Algebra
import Records
import Testing

@testable import Learning

/// Gradients of the objectives against finite differences of the twin.
struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var drift = 0.0
    var settings = Hyperparameters()
  }

  static let cases = [
    make("policy term") { $0.vfCoef = 0; $0.entCoef = 0 },
    make("value term", of: 0) { $0.vfCoef = 0.7; $0.entCoef = 0 },
    make("entropy term", of: 0) { $0.vfCoef = 0; $0.entCoef = 0.5 },
    make("all of policy gradient") { $0.entCoef = 0.3 },
    make("ratios off 1, no clip", drift: 0.3) { $0.entCoef = 0.1 },
    make("clipped ratios", drift: 0.3) { $0.clipCoef = 0.2; $0.vfCoef = 0; $0.entCoef = 0 },
    make("clipped values", drift: 0.5, of: 0) { $0.clipCoef = 0.2; $0.clipVloss = true },
    make("all of PPO", drift: 0.3) { $0.clipCoef = 0.2; $0.clipVloss = true; $0.entCoef = 0.1 },
  ]

  /// - Parameter of: factor of the advantages.
  private static func make(
    _ name: String, drift: Double = 0, of factor: Double = 1,
    _ change: (inout Hyperparameters) -> Void
  ) -> Case {
    var made = Case(testDescription: name + (factor == 0 ? " alone" : ""), drift: drift)
    change(&made.settings)
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
    var rollout = madeUpRollout(network, environments: 8, horizon: 5, drift: of.drift)
    if of.testDescription.hasSuffix("alone") {
      for place in 0..<rollout.count { rollout.advantages[place] = 0 }
    }
    let gradient = Network(twin.shape)
    let slopes = Matrix(rows: rollout.count, columns: twin.actions + 1)
    var tally = LossTally()
    let objective = Objective(of.settings)
    objective.slopes(
      of: 0..<rollout.count, in: rollout, heads: rollout.activations.heads, first: 0,
      weight: 1 / Float(rollout.count), into: slopes, tally: &tally)
    network.backward(
      slopes, rollout.observations, rollout.activations, at: RowSelection(0..<rollout.count),
      scratch: Activations(twin.shape, rows: rollout.count), addingTo: gradient)
    let all = samples(rollout, at: Array(0..<rollout.count))
    let expected = twin.gradient(network.exact, all, of.settings)
    #expect(norm(expected) > 1e-3)
    #expect(distance(gradient.exact, expected) < 1e-3)

    // The loss itself, put together from its reported parts.
    let count = Double(tally.samples)
    let reported =
      (tally.policyLoss + of.settings.vfCoef * tally.valueLoss - of.settings.entCoef
        * tally.entropy) / count
    #expect(abs(reported - twin.loss(network.exact, all, of.settings)) < 1e-5)
  }

  /// Were all ratios on one side of the clip, the tests above would show little.
  @Test func `the ratios of these tests lie inside, below and above the clip`() {
    let network = Network(Twin().shape)
    network.scatter(3)
    let rollout = madeUpRollout(network, environments: 8, horizon: 5, drift: 0.3)
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
    let rollout = madeUpRollout(network, environments: 3, horizon: 7, drift: 0)
    let heads = rollout.activations.heads
    for (place, sample) in samples(rollout, at: Array(0..<21)).enumerated() {
      let exact = twin.heads(network.exact, sample.observation)
      #expect(abs(Double(heads[place, 3]) - exact.value) < 1e-5)
      for action in 0..<3 {
        #expect(abs(Double(heads[place, action]) - exact.logProbabilities[action]) < 1e-5)
      }
    }
  }
}
