import Algebra
import Records
import Testing

@testable import Environments
@testable import Learning

/// What the columns of a collected rollout say, against a replay of its actions.
struct CollectorTests {
  private static let task = CatalogueEntry(GridGoal<4>.self)
  private static let twin = Twin(inputs: 32, actions: 4, hidden: [6])
  /// More copies than go through the horizon together.
  private static let (count, horizon) = (70, 40)

  private static func network() -> Network {
    let network = Network(twin.shape)
    network.scatter(5, size: 1)
    return network
  }

  private static func collector(seed: Int) -> Collector {
    Collector(
      task: task, count: count, horizon: horizon, shape: twin.shape, seed: Seed(seed))
  }

  private static func value(_ network: Network, _ row: [Float]) -> Double {
    twin.heads(network.exact, row.map { Double($0) }).value
  }

  @Test func `log-probabilities and values are those of the network that acted`() {
    let network = Self.network()
    var collector = Self.collector(seed: 6)
    for _ in 0..<2 {
      collector.collect(with: network, AdvantageEstimation(gamma: 0.9, lambda: 0.9))
      for rollout in collector.rollouts {
        for sample in samples(rollout, at: Array(0..<rollout.count)) {
          let heads = Self.twin.heads(network.exact, sample.observation)
          #expect(abs(heads.logProbabilities[sample.action] - sample.logProbability) < 1e-5)
          #expect(abs(heads.value - sample.value) < 1e-5)
        }
      }
    }
  }

  /// The horizon is longer than the time limit of 16, so that every copy ends episodes within.
  @Test func `rewards, endings and successors are those of a replay`() {
    let (network, seed) = (Self.network(), Seed(6))
    var collector = Self.collector(seed: 6)
    let replay = Self.task.copies(Self.count, seed: seed, isStaggered: true)
    let stagger = collector.staggerSteps
    #expect(stagger == replay.staggerSteps)
    var rows = [Float](repeating: 0, count: Self.count * 32)
    var last = rows
    var seen: Set<Ending> = []
    var bootstraps = 0
    for _ in 0..<3 {
      collector.collect(with: network, AdvantageEstimation(gamma: 0.9, lambda: 0.9))
      let rollouts = collector.rollouts
      #expect(rollouts.count > 1)
      let observations = rollouts.flatMap(\.observations.dense.values)
      let values = rollouts.flatMap(\.successorValues).map { Double($0) }
      let actions = rollouts.flatMap(\.columns.actions)
      let (gains, ends) = (rollouts.flatMap(\.rewards), rollouts.flatMap(\.endings))
      for step in 0..<Self.horizon {
        let indices = (0..<Self.count).map { $0 * Self.horizon + step }
        observe(replay, &rows)
        for copy in 0..<Self.count {
          let own = observations[indices[copy] * 32..<(indices[copy] + 1) * 32]
          #expect(Array(own) == Self.row(rows, copy))
        }
        var rewards = [Float](repeating: 0, count: Self.count)
        var endings = [Ending](repeating: .none, count: Self.count)
        advance(replay, indices.map { actions[$0] }, &rewards, &endings, &last)
        observe(replay, &rows)
        var truncated = 0
        for (copy, index) in indices.enumerated() {
          #expect(gains[index] == rewards[copy] && ends[index] == endings[copy])
          seen.insert(endings[copy])
          if endings[copy] == .truncated {
            // The last observation of the episode, not the first of the next one.
            let value = Self.value(network, Self.row(last, truncated))
            #expect(abs(values[index] - value) < 1e-5)
            let next = Self.row(rows, copy)
            if next != Self.row(last, truncated) {
              #expect(abs(value - Self.value(network, next)) > 1e-5)
              bootstraps += 1
            }
            truncated += 1
          } else if step == Self.horizon - 1 && endings[copy] == .none {
            #expect(abs(values[index] - Self.value(network, Self.row(rows, copy))) < 1e-5)
          }
        }
      }
    }
    #expect(seen == [.none, .terminated, .truncated])
    #expect(bootstraps > 100)
  }

  @Test func `episodes of removed copies still count`() {
    let network = Self.network()
    var collector = Collector(
      task: Self.task, count: 64, horizon: Self.horizon, shape: Self.twin.shape, seed: Seed(6))
    var ended = 0
    for copies in [64, 256, 128, 64] {
      let before = collector.finishedEpisodes
      collector.resize(to: copies, seed: Seed(7))
      let resized = collector.finishedEpisodes
      #expect(resized.count == before.count && resized.lengths == before.lengths)
      #expect(abs(resized.returns - before.returns) < 1e-9)
      collector.collect(with: network, AdvantageEstimation(gamma: 0.9, lambda: 0.9))
      ended += collector.rollouts.flatMap(\.endings).count { $0 != .none }
      let after = collector.finishedEpisodes
      #expect(after.count == ended)
      // What a mean over the episodes since the last look is made of.
      let mean = Double(after.lengths - before.lengths) / Double(after.count - before.count)
      #expect(mean >= 1 && mean <= 16)
    }
    #expect(ended > 1000)
  }

  private static func row(_ rows: [Float], _ index: Int) -> [Float] {
    Array(rows[index * 32..<(index + 1) * 32])
  }

  private func observe(_ copies: VectorEnvironment, _ rows: inout [Float]) {
    var span = rows.mutableSpan
    copies.observe(into: &span, at: StridedIndices())
  }

  private func advance(
    _ copies: VectorEnvironment, _ actions: [Int32], _ rewards: inout [Float],
    _ endings: inout [Ending], _ last: inout [Float]
  ) {
    var span = last.mutableSpan
    _ = copies.advance(
      actions, rewards: &rewards, endings: &endings, at: StridedIndices(), last: &span)
  }

  @Test func `actions are drawn with the probabilities of the policy`() {
    let heads = Matrix(rows: 1, columns: 5)
    let probabilities = [0.5, 0.02, 0.3, 0.18]
    heads.values = [-0.693_147, -3.912_023, -1.203_973, -1.714_798, 9]
    var sampler = ActionSampler([Seed(3).stream(.actions)])
    var counts = [0, 0, 0, 0]
    for _ in 0..<100_000 {
      sampler.draw(from: heads)
      let action = Int(sampler.actions[0])
      counts[action] += 1
      if sampler.logProbabilities[0] != heads[0, action] { counts[0] = -1_000_000 }
    }
    for (seen, probability) in zip(counts, probabilities) {
      let deviation = (100_000 * probability * (1 - probability)).squareRoot()
      #expect(abs(Double(seen) - 100_000 * probability) < 4 * deviation)
    }
  }

  @Test func `the same seed trains to the same bits, another seed does not`() throws {
    func train(_ seed: Int, _ algorithm: Algorithm) throws -> [Float] {
      let settings = trialSettings(
        Hyperparameters(algorithm), environments: Self.count, horizon: Self.horizon,
        learningRate: 0.01)
      var learner = Learner(shape: Self.twin.shape, settings: settings, seed: Seed(seed))
      var collector = Self.collector(seed: seed)
      for _ in 0..<4 {
        collector.collect(
          with: learner.network,
          AdvantageEstimation(gamma: 0.9, lambda: 0.9, isNormalized: true))
        _ = try learner.learn(from: collector.rollouts)
      }
      return learner.network.parameters.values
    }
    for algorithm in Algorithm.allCases {
      let first = try train(1, algorithm)
      #expect(try train(1, algorithm) == first)
      #expect(try train(2, algorithm) != first)
    }
  }
}
