import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

struct PlanReaderTests {
  @Test(arguments: [
    "20000000", "20_000_000", "2e7", "20M", "2.0e7", "20000k", "20,000,000",
  ])
  func `reads numbers as people write them`(number: String) throws {
    let text = "tasks: [{task: pong, targets: [−1, 1k]}]\nbudget:\n  observations: \(number)"
    let plan = try PlanReader.document(text, file: "p").plan
    #expect(plan.settings.budget == 20_000_000)
    #expect(plan.tasks.first?.targets == [-1, 1000])
  }

  @Test func `the plan of the documentation is read`() throws {
    let plan = try PlanReader.document(
      """
      study: ladder
      tasks: [catch, grid-goal-8, {task: pong, targets: [0, 2.5]}]
      algorithm: {pg: {gae-lambda: 0.95, ent-coef: 0.01}}
      optimizer: adam
      batches: {from: 16, to: 65536, factor: 3}      # or a list
      learning-rates: {centre: auto, factor: 2}
      seeds: {tuning: 2, measuring: 5}
      budget: {observations: 20_000_000}
      """, file: "ladder.yaml"
    ).plan
    var expected = Plan(tasks: [
      .init("catch"), .init("grid-goal-8"), .init("pong", targets: [0, 2.5]),
    ])
    expected.study = "ladder"
    expected.algorithm = .policyGradient
    expected.gaeLambda = 0.95
    expected.entCoef = 0.01
    expected.optimizer = .adam
    expected.batches = .range(from: 16, to: 65536, factor: 3)
    expected.learningRateCentre = .auto
    expected.learningRateFactor = 2
    expected.tuningSeeds = 2
    expected.measuringSeeds = 5
    expected.budget = 20_000_000
    #expect(plan == expected)
  }

  @Test func `every other key is read`() throws {
    let plan = try PlanReader.document(
      """
      tasks:
        - task: catch
      algorithm:
        ppo:
          gamma: 0.9
          gae-lambda: 1
          ent-coef: 0
          vf-coef: .5
          norm-adv: false
          update-epochs: 3
          num-minibatches: 2
          clip-coef: 1e-1
      optimizer: sgd
      batches: [1_024, 16]
      num-steps: 32
      learning-rates: {centre: 3e-4}
      evaluation: {episodes: 100}
      hidden: 64-32
      activation: relu
      trunks: separate
      seed: 0
      """, file: "p"
    ).plan
    var expected = Plan(tasks: [.init("catch")])
    expected.algorithm = .ppo
    (expected.gamma, expected.gaeLambda, expected.entCoef) = (0.9, 1, 0)
    (expected.vfCoef, expected.normAdv, expected.clipCoef) = (0.5, false, 0.1)
    (expected.updateEpochs, expected.numMinibatches) = (3, 2)
    (expected.optimizer, expected.batches) = (.sgd, .list([1024, 16]))
    (expected.numSteps, expected.learningRateCentre) = (32, .given(LearningRateCentre(rate: 3e-4)))
    (expected.evaluationEpisodes, expected.hidden) = (100, LayerSizes([64, 32]))
    (expected.activation, expected.trunks, expected.seed) = (.relu, .separate, 0)
    #expect(plan == expected)
  }

  @Test func `a task may carry every setting of its own`() throws {
    let plan = try PlanReader.document(
      """
      hidden: 32
      tasks:
        - catch
        - task: pong
          targets: [0]
          algorithm: {ppo: {gamma: 0.9, clip-coef: 0.1}}
          optimizer: rmsprop
          batches: {from: 128, to: 1024}
          num-steps: 32
          learning-rates: {centre: {rate: 0.1, batch: 3_000, exponent: 0.5}}
          seeds: {tuning: 3, measuring: 4}
          budget: {observations: 1_000}
          evaluation: {episodes: 8}
          hidden: 64-64
          activation: relu
          trunks: separate
          momentum: 0.5
          smoothing: 0.25
          epsilon: 1e-5
      """, file: "p"
    ).plan
    var own = PlanSettings()
    (own.algorithm, own.gamma, own.clipCoef) = (.ppo, 0.9, 0.1)
    (own.optimizer, own.momentum, own.smoothing, own.epsilon) = (.rmsprop, 0.5, 0.25, 1e-5)
    (own.batches, own.numSteps) = (.range(from: 128, to: 1024, factor: 2), 32)
    (own.tuningSeeds, own.measuringSeeds) = (3, 4)
    (own.budget, own.evaluationEpisodes) = (1_000, 8)
    own.learningRateCentre = .given(LearningRateCentre(rate: 0.1, batch: 3_000, exponent: 0.5))
    (own.hidden, own.activation, own.trunks) = (LayerSizes([64, 64]), .relu, .separate)
    var shared = PlanSettings()
    shared.hidden = LayerSizes([32])
    #expect(plan.settings == shared)
    #expect(plan.tasks.map(\.settings) == [PlanSettings(), own])
    #expect(plan.tasks[1].targets == [0])
  }

  @Test(arguments: [
    ("momentum: 0.5\nsmoothing: 0.9", OptimizerKind.adam),
    ("beta1: 0.5\nbeta2: 0.9", .adam),
    ("optimizer: rmsprop\nmomentum: 0.5\nsmoothing: 0.9", .rmsprop),
  ])
  func `Adam's constants may have their former names`(
    text: String, optimizer: OptimizerKind
  ) throws {
    let plan = try PlanReader.document("tasks: [catch]\n" + text, file: "p").plan
    var expected = Hyperparameters(optimizer: optimizer)
    (expected.momentum, expected.smoothing) = (0.5, 0.9)
    #expect(Hyperparameters(plan.settings) == expected)
  }

  @Test func `a task with another optimizer takes none of the plan's constants`() throws {
    let plan = try PlanReader.document(
      """
      beta1: 0.5
      tasks:
        - {task: catch, optimizer: sgd, momentum: 0.25}
        - {task: pong, momentum: 0.75}
      """, file: "p"
    ).plan
    let settings = plan.tasks.map { $0.settings.completed(by: plan.settings) }
    #expect(settings.map { Hyperparameters($0).momentum } == [0.25, 0.75])
    #expect(settings[1].momentum == nil && settings[1].beta1 == 0.75)
    let wrong = #expect(throws: PlanError.self) {
      try PlanReader.document(
        "optimizer: sgd\ntasks:\n- {task: pong, beta1: 0.5}", file: "p")
    }
    #expect(wrong?.description == "p:3: 'beta1' is a setting of adam, not of sgd")
  }

  @Test func `a document knows the lines of its entries`() throws {
    let document = try PlanReader.document(
      """
      tasks:
        - catch
        - task: pong
          targets: [0,
            2.5]
      batches:
        - 64
      """, file: "p")
    for (path, line) in [
      ("tasks", 1), ("tasks.0", 2), ("tasks.1.targets", 4), ("tasks.1.targets.1", 5),
      ("tasks.1.batches", 3), ("batches.0", 7), ("batches.0.from", 7), ("seed", nil), ("", nil),
    ] as [(String, Int?)] {
      #expect(document.error("bad", at: path) == PlanError(file: "p", line: line, reason: "bad"))
    }
  }

  @Test func `only tasks are required`() throws {
    #expect(
      try PlanReader.document("tasks: [catch]", file: "p").plan == Plan(tasks: [.init("catch")]))
    let short = try PlanReader.document("{tasks: [a], algorithm: ppo, hidden: 64}", file: "p").plan
    #expect(short.algorithm == .ppo)
    #expect(short.hidden == LayerSizes([64]))
  }

  @Test func `a plan is read from a file, and one that is not text is refused`() throws {
    let scratch = try Scratch()
    let file = scratch.path + "/ladder.yaml"
    let missing = #expect(throws: PlanError.self) { try PlanReader.document(file: file) }
    #expect(missing?.description == "\(file): no such file")
    try scratch.write([0xFF, 0xFE, 0xFF], to: file)
    let binary = #expect(throws: PlanError.self) { try PlanReader.document(file: file) }
    #expect(binary?.description == "\(file): not a text file")
    try scratch.write(Array("tasks: [catch]\nseed: x\n".utf8), to: file)
    let wrong = #expect(throws: PlanError.self) { try PlanReader.document(file: file) }
    #expect(
      wrong?.description == "\(file):2: 'seed' must be a whole number"
        + " from 0 to 9,007,199,254,740,991, not 'x'")
    let folder = #expect(throws: PlanError.self) { try PlanReader.document(file: scratch.path) }
    #expect(folder?.description.hasPrefix("\(scratch.path): can't read") == true)
  }
}
