import Environments
import Records
import Testing

@testable import Archive
@testable import Lab

/// Variants of a task in a resolved plan and in the cells of a study.
struct VariantTests {
  private static func plan(_ text: String) throws -> StudyPlan {
    try PlanReader.document(text, file: "p").resolved(with: .builtIn)
  }

  private static let text = """
    tasks: [{task: catch, targets: [0.5]}]
    batches: [80, 240]
    seeds: {tuning: 2, measuring: 3}
    variants:
      - {network: 16-16}
      - {network: "conv8x3,dense16"}
      - {optimizer: sgd, momentum: 0.9, centre: 0.5}
      - {algorithm: ppo, update-epochs: 2, num-minibatches: 2}
      - {num-steps: 8}
    """

  @Test func `each has the settings of its own and is written as a plan that is read again`() throws
  {
    let plan = try Self.plan(Self.text)
    let own = plan.tasks.map(\.hyperparameters)
    #expect(
      own.map(\.hidden)
        == [16, 16, 64, 64, 64].enumerated().map {
          LayerSizes($0.offset == 1 ? [16] : [$0.element, $0.element])
        })
    #expect(own[1].network == NetworkLayers("conv8x3,dense16"))
    #expect(own[2].optimizer == .sgd && own[2].momentum == 0.9)
    #expect(own[3].algorithm == .ppo && own[3].updateEpochs == 2)
    #expect(plan.tasks.map(\.horizon) == [10, 10, 10, 10, 8])
    #expect(plan.tasks[2].learningRate.rate == 0.5)
    #expect(plan.taskNames == ["catch"])
    try plan.checkRuns(with: .builtIn, file: "plan.json")
    let again = try PlanReader.document(plan.yaml(), file: "p").resolved(with: .builtIn)
    #expect(again == plan)
  }

  @Test func `a trial belongs to the plan by its variant, and the id knows it`() throws {
    let plan = try Self.plan(Self.text)
    var ids: Set<String> = []
    for task in plan.tasks {
      let cell = try Cell(plan: plan, task: task, size: task.cells[0])
      for assignment in cell.open {
        #expect(ids.insert(assignment.id).inserted)
        #expect(assignment.settings.variant == task.variant)
        #expect(plan.objection(to: assignment.settings) == nil)
        var other = assignment.settings
        other.variant = plan.tasks[task == plan.tasks[0] ? 1 : 0].variant
        let path = try #require(plan.objection(to: other)?.path)
        #expect(path.contains(task.horizon == 8 ? "horizon" : "hyperparameters"))
        other.variant = nil
        #expect(plan.objection(to: other)?.reason == "the plan has no task 'catch'")
      }
    }
  }

  @Test func `more variants let a plan grow, and fewer or others don't`() throws {
    let (small, large) = (
      try Self.plan("tasks: [catch]\nvariants: {hidden: [\"8\", \"16\"]}"),
      try Self.plan("tasks: [catch]\nvariants: {hidden: [\"16\", \"8\", \"32\"]}")
    )
    #expect(large.grows(from: small) && !small.grows(from: large))
    #expect(large.additions(to: small) == ["task catch, hidden=32"])
    #expect(!large.grows(from: try Self.plan("tasks: [catch]")))
  }

  @Test(arguments: [
    (
      "  network: [minatar, \"conv16x3,dense128\"]\n  activation: [relu]",
      "p:1: 'catch, network=minatar activation=relu' and 'catch, network=conv16x3,dense128"
        + " activation=relu' are trained in the same way"
    ),
    (
      "  activation: [relu]\n  network: [conv8x9]",
      "p:4: variant 'network=conv8x9 activation=relu' of 'catch': 'network' has the kernel"
    ),
    (
      "  - {hidden: \"8\"}\n  - {centre: 1e30, hidden: \"16\"}",
      "p:4: variant 'hidden=16' of 'catch': 'variants.1.centre': from a learning rate"
    ),
    ("  num-steps: [7]", "p:1: variant 'num-steps=7' of 'catch': for 'catch', batch 80 is not"),
  ])
  func `what can't be run names the variant and its place`(variants: String, error: String) throws {
    let thrown = #expect(throws: PlanError.self) {
      try Self.plan("tasks: [{task: catch, batches: [80]}]\nvariants:\n\(variants)")
    }
    #expect(try #require(thrown).description.hasPrefix(error), "\(thrown as Any)")
  }

  @Test func `names of files come from the variant`() {
    #expect(TaskVariant("catch").fileName == "catch")
    #expect(TaskVariant("catch", "a b/c=é").fileName == "catch-a-b-c=-")
    #expect(TaskVariant.isName("network=8-8") && !TaskVariant.isName("  "))
    #expect(!TaskVariant.isName(String(repeating: "é", count: 101)))
  }
}
