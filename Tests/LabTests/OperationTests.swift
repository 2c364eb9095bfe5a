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
