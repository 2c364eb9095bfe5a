import Archive
import Environments
import Records
import TestSupport
import Testing

@testable import Lab

/// Where the learning rate of a single run comes from.
@Suite struct `A tuned cell` {
  private static func plan() throws -> StudyPlan { try catchPlan(targets: [-0.3, 0]) }

  /// What a sweep of the plan found.
  private static let swept = Task {
    let scratch = try Scratch()
    let sweep = try Sweep(plan: try plan(), with: .builtIn, folder: scratch.path, lanes: 2)
    _ = try await sweep.run { _ in }
    return try Study(folder: scratch.path)
  }

  private func row(_ study: Study) throws -> TrialRow {
    try #require(
      study.trials.flatMap(\.rows).first { $0.result.target == 0 && $0.result.rateVerdict != nil })
  }

  @Test func `takes the rate that it is given, without a search`() async throws {
    let plan = try Self.plan()
    let cell = try await TunedCell(plan, with: .builtIn, rate: .given(0.0123), lanes: 1)
    #expect(cell.settings.learningRate == 0.0123 && cell.settings.targets == [-0.3, 0])
    #expect(cell.settings.role == .measuring && cell.settings.seed == 0)
    #expect(cell.settings.limit == plan.tasks[0].budget && !cell.settings.isPruned)
    #expect(cell.verdict == nil && cell.searchObservations == .zero)
  }

  @Test func `finds what a sweep finds, with the same trials`() async throws {
    let study = try await Self.swept.value
    let cell = try await TunedCell(try Self.plan(), with: .builtIn, rate: .searched, lanes: 2)
    let row = try row(study)
    #expect(cell.settings.learningRate == row.settings.learningRate)
    #expect(cell.verdict == row.result.rateVerdict)
    let tuning = study.trials.filter { $0.settings.role == .tuning }
    #expect(
      cell.searchObservations.value
        == tuning.reduce(0) { $0 + $1.rows[0].result.totalObservations.value })
  }

  @Test func `takes a study's choice for the hardest target`() async throws {
    let study = try await Self.swept.value
    let row = try row(study)
    try #require([.interior, .stabilityLimited].contains(row.result.rateVerdict))
    let cell = try await TunedCell(try Self.plan(), with: .builtIn, rate: .study(study), lanes: 1)
    #expect(cell.settings.learningRate == row.settings.learningRate)
    #expect(cell.verdict == row.result.rateVerdict && cell.searchObservations == .zero)
  }

  @Test(arguments: ["gamma", "batch", "target", "horizon"])
  func `takes nothing from a study that differs`(by change: String) async throws {
    let study = try await Self.swept.value
    var plan = try Self.plan()
    switch change {
    case "gamma": plan.tasks[0].hyperparameters.gamma = 0.5
    case "batch": plan.tasks[0].batches = [160]
    case "target": plan.tasks[0].targets = [-0.3, 0.4]
    default: plan.tasks[0].horizon = 8
    }
    let problem = await #expect(throws: TunedCellProblem.self) {
      try await TunedCell(plan, with: .builtIn, rate: .study(study), lanes: 1)
    }
    #expect(
      problem?.description.hasPrefix(
        "\(study.folder) has chosen no learning rate for catch to ") == true)
  }

  /// 0.99 takes longer than these observations, −0.3 does not.
  @Test func `settles for the hardest target that a rate reached`() async throws {
    let plan = try catchPlan(targets: [-0.3, 0.99]) { $0.budget = 8_000 }
    let cell = try await TunedCell(plan, with: .builtIn, rate: .searched, lanes: 2)
    #expect(cell.settings.targets == [-0.3])
    #expect(cell.verdict != nil && cell.searchObservations.value > 8_000)
  }

  @Test func `says so if no rate reaches a target`() async throws {
    let plan = try catchPlan(targets: [0.9]) { $0.budget = 80 }
    let problem = await #expect(throws: TunedCellProblem.self) {
      try await TunedCell(plan, with: .builtIn, rate: .searched, lanes: 2)
    }
    #expect(
      problem?.description
        == "no learning rate reached 0.9 at batch 80 within 80 observations")
  }
}
