import Records
import Testing

@testable import Archive

/// Variants of tasks, as plans list them.
struct PlanVariantTests {
  private static func tasks(_ text: String) throws -> [Plan.TaskRequest] {
    try PlanReader.document(text, file: "p").plan.tasks
  }

  @Test func `a mapping means all combinations, in the order of the settings`() throws {
    let tasks = try Self.tasks(
      """
      tasks: [catch, {task: pong, targets: [0]}]
      variants: {optimizer: [adam, sgd], network: ["16-16", minatar], num-steps: [8]}
      """)
    let names = [
      "optimizer=adam num-steps=8 network=16-16", "optimizer=adam num-steps=8 network=minatar",
      "optimizer=sgd num-steps=8 network=16-16", "optimizer=sgd num-steps=8 network=minatar",
    ]
    #expect(tasks.map(\.variant) == names + names)
    #expect(
      tasks.map(\.task) == Array(repeating: "catch", count: 4) + Array(repeating: "pong", count: 4))
    #expect(
      tasks.map(\.targets) == Array(repeating: nil, count: 4) + Array(repeating: [0], count: 4))
    #expect(tasks[2].settings.optimizer == .sgd && tasks[2].settings.numSteps == 8)
    #expect(tasks[3].settings.network == NetworkLayers("minatar"))
    // Errors name the line of the entry, which several variants share.
    #expect(
      tasks.map(\.path) == [nil] + Array(repeating: "tasks.0", count: 3)
        + Array(repeating: "tasks.1", count: 4))
  }

  @Test func `a list has the variants one by one, with settings that are not part of their names`()
    throws
  {
    let tasks = try Self.tasks(
      """
      tasks: [catch]
      variants:
        - {optimizer: adam}
        - {optimizer: sgd, centre: 0.5, batches: [80, 160]}
        - {optimizer: sgd, momentum: 0.9}
      """)
    #expect(
      tasks.map(\.variant) == ["optimizer=adam", "optimizer=sgd", "optimizer=sgd momentum=0.9"])
    #expect(tasks[1].settings.learningRateCentre == .given(LearningRateCentre(rate: 0.5)))
    #expect(tasks[1].settings.batches == .list([80, 160]))
    #expect(tasks[2].settings.momentum == 0.9)
  }

  @Test func `a task's own variants take the place of the plan's, and a named task has none`()
    throws
  {
    let tasks = try Self.tasks(
      """
      tasks:
        - {task: catch, variants: {network: [8-8]}}
        - {task: pong, variant: my own, hidden: 32}
        - {task: pong, variant: another}
        - bandit
      variants: {hidden: ["16", "64"]}
      """)
    #expect(
      tasks.map { TaskVariant($0.task, $0.variant).description } == [
        "catch, network=8-8", "pong, my own", "pong, another", "bandit, hidden=16",
        "bandit, hidden=64",
      ])
    #expect(tasks[1].settings.hidden == LayerSizes([32]))
    #expect(tasks[2].settings.isEmpty)
  }

  /// A variant's setting overrides the task's, and the task's overrides the plan's.
  @Test func `settings of other optimizers and rates don't reach a variant`() throws {
    let tasks = try Self.tasks(
      """
      optimizer: sgd
      momentum: 0.5
      learning-rates: {fixed: 0.1}
      tasks:
        - {task: catch, momentum: 0.7, hidden: 8, learning-rates: {fixed: 0.2}}
      variants:
        - {optimizer: adam, centre: 0.01}
        - {optimizer: sgd}
        - {network: 32-32}
      """)
    #expect(tasks.map(\.settings.momentum) == [nil, 0.7, 0.7])
    #expect(tasks.map(\.settings.fixedRate) == [nil, 0.2, 0.2])
    #expect(tasks.map(\.settings.hidden) == [LayerSizes([8]), LayerSizes([8]), nil])
    let searched = try Self.tasks(
      """
      tasks: [{task: catch, learning-rates: {centre: 0.2}}]
      variants: [{hidden: "8"}, {hidden: "16", learning-rate: 0.3}]
      """)
    #expect(searched.map(\.settings.fixedRate) == [nil, 0.3])
    #expect(
      searched.map(\.settings.learningRateCentre) == [
        .given(LearningRateCentre(rate: 0.2)), nil,
      ])
    #expect(tasks[2].settings.network == NetworkLayers("32-32"))
  }

  @Test(arguments: [
    ("variants: 3", "p:2: 'variants' must be a mapping of settings to lists of values"),
    ("variants: []", "p:2: 'variants' must be a mapping of settings to lists of values"),
    ("variants: {optimizer: sgd}", "p:2: 'variants.optimizer' must be a list of values, not 'sgd'"),
    ("variants: {optimizer: []}", "p:2: 'variants.optimizer' must be a list of values"),
    ("variants: {optimiser: [sgd]}", "p:2: unknown key 'optimiser' in 'variants'; did you mean"),
    ("variants: {seed: [1, 2]}", "p:2: 'seed' in 'variants' belongs to the whole plan"),
    ("variants: {optimizer: [sgd, sdg]}", "p:2: 'variants.optimizer.1' must be adam, sgd or"),
    ("variants: {optimizer: [sgd, sgd]}", "p:2: the variant 'optimizer=sgd' is listed twice"),
    (
      "variants: {batches: [[80], [160]]}",
      "p:2: 'variants' must have a setting that affects training, such as network or optimizer"
    ),
    (
      "variants:\n- {optimizer: sgd}\n- {}",
      "p:4: 'variants.1' must have a setting that affects training, such as network or optimizer"
    ),
    (
      "variants:\n- {optimizer: sgd}\n- {momentum: 0.9}",
      "p:4: variant 'momentum=0.9' of 'catch': 'momentum' is a setting of sgd and rmsprop, not of adam"
    ),
    (
      "variants: {optimizer: [adam, sgd], momentum: [0.9]}",
      "p:2: variant 'optimizer=adam momentum=0.9' of 'catch': 'momentum' is a setting of sgd"
    ),
    (
      "variants: {gamma: [\((0..<40).map { "0.\($0 + 10)" }.joined(separator: ", "))],"
        + " vf-coef: [\((0..<40).map { "0.\($0 + 10)" }.joined(separator: ", "))]}",
      "p:2: 'variants' makes more than 1000 variants"
    ),
    ("variant: wide", "p:2: 'variant' belongs to a task, such as"),
  ])
  func `refuses`(text: String, error: String) throws {
    let thrown = #expect(throws: PlanError.self) {
      try PlanReader.document("tasks: [catch]\n\(text)", file: "p")
    }
    #expect(try #require(thrown).description.hasPrefix(error), "\(thrown as Any)")
  }

  @Test(arguments: [
    ("{task: catch, variant: \"\"}", "'tasks.0.variant' must be a name of at most 200 bytes"),
    (
      "{task: catch, variant: \"a\\u001bb\"}",
      "'tasks.0.variant' must be a name of at most 200 bytes"
    ),
    (
      "{task: catch, variant: a, variants: {hidden: [\"8\"]}}",
      "'tasks.0' has 'variant' and 'variants'; give only one"
    ),
    (
      "{task: catch, variant: a}, {task: catch, variant: a}",
      "the variant 'a' of the task 'catch' is listed twice"
    ),
  ])
  func `refuses in a task`(tasks: String, error: String) throws {
    let thrown = #expect(throws: PlanError.self) {
      try PlanReader.document("tasks: [\(tasks)]", file: "p")
    }
    #expect(try #require(thrown).description.contains(error), "\(thrown as Any)")
  }
}
