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

  @Test func `choose from nothing but the batches that are given`() throws {
    let steps = try steps("catch") { $0.batches = .list([20, 100, 1_000]) }
    #expect(steps.candidates == [20, 100, 1_000] && steps.pilot == 100)
  }

  @Test(arguments: [
    (Algorithm.policyGradient, "batch 5 is too small for an estimate, which takes at least 10"),
    (.ppo, "batch 5 is too small for an estimate, which takes at least 40 observations"),
  ])
  func `refuse a given batch of less than one environment, or one for each minibatch`(
    algorithm: Algorithm, sentence: String
  ) {
    let problem = #expect(throws: PlanProblem.self) {
      try steps("catch") {
        ($0.algorithm, $0.batches) = (algorithm, .list([5, 100, 400, 1_000]))
      }
    }
    #expect(problem?.description.contains(sentence) == true)
  }

  /// With this network, 33,280 observations take 5.3 GB, and half of them 2.7.
  @Test func `choose no batch with a rollout beyond 4 GiB, whatever the machine`() throws {
    let steps = try steps("catch") { $0.hidden = LayerSizes([10_000, 10_000]) }
    #expect(steps.candidates.suffix(2) == [8_320, 16_640])
    try steps.checkMemory(for: [20])
    let problem = #expect(throws: PlanProblem.self) { try steps.checkMemory(for: [1 << 40]) }
    #expect(problem?.description.contains("more than this machine has") == true)
  }

  @Test func `have an environment for each of PPO's minibatches`() throws {
    let steps = try steps("catch") { $0.algorithm = .ppo }
    #expect(steps.candidates.prefix(3) == [40, 80, 160] && steps.pilot == 400)
  }

  @Test(arguments: [
    ([100], "here there are 1"), ([100, 1_000], "here there are 2"),
    ([400, 800, 1_000], "these 3 span only 2.5"),
  ])
  func `refuse fewer than three batches, or a range below a factor of five`(
    batches: [Int], found: String
  ) {
    let problem = #expect(throws: PlanProblem.self) {
      try steps("catch") { $0.batches = .list(batches) }
    }
    #expect(
      problem?.description
        == "an estimate needs at least 3 batches that span a factor of 5; \(found)")
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
    #expect(steps.pilotCost(seeds: 3) < steps.usualBudget)
  }

  @Test func `need a target where the task has none`() {
    let problem = #expect(throws: PlanProblem.self) { try steps("four-rooms") }
    #expect(problem?.description.contains("has no target") == true)
  }
}
