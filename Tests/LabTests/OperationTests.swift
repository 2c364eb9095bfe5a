import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Algebra
@testable import Environments
@testable import Lab
@testable import Records

/// What a trial says of its operations against a count at the products themselves.
struct OperationTests {
  /// A few updates of a task, evaluations included.
  private static func outcome(
    _ task: String, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) throws -> TrialOutcome {
    let entry = try Catalogue.builtIn.task(named: task)
    var hyperparameters = Hyperparameters()
    change(&hyperparameters)
    let settings = TrialSettings.sample(
      task: task, role: .single, numEnvs: 6, numSteps: 20, learningRate: 1e-3, hyperparameters,
      targets: [entry.facts.bestScore], limit: 6 * 20 * 9, evaluationEpisodes: 8)
    return try Trial(settings, task: entry).run()
  }

  /// Ends the process in failure where the two counts differ.
  private static func compare(_ outcome: () throws -> TrialOutcome) throws {
    ProductCount.operations.store(0, ordering: .relaxed)
    ProductCount.isOn.store(true, ordering: .relaxed)
    let trial = try outcome()
    let executed = trial.operations.executed + trial.evaluationOperations.executed
    let counted = ProductCount.operations.load(ordering: .relaxed)
    if executed == 0 || executed != counted { exit(EXIT_FAILURE) }
  }

  @Test func `lists of ones, policy gradient, shared trunk`() async {
    await #expect(processExitsWith: .success) {
      try Self.compare { try Self.outcome("catch") }
    }
  }

  @Test func `dense observations, policy gradient, separate trunks`() async {
    await #expect(processExitsWith: .success) {
      try Self.compare { try Self.outcome("pong") { $0.trunks = .separate } }
    }
  }

  @Test func `lists of ones, PPO, separate trunks`() async {
    await #expect(processExitsWith: .success) {
      try Self.compare {
        try Self.outcome("breakout") {
          $0 = Hyperparameters(.ppo)
          $0.trunks = .separate
        }
      }
    }
  }

  @Test func `dense observations, PPO with layers that OpenBLAS multiplies`() async {
    await #expect(processExitsWith: .success) {
      try Self.compare {
        try Self.outcome("pong") {
          $0 = Hyperparameters(.ppo)
          $0.hidden = LayerSizes([96, 32, 80])
        }
      }
    }
  }

  @Test func `convolutions of lists and of convolutions, policy gradient, shared trunk`() async {
    await #expect(processExitsWith: .success) {
      try Self.compare {
        try Self.outcome("breakout") {
          if let network = NetworkLayers("conv8x3,conv12x3s2same,dense80") { $0.use(network) }
        }
      }
    }
  }

  @Test func `convolutions of lists with uniform numbers, PPO, separate trunks`() async {
    await #expect(processExitsWith: .success) {
      try Self.compare {
        try Self.outcome("empty-8x8") {
          $0 = Hyperparameters(.ppo)
          $0.trunks = .separate
          if let network = NetworkLayers("conv20x3same,conv70x2") { $0.use(network) }
        }
      }
    }
  }

  /// By hand: 64 patches of 3 × 3 × 4 numbers, 16 channels, layers of 128 and 6 actions and a value.
  @Test func `by convention a convolution multiplies all numbers of all patches`() throws {
    let breakout = try Self.outcome("breakout") {
      if let network = NetworkLayers("minatar") { $0.use(network) }
    }
    let forward = 2 * (64 * 36 * 16 + 1_024 * 128 + 128 * 7)
    #expect(breakout.operations.conventional.isMultiple(of: forward))
    #expect(breakout.operations.conventional > breakout.updates.value * 4 * 120 * forward)
  }

  /// By hand: 6 inputs, layers of 64 and 64, 3 actions and a value.
  @Test func `by convention a forward pass to act and three to learn, and the last values`()
    throws
  {
    let forward = 2 * (6 * 64 + 64 * 64 + 64 * 4)
    let pong = try Self.outcome("pong")
    // No episode is as long as pong's limit, so the last values are those of the six copies.
    let updates = pong.updates.value
    #expect(updates == 9)
    #expect(pong.operations.conventional == updates * (4 * 120 + 6) * forward)
    #expect(
      pong.evaluationOperations.conventional == pong.evaluationObservations.value * forward)
  }

  @Test func `PPO learns from every observation once an epoch`() throws {
    let forward = 2 * (6 * 64 + 64 * 64 + 64 * 4)
    let pong = try Self.outcome("pong") {
      $0 = Hyperparameters(.ppo)
      $0.hidden = LayerSizes([64, 64])
      $0.trunks = .shared
      $0.updateEpochs = 3
    }
    #expect(pong.operations.conventional == 9 * (120 * (1 + 3 * 3) + 6) * forward)
  }
}
