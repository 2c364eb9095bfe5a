import Records
import Testing

@testable import Environments
@testable import Learning

/// PPO's epochs and minibatches.
struct MinibatchTests {
  private static func learner(
    _ settings: Hyperparameters, environments: Int, horizon: Int, rate: Double
  ) -> Learner {
    let learner = Learner(
      shape: Twin().shape,
      settings: trialSettings(
        settings, environments: environments, horizon: horizon, learningRate: rate),
      seed: Seed(1))
    learner.network.scatter(3)
    return learner
  }

  @Test(arguments: [(1, 1), (4, 4), (3, 5), (2, 8)])
  func `takes epochs times minibatches steps`(epochs: Int, minibatches: Int) throws {
    var settings = Hyperparameters(.ppo)
    (settings.updateEpochs, settings.numMinibatches) = (epochs, minibatches)
    for environments in [2, 10] {
      var learner = Self.learner(settings, environments: environments, horizon: 8, rate: 1e-3)
      let rollout = randomRollout(
        learner.network, environments: environments, horizon: 8, drift: 0)
      for update in 1...3 {
        let report = try learner.learn(from: [rollout])
        let steps = learner.optimizerSteps
        #expect(report.optimizerSteps == epochs * minibatches)
        #expect(steps == OptimizerSteps(update * epochs * minibatches))
      }
    }
  }

  /// The number of minibatches that contain some rows of a rollout: each of them makes a step of the
  /// same length, as its gradient is clipped; all others are zero.
  private static func touched(
    environments: Int, horizon: Int, minibatches: Int, indices: Range<Int>
  ) throws -> Double {
    var settings = descent(.ppo)
    (settings.updateEpochs, settings.numMinibatches) = (1, minibatches)
    (settings.entCoef, settings.vfCoef, settings.maxGradNorm) = (0, 0, 1e-4)
    var learner = learner(settings, environments: environments, horizon: horizon, rate: 100)
    let rollout = randomRollout(
      learner.network, environments: environments, horizon: horizon, drift: 0)
    for index in 0..<rollout.count {
      rollout.columns.advantages[index] = indices.contains(index) ? 1 : 0
      // The same observation and action everywhere, so that all steps have one direction.
      let all = rollout.observations
      all.assign(rowsOf: all, 0..<1, at: index)
      rollout.columns.actions[index] = rollout.columns.actions[0]
      rollout.columns.logProbabilities[index] = rollout.columns.logProbabilities[0]
    }
    learner.network.forward(
      rollout.observations, into: rollout.activations,
      at: RowSelection(0..<rollout.count))
    return norm(try movement(&learner, rollout).movement) / 0.01
  }

  @Test func `minibatches are whole environments where there are enough of them`() throws {
    for environment in 0..<8 {
      let own = environment * 6..<(environment + 1) * 6
      let count = try Self.touched(environments: 8, horizon: 6, minibatches: 4, indices: own)
      #expect(abs(count - 1) < 0.02)
    }
  }

  @Test func `minibatches are transitions if there are too few environments`() throws {
    let own = try Self.touched(environments: 2, horizon: 16, minibatches: 4, indices: 0..<16)
    #expect(own > 2.5)
    // Every transition is looked at once.
    for index in 0..<32 {
      let count = try Self.touched(
        environments: 2, horizon: 16, minibatches: 4, indices: index..<index + 1)
      #expect(abs(count - 1) < 0.02)
    }
  }

  @Test func `a target for the KL divergence ends an update early`() throws {
    var settings = Hyperparameters(.ppo)
    (settings.updateEpochs, settings.numMinibatches) = (10, 2)
    for (target, epochs) in [(nil, 10), (1e9, 10), (1e-9, 1)] as [(Double?, Int)] {
      settings.targetKL = target
      var learner = Self.learner(settings, environments: 4, horizon: 8, rate: 0.02)
      let rollout = randomRollout(learner.network, environments: 4, horizon: 8, drift: 0)
      let report = try learner.learn(from: [rollout])
      #expect(report.optimizerSteps == 2 * epochs)
      #expect(report.approximateKL > 1e-9)
    }
  }
}
