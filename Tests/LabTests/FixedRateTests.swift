import Archive
import Environments
import Records
import TestSupport
import Testing

@testable import Lab

/// A plan that fixes the learning rate.
@Suite struct `A fixed learning rate` {
  private static func plan() throws -> StudyPlan {
    try catchPlan(batches: [80, 240], targets: [0, 0.5]) { $0.fixedRate = 0.012345 }
  }

  @Test func `is used at every batch without a search, and its rows are untuned`() async throws {
    let (plan, scratch) = (try Self.plan(), try Scratch())
    let sweep = try Sweep(plan: plan, with: .builtIn, folder: scratch.path, lanes: 1)
    #expect(try await sweep.run { _ in } == .sealed(justNow: true))
    let study = try Study(folder: scratch.path)
    #expect(study.trials.count == 4)
    for row in study.trials.flatMap(\.rows) {
      #expect(row.settings.role == .measuring && row.settings.learningRate == 0.012345)
      #expect(row.result.rateVerdict == .untuned && row.isMeasurement)
    }
    #expect(try study.openCellCount() == 0)

    // A search is another study.
    var searched = plan
    searched.tasks[0].fixedRate = nil
    #expect(throws: ArchiveError.self) {
      _ = try Sweep(plan: searched, with: .builtIn, folder: scratch.path, lanes: 1)
    }
    // Single runs take no rate from it, because it chose none.
    let problem = await #expect(throws: TunedCellProblem.self) {
      _ = try await TunedCell(
        try catchPlan(batches: [80], targets: [0, 0.5]), with: .builtIn, rate: .study(study),
        lanes: 1)
    }
    #expect(problem?.description.contains("fixes the learning rate of catch at 0.012345") == true)
  }

  @Test func `runs the trials of a search that finds the same rate`() throws {
    let fixed = try Self.plan()
    var searched = fixed
    searched.tasks[0].fixedRate = nil
    let size = fixed.tasks[0].cells[0]
    let cell = try Cell(plan: fixed, task: fixed.tasks[0], size: size)
    #expect(cell.stage == .measuring && cell.open.count == 2)
    var settings = try Cell(plan: searched, task: searched.tasks[0], size: size).settings(
      role: .measuring, seed: 1, rate: 0, targets: [0, 0.5], limit: searched.tasks[0].budget,
      isPruned: false)
    settings.learningRate = 0.012345
    #expect(cell.open[1].id == (try trialID(of: settings)))
  }

  @Test func `is written into plans and read again`() throws {
    let plan = try Self.plan()
    #expect(plan.yaml().contains("learning-rates: {fixed: 0.012345}"))
    let again = try PlanReader.document(plan.yaml(), file: "plan.yaml").resolved(with: .builtIn)
    #expect(again == plan)
    try plan.checkRuns(with: .builtIn, file: "plan.json")
  }

  @Test func `belongs to tasks without a centre of their own`() throws {
    func rates(_ change: (inout Plan) -> Void) throws -> [Double?] {
      var plan = Plan(tasks: [.init("catch"), .init("pong")])
      plan.fixedRate = 0.01
      change(&plan)
      return try plan.resolved(with: .builtIn).tasks.map(\.fixedRate)
    }
    #expect(try rates { _ in } == [0.01, 0.01])
    #expect(try rates { $0.tasks[1].settings.fixedRate = 0.02 } == [0.01, 0.02])
    #expect(try rates { $0.tasks[1].settings.learningRateCentre = .auto } == [0.01, nil])
    #expect(throws: PlanProblem.self) { _ = try rates { $0.learningRateCentre = .auto } }
    #expect(throws: PlanProblem.self) { _ = try rates { $0.fixedRate = 0 } }
  }
}
