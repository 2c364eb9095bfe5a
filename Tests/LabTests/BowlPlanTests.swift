import Archive
import Environments
import Records
import Testing

@testable import Lab

/// Which optimizer trains the point on a bowl, and which plans are refused.
@Suite struct `A plan of quadratic` {
  private func hyperparameters(_ text: String) throws -> [Hyperparameters] {
    try PlanReader.document(text, file: "p").resolved(with: .builtIn).tasks.map(\.hyperparameters)
  }

  @Test func `takes plain SGD unless it names an optimizer`() throws {
    let plain = try hyperparameters("tasks: [catch, quadratic]")
    #expect(plain.map(\.optimizer) == [.adam, .sgd])
    #expect(plain[1].momentum == 0)
    let all = try hyperparameters("tasks: [catch, quadratic]\noptimizer: adam\nbeta1: 0.8")
    #expect(all.map(\.optimizer) == [.adam, .adam] && all.map(\.beta1) == [0.8, 0.8])
    let own = try hyperparameters(
      "tasks: [catch, {task: quadratic, optimizer: rmsprop, smoothing: 0.9}]")
    #expect(own.map(\.optimizer) == [.adam, .rmsprop] && own[1].smoothing == 0.9)
    // Adam's constants are not meant for a task that names SGD.
    let mixed = try hyperparameters(
      "tasks: [catch, {task: quadratic, optimizer: sgd}]\nbeta1: 0.8")
    #expect(mixed[0].beta1 == 0.8 && mixed[1].momentum == 0)
  }

  @Test func `reads back as it was resolved`() throws {
    let plan = try PlanReader.document("tasks: [catch, quadratic]", file: "p")
      .resolved(with: .builtIn)
    let again = try PlanReader.document(plan.yaml(), file: "plan.yaml").resolved(with: .builtIn)
    #expect(again == plan)
  }

  @Test(arguments: [
    ("tasks: [quadratic]\nbeta1: 0.8", "p:2: 'beta1' is a setting of adam, not of sgd"),
    ("tasks: [catch, quadratic]\nbeta2: 0.9", "p:2: 'beta2' is a setting of adam, not of sgd"),
    ("algorithm: ppo\ntasks: [quadratic]", "p:1: 'quadratic' has no policy, so ppo can't train it"),
    (
      "tasks:\n  - task: quadratic\n    algorithm: ppo",
      "p:3: 'quadratic' has no policy, so ppo can't train it"
    ),
  ])
  func `is refused, with its line, if its point can't be trained so`(
    text: String, error: String
  ) {
    let found = #expect(throws: PlanError.self) { try hyperparameters(text) }
    #expect(found?.description.hasPrefix(error) == true, "\(found?.description ?? "")")
  }
}
