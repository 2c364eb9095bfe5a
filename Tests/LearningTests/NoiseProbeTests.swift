import Algebra
import Foundation
import Records
import Testing

@testable import Analysis
@testable import Environments
@testable import Learning

/// Parts of the gradient's noise against what is known of them.
struct NoiseProbeTests {
  /// A probe's readings of updates on random rollouts.
  private static func readings(
    _ hyperparameters: Hyperparameters, environments: Int, horizon: Int, updates: Int = 1,
    trunks: Trunks = .shared
  ) throws -> (parts: NoiseParts, noise: NoiseMoments?) {
    let shape = NetworkShape(
      inputs: 5, actions: 3, hidden: LayerSizes([7, 6]), activation: .tanh, trunks: trunks)
    var learner = Learner(
      shape: shape,
      settings: trialSettings(
        hyperparameters, environments: environments, horizon: horizon, learningRate: 0.01),
      seed: Seed(1))
    learner.network.scatter(3)
    let probe = NoiseProbe()
    learner.probe = probe
    for update in 0..<updates {
      let rollout = randomRollout(
        learner.network, environments: environments, horizon: horizon, drift: 0, seed: update)
      _ = try learner.learn(from: [rollout])
    }
    return (probe.parts, learner.noise)
  }

  private static func first(_ part: NoiseParts.Part, _ parts: NoiseParts) throws -> NoiseMoments {
    try #require(parts.moments[part]?.first)
  }

  private func isClose(_ left: Double, _ right: Double, _ tolerance: Double = 1e-5) -> Bool {
    abs(left - right) <= tolerance * max(abs(left), abs(right))
  }

  @Test(arguments: [Hyperparameters(), Hyperparameters(.ppo), descent()])
  func `the total is what the learner sums by itself`(hyperparameters: Hyperparameters) throws {
    let (parts, noise) = try Self.readings(
      hyperparameters, environments: 12, horizon: 6, updates: 3)
    let total = try #require(parts.moments[.total])
    #expect(total.count == 3)
    let own = try #require(noise)
    #expect(isClose(total.reduce(0) { $0 + $1.shardSquares }, own.shardSquares))
    #expect(isClose(total.reduce(0) { $0 + $1.batchSquares }, own.batchSquares))
  }

  @Test func `a probe changes nothing`() throws {
    let shape = NetworkShape(
      inputs: 5, actions: 3, hidden: LayerSizes([7, 6]), activation: .tanh, trunks: .shared)
    let settings = trialSettings(Hyperparameters(.ppo), environments: 12, horizon: 6)
    var results: [[Float]] = []
    for isProbed in [false, true] {
      var learner = Learner(shape: shape, settings: settings, seed: Seed(1))
      if isProbed { learner.probe = NoiseProbe() }
      for update in 0..<3 {
        let rollout = randomRollout(
          learner.network, environments: 12, horizon: 6, drift: 0, seed: update)
        _ = try learner.learn(from: [rollout])
      }
      results.append(learner.network.parameters.values)
    }
    #expect(results[0] == results[1])
  }

  @Test(arguments: [Trunks.shared, .separate])
  func `norms of single observations are those of shards of one`(trunks: Trunks) throws {
    let parts = try Self.readings(
      Hyperparameters(), environments: 16, horizon: 1, trunks: trunks
    ).parts
    let (single, total) = try (Self.first(.observations, parts), Self.first(.total, parts))
    #expect(single.shardSize == 1 && total.shardSize == 1)
    #expect(isClose(single.shardSquares, total.shardSquares))
    #expect(isClose(single.batchSquares, total.batchSquares))
  }

  @Test func `policy or value alone is the total if the other has no weight`() throws {
    var hyperparameters = Hyperparameters()
    hyperparameters.vfCoef = 0
    let policy = try Self.readings(hyperparameters, environments: 8, horizon: 4).parts
    #expect(
      isClose(
        try Self.first(.policy, policy).shardSquares, try Self.first(.total, policy).shardSquares))
    #expect(try Self.first(.value, policy).shardSquares == 0)
    // With separate trunks the two share no parameter, so squares add up.
    let both = try Self.readings(
      Hyperparameters(), environments: 8, horizon: 4, trunks: .separate
    ).parts
    let (one, other) = try (Self.first(.policy, both), Self.first(.value, both))
    let total = try Self.first(.total, both)
    #expect(one.batchSquares > 0 && other.batchSquares > 0)
    #expect(isClose(one.batchSquares + other.batchSquares, total.batchSquares))
    #expect(isClose(one.shardSquares + other.shardSquares, total.shardSquares))
  }

  @Test func `layers add up to the total`() throws {
    let parts = try Self.readings(Hyperparameters(), environments: 8, horizon: 4).parts
    #expect(parts.layers == ["0", "1", "head"])
    let sum = try parts.layers.reduce(0.0) {
      $0 + (try Self.first(.layer($1), parts).shardSquares)
    }
    #expect(isClose(sum, try Self.first(.total, parts).shardSquares))
  }

  @Test func `the preconditioned norm is the gradient times Adam's step without momentum`() throws {
    var hyperparameters = Hyperparameters()
    hyperparameters.momentum = 0
    let shape = NetworkShape(
      inputs: 5, actions: 3, hidden: LayerSizes([7]), activation: .tanh, trunks: .shared)
    var learner = Learner(
      shape: shape,
      settings: trialSettings(hyperparameters, environments: 8, horizon: 4, learningRate: 1e-3),
      seed: Seed(1))
    // A long memory of squares: the step's own gradient hardly changes them.
    for update in 0..<200 {
      let rollout = randomRollout(
        learner.network, environments: 8, horizon: 4, drift: 0, seed: update)
      _ = try learner.learn(from: [rollout])
    }
    let probe = NoiseProbe()
    learner.probe = probe
    let rollout = randomRollout(learner.network, environments: 8, horizon: 4, drift: 0, seed: 999)
    var plain = Learner(
      shape: shape, settings: trialSettings(descent(), environments: 8, horizon: 4),
      seed: Seed(1))
    plain.network.parameters.values = learner.network.parameters.values
    let gradient = try movement(&plain, rollout).movement
    let step = try movement(&learner, rollout).movement
    let product = zip(gradient, step).reduce(0) { $0 + $1.0 * $1.1 } / 1e-3
    let norm = try Self.first(.preconditioned, probe.parts).batchSquares
    #expect(isClose(norm, product, 0.02), "\(norm) \(product)")
    #expect(!isClose(norm, try Self.first(.total, probe.parts).batchSquares, 0.5))
  }

  @Test func `independent updates have uncorrelated deviations, equal ones a correlation of one`()
    throws
  {
    let parts = try Self.readings(descent(), environments: 8, horizon: 4, updates: 40).parts
    #expect(parts.laggedProducts.count == 39)
    let correlation =
      parts.laggedProducts.reduce(0, +) / parts.deviationSquares.dropFirst().reduce(0, +)
    #expect(abs(correlation) < 0.1, "\(correlation)")

    let shape = NetworkShape(
      inputs: 5, actions: 3, hidden: LayerSizes([7]), activation: .tanh, trunks: .shared)
    var learner = Learner(
      shape: shape,
      settings: trialSettings(descent(), environments: 8, horizon: 4, learningRate: 1e-12),
      seed: Seed(1))
    let probe = NoiseProbe()
    learner.probe = probe
    for _ in 0..<3 {
      let rollout = randomRollout(learner.network, environments: 8, horizon: 4, drift: 0)
      _ = try learner.learn(from: [rollout])
    }
    let ratio = probe.parts.laggedProducts[1] / probe.parts.deviationSquares[2]
    #expect(abs(ratio - 1) < 1e-5)
  }
}

/// The two-armed bandit's policy gradient has a closed form: with probability π of the arm that
/// pays, tr Σ/|G|² is (1−π)/π with a baseline of 0, [(1−π)³+π³]/(π(1−π)) − 1 with a baseline of π,
/// and 0 with one of 1−π.
struct BanditNoiseTests {
  /// Noise of `updates` updates of 64 observations by a policy that stays as it is.
  private static func noise(
    _ probability: Double, baseline: Double, seed: Int, updates: Int = 96
  ) throws -> UpdateNoise {
    var hyperparameters = Hyperparameters()
    (hyperparameters.vfCoef, hyperparameters.entCoef, hyperparameters.hidden) = (
      0, 0, LayerSizes([1])
    )
    let task = CatalogueEntry(Bandit.self)
    let shape = NetworkShape(hyperparameters, for: task)
    let settings = trialSettings(
      hyperparameters, environments: 64, horizon: 1, learningRate: 1e-30)
    var learner = Learner(shape: shape, settings: settings, seed: Seed(seed))
    // All zero but the biases of the head: logits and the value, which is the baseline.
    var parameters = [Float](repeating: 0, count: shape.parameterCount)
    let odds = probability / (1 - probability)
    parameters[parameters.count - 3] = Float(log(odds))
    parameters[parameters.count - 1] = Float(baseline)
    learner.network.parameters.values = parameters
    var collector = Collector(task: task, count: 64, horizon: 1, shape: shape, seed: Seed(seed))
    var moments: [NoiseMoments] = []
    for _ in 0..<updates {
      collector.collect(
        with: learner.network,
        AdvantageEstimation(gamma: 0.9, lambda: 0.9))
      let before = learner.noise ?? NoiseMoments(shardSize: 0, batchSize: 0)
      _ = try learner.learn(from: collector.rollouts)
      let now = learner.noise
      moments.append(try #require(now?.since(before)))
    }
    let moved = zip(learner.network.parameters.values, parameters).map { abs($0 - $1) }
    try #require(moved.allSatisfy { $0 < 1e-20 })
    return try #require(UpdateNoise(moments))
  }

  static let probabilities = (1...9).map { Double($0) / 10 }

  @Test(arguments: probabilities, [false, true])
  func `intervals cover the closed form`(probability: Double, hasBaseline: Bool) throws {
    if hasBaseline, probability == 0.5 { return }
    let rest = 1 - probability
    let truth =
      hasBaseline
      ? (rest * rest * rest + probability * probability * probability) / (probability * rest) - 1
      : rest / probability
    var covered = 0
    var sum = 0.0
    for seed in 0..<200 {
      let noise = try Self.noise(
        probability, baseline: hasBaseline ? probability : 0, seed: seed)
      let estimate = try #require(noise.lawWeighted)
      let (low, high) = (try #require(estimate.low), try #require(estimate.high))
      covered += (low...high).contains(truth) ? 1 : 0
      sum += try #require(estimate.value)
    }
    #expect(covered >= 180, "\(covered) of 200 cover \(truth)")
    #expect(abs(sum / 200 / truth - 1) < 0.1, "mean \(sum / 200), truth \(truth)")
  }

  /// With a baseline of 1−π, or of π at π = ½, both arms pull alike: every observation has the
  /// same gradient.
  @Test(arguments: probabilities)
  func `a baseline that takes all noise away leaves none`(probability: Double) throws {
    let noise = try Self.noise(probability, baseline: 1 - probability, seed: 1)
    let estimate = try #require(noise.lawWeighted)
    #expect(try #require(estimate.value) < 1e-4)
    #expect(try #require(estimate.low) < 1e-4)
    #expect(try #require(estimate.high) < 1e-4)
  }

  @Test func `a probe follows a batch that changes its number of shards`() throws {
    let probe = NoiseProbe()
    var trainer = Trainer(
      trialSettings(Hyperparameters(), environments: 4, horizon: 1),
      task: CatalogueEntry(Bandit.self), seed: Seed(1))
    trainer.probe = probe
    _ = try trainer.update()
    trainer.resize(to: 8)
    _ = try trainer.update()
    #expect(probe.parts.moments[.total]?.map(\.batchSize) == [4, 8])
    #expect(probe.parts.laggedProducts.isEmpty)
  }
}
