import Algebra
import Foundation
import Records
import TestSupport
import Testing

@testable import Environments
@testable import Learning

struct TrainerTests {
  private static let task = CatalogueEntry(Catch.self)

  /// What a trainer has come to.
  private struct Point: Equatable {
    var updates: Updates
    var observations: Observations
    var batch: Observations
    var optimizerSteps: OptimizerSteps
    var parameters: [Float]
    var noise: NoiseMoments?
    var operations: Operations

    init(_ trainer: borrowing Trainer) {
      (updates, observations) = (trainer.updates, trainer.observations)
      (batch, optimizerSteps) = (trainer.batch, trainer.optimizerSteps)
      parameters = trainer.network.parameters.values
      (noise, operations) = (trainer.noise, trainer.operations)
    }
  }

  private static func settings(_ algorithm: Algorithm, environments: Int = 6) -> TrialSettings {
    trialSettings(
      Hyperparameters(algorithm), environments: environments, horizon: 12, learningRate: 0.01)
  }

  private static func trainer(_ settings: TrialSettings) -> Trainer {
    Trainer(settings, task: task, seed: Seed(5))
  }

  @Test(arguments: Algorithm.allCases)
  func `an update is a rollout of the collector and the learner's update from it`(
    algorithm: Algorithm
  ) throws {
    let settings = Self.settings(algorithm)
    var trainer = Self.trainer(settings)
    let shape = NetworkShape(settings.hyperparameters, for: Self.task)
    var learner = Learner(shape: shape, settings: settings, seed: Seed(5))
    var collector = Collector(
      task: Self.task, count: 6, horizon: 12, shape: shape, seed: Seed(5).child(.training))
    let network = learner.network
    for update in 1...5 {
      let report = try trainer.update()
      collector.collect(with: network, AdvantageEstimation(settings.hyperparameters))
      let byHand = try learner.learn(from: collector.rollouts)
      let point = Point(trainer)
      #expect(report.gradientNorm == byHand.gradientNorm)
      #expect(point.parameters == network.parameters.values)
      #expect(point.updates == Updates(update))
      #expect(point.observations == Observations(72 * update))
    }
    let point = Point(trainer)
    let operations = collector.operations + learner.operations
    let (noise, steps) = (learner.noise, learner.optimizerSteps)
    #expect(point.operations == operations && point.noise == noise)
    #expect(point.optimizerSteps == steps)
    let (episodes, byHand) = (trainer.finishedEpisodes.count, collector.finishedEpisodes.count)
    #expect(episodes == byHand && episodes > 20)
  }

  /// Also after changes of size, which determine the groups of copies.
  @Test(arguments: Algorithm.allCases, [[], [24], [24, 12]])
  func `a saved and restored trainer continues bit for bit`(
    algorithm: Algorithm, sizes: [Int]
  ) throws {
    let settings = Self.settings(algorithm)
    var trainer = Self.trainer(settings)
    for _ in 0..<3 { _ = try trainer.update() }
    for environments in sizes {
      trainer.resize(to: environments)
      for _ in 0..<3 { _ = try trainer.update() }
    }
    let saved = try PropertyListEncoder().encode(trainer.state)
    var restored = Self.trainer(settings)
    try restored.restore(PropertyListDecoder().decode(TrainerState.self, from: saved))
    for _ in 0..<4 {
      let (point, same) = (Point(trainer), Point(restored))
      #expect(point == same)
      _ = try trainer.update()
      _ = try restored.update()
    }
  }

  @Test func `a state of other settings is refused`() throws {
    let state = Self.trainer(Self.settings(.ppo)).state
    // More groups of copies, and a longer order of minibatches.
    for settings in [
      Self.settings(.policyGradient, environments: 128), Self.settings(.ppo, environments: 12),
    ] {
      var other = Self.trainer(settings)
      var isRefused = false
      do { try other.restore(state) } catch { isRefused = true }
      #expect(isRefused)
    }
  }

  @Test(arguments: OptimizerKind.allCases)
  func `another size has the learning rate that goes with it and the same network`(
    optimizer: OptimizerKind
  ) throws {
    var settings = Self.settings(.policyGradient)
    settings.hyperparameters = settings.hyperparameters.with(optimizer: optimizer)
    var trainer = Self.trainer(settings)
    _ = try trainer.update()
    let before = Point(trainer)
    trainer.resize(to: 24)
    let (after, rate) = (Point(trainer), trainer.learningRate)
    #expect(after.batch == Observations(288) && after.parameters == before.parameters)
    #expect(abs(rate / 0.01 - (optimizer == .sgd ? 4 : 2)) < 1e-12)
    #expect(after.noise?.updates == 0 && after.noise?.batchSize == 288)
    _ = try trainer.update()
    let observations = trainer.observations
    #expect(observations == Observations(72 + 288))
  }

  @Test func `a trainer adopts parameters and optimizer of a run at another batch`() throws {
    var run = Self.trainer(Self.settings(.policyGradient))
    for _ in 0..<3 { _ = try run.update() }
    var branch = Self.trainer(Self.settings(.policyGradient, environments: 12))
    try branch.adopt(run.learnerState)
    let (of, start) = (Point(run), Point(branch))
    #expect(start.parameters == of.parameters && start.optimizerSteps == of.optimizerSteps)
    #expect(start.updates == .zero)
    _ = try branch.update()
    let parameters = branch.network.parameters.values
    #expect(parameters != start.parameters)
  }
}
