import Foundation
import Records
import Testing

@testable import Archive
@testable import Environments
@testable import Lab

/// Action 1 pays 1 and action 0 nothing; an episode is one step.
private struct Coin: BinaryEnvironment {
  static let facts: EnvironmentFacts = {
    guard var facts = Catalogue.builtIn["bandit"]?.facts else { preconditionFailure("no bandit") }
    facts.name = "coin"
    facts.observationSize = 1
    facts.actions = ["tails", "heads"]
    facts.scoreRange = 0...1
    facts.randomScore = 0.5
    return facts
  }()
  static let maxNonzeros = 1

  init(random: inout some RandomSource) {}
  mutating func restart(random: inout some RandomSource) {}
  mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    Outcome(reward: Double(action), isOver: true)
  }
  func forEachNonzero(_ body: (Int) -> Void) { body(0) }
}

@Suite struct `A catalogue` {
  private let own = Catalogue([CatalogueEntry(Coin.self)])

  @Test func `gives a plan its tasks, and no others`() async throws {
    var plan = Plan(tasks: [.init("coin", targets: [0.75])])
    plan.batches = .list([64])
    (plan.tuningSeeds, plan.measuringSeeds, plan.budget) = (1, 1, 100_000)
    (plan.evaluationEpisodes, plan.numSteps) = (64, 1)
    #expect(throws: PlanProblem.self) { try plan.resolved(with: .builtIn) }
    let resolved = try plan.resolved(with: own)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let end = try await Sweep(plan: resolved, with: own, folder: folder, lanes: 2).run { _ in }
    #expect(end == .sealed(justNow: true))
    let rows = try Study(folder: folder).trials.flatMap(\.rows)
    #expect(rows.contains { $0.settings.role == .measuring && $0.result.status == .reached })
    #expect(rows.allSatisfy { $0.settings.task == "coin" })
  }

  @Test func `offers the nearest of its own names`() {
    let problem = #expect(throws: PlanProblem.self) { try own.task(named: "coyn") }
    #expect(problem?.description == "unknown task 'coyn'; did you mean 'coin'?")
    let stranger = #expect(throws: PlanProblem.self) { try own.task(named: "pong") }
    #expect(stranger?.description == "unknown task 'pong'; 'batchlab tasks' lists them")
  }
}
