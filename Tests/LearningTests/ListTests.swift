import Algebra
import Records
import Testing

@testable import Environments
@testable import Learning

/// Binary observations as lists of nonzeros against the same as numbers.
struct ListTests {
  private static let task = CatalogueEntry(GridGoal<4>.self)

  private static func shape(
    asLists: Bool, _ trunks: Trunks, _ hidden: NetworkLayers
  ) -> NetworkShape {
    NetworkShape(
      inputs: 32, planes: task.facts.planes, maxNonzeros: asLists ? task.maxNonzeros : nil,
      actions: 4, hidden: hidden, activation: .tanh, trunks: trunks)
  }

  /// Parameters after two updates, and the observations and heads of the second rollout.
  private static func learn(
    asLists: Bool, _ algorithm: Algorithm, _ trunks: Trunks, _ hidden: NetworkLayers
  ) throws -> (parameters: [Double], observations: [Float], heads: [Float]) {
    let shape = shape(asLists: asLists, trunks, hidden)
    let settings = trialSettings(
      descent(algorithm), environments: 12, horizon: 20, learningRate: 0.1)
    var learner = Learner(shape: shape, settings: settings, seed: Seed(2))
    var collector = Collector(
      task: task, count: 12, horizon: 20, shape: shape, seed: Seed(3).child(.training))
    for _ in 0..<2 {
      collector.collect(
        with: learner.network,
        AdvantageEstimation(gamma: 0.9, lambda: 0.9))
      _ = try learner.learn(from: collector.rollouts)
    }
    return (
      learner.network.exact, collector.rollouts[0].observations.dense.values,
      collector.rollouts[0].activations.heads.values
    )
  }

  /// The horizon is longer than the time limit, so last observations of episodes are lists too.
  @Test(
    arguments: [(Algorithm.policyGradient, Trunks.shared), (.ppo, .separate)],
    ["dense24,dense8", "conv6x3,dense8", "conv20x3same,conv4x2s2"])
  func `sparse rows learn what dense rows learn`(
    kind: (algorithm: Algorithm, trunks: Trunks), layers: String
  ) throws {
    let hidden = try #require(NetworkLayers(layers))
    let lists = try Self.learn(asLists: true, kind.algorithm, kind.trunks, hidden)
    let numbers = try Self.learn(asLists: false, kind.algorithm, kind.trunks, hidden)
    #expect(lists.observations == numbers.observations)
    #expect(zip(lists.heads, numbers.heads).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(distance(lists.parameters, numbers.parameters) < 1e-4)
  }
}
