import Environments
import Records
import Testing

@testable import Lab

/// The batches that an estimate may choose, and the plans of its steps.
@Suite struct `The plans of an estimate` {
  private func steps(_ task: String, _ change: (inout Plan) -> Void = { _ in }) throws
    -> EstimatePlan
  {
    var plan = Plan(tasks: [.init(task)])
    change(&plan)
    return try EstimatePlan(plan, with: .builtIn)
  }

  @Test func `choose from the task's list, and beyond it by factors of two`() throws {
    let catching = try steps("catch")
    #expect(
      catching.candidates
        == [10, 20, 40, 80, 160, 400, 960, 1_920, 4_160, 8_320, 16_640, 33_280])
    #expect(catching.pilot == 400 && catching.horizon == 10)
    #expect(catching.task.targets == [0.9])
    let rooms = try steps("key-corridor-s3r1")
    #expect(rooms.candidates.prefix(3) == [32, 64, 160] && rooms.pilot == 2_048)
  }

  @Test func `choose from nothing but the batches that are given, at least one environment`()
    throws
  {
    let steps = try steps("catch") { $0.batches = .list([5, 20, 100, 1_000]) }
    #expect(steps.candidates == [20, 100, 1_000] && steps.pilot == 100)
  }

  @Test func `have an environment for each of PPO's minibatches`() throws {
    let steps = try steps("catch") { $0.algorithm = .ppo }
    #expect(steps.candidates.prefix(3) == [40, 80, 160] && steps.pilot == 400)
  }

  @Test(arguments: [[100], [100, 1_000], [400, 800, 1_000], [1, 2, 5, 20, 1_000]])
  func `refuse fewer than three batches, or a range below a factor of five`(batches: [Int]) {
    let problem = #expect(throws: PlanProblem.self) {
      try steps("catch") { $0.batches = .list(batches) }
    }
    #expect(
      problem?.description.contains(
        "an estimate chooses from at least 3 batches that span a factor of 5, each of at least"
          + " 10 observations") == true)
  }

  @Test func `differ in batches and measuring seeds only`() throws {
    let steps = try steps("catch") { $0.tuningSeeds = 4 }
    let (first, second) = (
      steps.step(batches: [400], seeds: 3), steps.step(batches: [20, 400], seeds: 9)
    )
    #expect(first.tasks[0].batches == [400] && first.measuringSeeds == 3)
    var same = second
    (same.tasks[0].batches, same.measuringSeeds) = ([400], 3)
    #expect(same == first && first.tuningSeeds == 4)
  }

  @Test(arguments: Catalogue.builtIn.filter { !TaskDefaults.of($0.facts.name).targets.isEmpty })
  func `exist for every task that has a target, with a budget`(task: CatalogueEntry) throws {
    let steps = try steps(task.facts.name)
    #expect(steps.candidates.contains(steps.pilot))
    let effort = try #require(TaskDefaults.of(task.facts.name).effort).observations
    #expect(steps.usualBudget == 400 * Double(effort))
  }

  @Test func `need a target where the task has none`() {
    let problem = #expect(throws: PlanProblem.self) { try steps("four-rooms") }
    #expect(problem?.description.contains("has no target") == true)
  }
}
