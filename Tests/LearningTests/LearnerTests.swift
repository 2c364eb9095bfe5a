import Algebra
import Foundation
import Records
import Testing

@testable import Environments
@testable import Learning

/// Updates as a whole: shards, noise moments, clipping, divergence.
struct LearnerTests {
  private let twin = Twin()

  private func learner(
    _ settings: Hyperparameters, environments: Int, horizon: Int, rate: Double = 1
  ) -> Learner {
    let learner = Learner(
      shape: twin.shape,
      settings: trialSettings(
        settings, environments: environments, horizon: horizon, learningRate: rate),
      seed: Seed(1))
    learner.network.scatter(3)
    return learner
  }

  /// 300 rows don't fit in one block, 32 environments make 16 shards of two each.
  @Test(arguments: [(6, 4), (32, 3), (1, 12), (2, 300), (17, 2)])
  func `shards are whole environments, and their mean is the gradient`(
    environments: Int, horizon: Int
  ) throws {
    let settings = descent()
    var learner = learner(settings, environments: environments, horizon: horizon)
    let parameters = learner.network.exact
    let rollout = randomRollout(
      learner.network, environments: environments, horizon: horizon, drift: 0)
    let (moved, report) = try movement(&learner, rollout)
    let everything = samples(rollout, at: Array(0..<rollout.count))
    let whole = twin.gradient(parameters, everything, settings)
    #expect(distance(moved.map { -$0 }, whole) < 1e-3)
    let length = try #require(report.gradientNorm)
    #expect(abs(length / norm(whole) - 1) < 1e-3)
    #expect(report.optimizerSteps == 1)

    let shards = [6: 6, 32: 16, 1: 1, 2: 2, 17: 1][environments] ?? 0
    let moments = learner.noise
    #expect((moments == nil) == (shards == 1))
    if shards == 1 { return }
    let noise = try #require(moments)
    let own = environments / shards
    var squares = 0.0
    for shard in 0..<shards {
      let indices = (0..<rollout.count).filter { $0 / horizon / own == shard }
      let gradient = twin.gradient(parameters, samples(rollout, at: indices), settings)
      squares += norm(gradient) * norm(gradient) / Double(shards)
    }
    #expect(noise.updates == 1)
    #expect(noise.shardSize == own * horizon && noise.batchSize == environments * horizon)
    #expect(abs(noise.shardSquares / squares - 1) < 2e-3)
    #expect(abs(noise.batchSquares / (norm(whole) * norm(whole)) - 1) < 2e-3)
    // Shards differ, or nothing would be measured.
    #expect(squares > 1.1 * norm(whole) * norm(whole))
  }

  @Test func `one PPO step on fresh data follows the policy gradient`() throws {
    var once = descent(.ppo)
    (once.updateEpochs, once.numMinibatches, once.normAdv) = (1, 1, false)
    var ppo = learner(once, environments: 8, horizon: 40, rate: 64)
    var plain = learner(descent(), environments: 8, horizon: 40, rate: 64)
    let rollout = randomRollout(ppo.network, environments: 8, horizon: 40, drift: 0)
    let (one, oneReport) = try movement(&ppo, rollout)
    let (two, twoReport) = try movement(&plain, rollout)
    #expect(distance(one, two) < 1e-5)
    #expect(oneReport.clipFraction == 0 && abs(oneReport.approximateKL) < 1e-6)
    #expect(abs(oneReport.oldApproximateKL) < 1e-5 && twoReport.oldApproximateKL == 0)
    let lengths: [Double] = [oneReport, twoReport].compactMap(\.gradientNorm)
    #expect(lengths.count == 2 && abs(lengths[0] / lengths[1] - 1) < 1e-6)
    // Both take their moments from the same gradient.
    let (noise, plainNoise) = (ppo.noise, plain.noise)
    #expect(noise != nil && noise == plainNoise)
  }

  /// With one minibatch an epoch, the last one looks at the parameters that the others led to.
  @Test func `both estimates of the KL divergence are means over the last epoch`() throws {
    var settings = descent(.ppo)
    (settings.numMinibatches, settings.updateEpochs, settings.targetKL) = (1, 2, nil)
    var early = learner(settings, environments: 8, horizon: 40)
    settings.updateEpochs = 3
    var late = learner(settings, environments: 8, horizon: 40)
    let rollout = randomRollout(early.network, environments: 8, horizon: 40, drift: 0)
    _ = try early.learn(from: [rollout])
    let report = try late.learn(from: [rollout])
    let parameters = early.network.exact
    var (old, mean) = (0.0, 0.0)
    for sample in samples(rollout, at: Array(0..<rollout.count)) {
      let heads = twin.heads(parameters, sample.observation)
      let logRatio = heads.logProbabilities[sample.action] - sample.logProbability
      old -= logRatio / Double(rollout.count)
      mean += (exp(logRatio) - 1 - logRatio) / Double(rollout.count)
    }
    #expect(abs(old) > 1e-2 && mean > 1e-3 && abs(old - mean) > 1e-3)
    #expect(abs(report.oldApproximateKL - old) < 1e-5)
    #expect(abs(report.approximateKL - mean) < 1e-5)
  }

  @Test(arguments: Algorithm.allCases)
  func `max_grad_norm bounds the step but not the reported norm`(algorithm: Algorithm) throws {
    var settings = descent(algorithm)
    (settings.updateEpochs, settings.numMinibatches) = (1, 1)
    var free = learner(settings, environments: 4, horizon: 5)
    settings.maxGradNorm = 0.01
    var bound = learner(settings, environments: 4, horizon: 5)
    let rollout = randomRollout(free.network, environments: 4, horizon: 5, drift: 0)
    let (wide, wideReport) = try movement(&free, rollout)
    let (short, shortReport) = try movement(&bound, rollout)
    #expect(norm(wide) > 0.1)
    #expect(abs(norm(short) - 0.01) < 1e-5)
    #expect(distance(short.map { $0 * norm(wide) / 0.01 }, wide) < 1e-3)
    #expect(shortReport.gradientNorm == wideReport.gradientNorm)
    let (noise, freeNoise) = (bound.noise, free.noise)
    #expect(noise != nil && noise == freeNoise)
    // A norm that is not reached changes nothing.
    settings.maxGradNorm = 1_000
    var loose = learner(settings, environments: 4, horizon: 5)
    let (same, _) = try movement(&loose, rollout)
    #expect(same == wide)
  }

  @Test(arguments: Algorithm.allCases, [Float.nan, .infinity])
  func `a gradient that is not finite is a divergence and takes no step`(
    algorithm: Algorithm, poison: Float
  ) {
    var learner = learner(descent(algorithm), environments: 4, horizon: 5)
    let rollout = randomRollout(learner.network, environments: 4, horizon: 5, drift: 0)
    rollout.columns.advantages[7] = poison
    let before = learner.network.parameters.values
    var hasDiverged = false
    do { _ = try learner.learn(from: [rollout]) } catch { hasDiverged = true }
    let (after, steps) = (learner.network.parameters.values, learner.optimizerSteps)
    #expect(hasDiverged && after == before && steps == .zero)
  }

  @Test(arguments: Algorithm.allCases, OptimizerKind.allCases)
  func `an absurd learning rate diverges within a few updates`(
    algorithm: Algorithm, optimizer: OptimizerKind
  ) {
    let settings = Hyperparameters(algorithm, optimizer: optimizer)
    let trial = trialSettings(settings, environments: 4, horizon: 9, learningRate: 1e30)
    let task = CatalogueEntry(Catch.self)
    let shape = NetworkShape(
      inputs: 50, actions: 3, hidden: LayerSizes([8]), activation: .relu, trunks: .shared)
    var learner = Learner(shape: shape, settings: trial, seed: Seed(1))
    var collector = Collector(task: task, count: 4, horizon: 9, shape: shape, seed: Seed(2))
    var divergence: Divergence?
    for _ in 0..<20 where divergence == nil {
      collector.collect(
        with: learner.network,
        AdvantageEstimation(gamma: 0.99, lambda: 0.95))
      do { _ = try learner.learn(from: collector.rollouts) } catch { divergence = error }
    }
    #expect(divergence != nil)
  }
}
