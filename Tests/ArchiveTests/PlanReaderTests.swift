import Foundation
import Records
import Testing

@testable import Archive

struct PlanReaderTests {
  @Test func `the plan of the documentation is read`() throws {
    let plan = try PlanReader.read(
      """
      study: ladder
      tasks: [catch, grid-goal-8, {task: pong, targets: [0, 2.5]}]
      algorithm: {pg: {gae-lambda: 0.95, ent-coef: 0.01}}
      optimizer: adam
      batches: {from: 16, to: 65536, factor: 3}      # or a list
      learning-rates: {centre: auto, factor: 2}
      seeds: {tuning: 2, measuring: 5}
      budget: {observations: 20_000_000}
      """, file: "ladder.yaml", tasks: ["catch", "grid-goal-8", "pong"])
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
    let plan = try PlanReader.read(
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
      """, file: "p")
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
    let plan = try PlanReader.read(
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
      """, file: "p")
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
    #expect(try PlanReader.read("tasks: [catch]", file: "p") == Plan(tasks: [.init("catch")]))
    let short = try PlanReader.read("{tasks: [a], algorithm: ppo, hidden: 64}", file: "p")
    #expect(short.algorithm == .ppo)
    #expect(short.hidden == LayerSizes([64]))
  }

  static let errors: [(text: String, error: String)] = [
    ("batchs: [16]", "p:2: unknown key 'batchs', did you mean 'batches'?"),
    ("seeds: {tunning: 2}", "p:2: unknown key 'tunning' in 'seeds', did you mean 'tuning'?"),
    (
      "seeds: {zzz: 2}",
      "p:2: unknown key 'zzz' in 'seeds'; the keys are tuning, measuring"
    ),
    (
      "targets: [0]",
      "p:2: 'targets' belongs to a task, such as {task: pong, targets: [0]}"
    ),
    ("gamma: 1", "p:2: 'gamma' belongs to 'algorithm', such as {pg: {gamma: …}}"),
    ("clip-coef: 1", "p:2: 'clip-coef' belongs to 'algorithm', such as {ppo: {clip-coef: …}}"),
    ("num-step: 3", "p:2: unknown key 'num-step', did you mean 'num-steps'?"),
    ("seeds:\n  tuning: two", "p:3: 'seeds.tuning' must be a positive whole number, not 'two'"),
    ("seeds: {tuning: 0}", "p:2: 'seeds.tuning' must be a positive whole number, not '0'"),
    ("seeds: {tuning: 2.5}", "p:2: 'seeds.tuning' must be a positive whole number, not '2.5'"),
    ("seeds: {tuning: \"2\"}", "p:2: 'seeds.tuning' must be a positive whole number, not \"2\""),
    ("seeds: 3", "p:2: 'seeds' must be a mapping with tuning, measuring, not '3'"),
    ("seeds:\n", "p:2: 'seeds' must be a mapping with tuning, measuring, not nothing"),
    ("seed: -1", "p:2: 'seed' must be a whole number from 0 up, not '-1'"),
    ("seed: 9007199254740992", "p:2: 'seed' must be below 2^53, not '9007199254740992'"),
    (
      "seed: 99999999999999999999",
      "p:2: 'seed' must be a whole number from 0 up, not '99999999999999999999'"
    ),
    (
      "budget: {observations: 1__0}",
      "p:2: 'budget.observations' must be a positive whole number, not '1__0'"
    ),
    (
      "budget: {observations: _10}",
      "p:2: 'budget.observations' must be a positive whole number, not '_10'"
    ),
    ("budget: [1]", "p:2: 'budget' must be a mapping with observations, not a list"),
    ("optimizer: adm", "p:2: 'optimizer' must be adam or sgd or rmsprop, not 'adm'"),
    ("activation: [tanh]", "p:2: 'activation' must be tanh or relu, not a list"),
    ("trunks: 1", "p:2: 'trunks' must be shared or separate, not '1'"),
    ("hidden: 64x64", "p:2: 'hidden' must be widths of layers such as 64-64, not '64x64'"),
    ("hidden: 64-0", "p:2: 'hidden' must be widths of layers such as 64-64, not '64-0'"),
    (
      "study: ../x",
      "p:2: 'study' must be a name of letters, digits, '-', '_' and '.', not '../x'"
    ),
    ("algorithm: a2c", "p:2: 'algorithm' must be pg or ppo, not 'a2c'"),
    (
      "algorithm: {pg: {}, ppo: {}}",
      "p:2: 'algorithm' must be pg, ppo or one of them with its settings, not a mapping"
    ),
    (
      "algorithm:\n  pg:\n    clip-coef: 0.2",
      "p:4: 'clip-coef' is a setting of ppo, not of pg"
    ),
    (
      "algorithm:\n  pg:\n    gae-lambda: 1.5",
      "p:4: 'algorithm.pg.gae-lambda' must be a number from 0 to 1, not '1.5'"
    ),
    (
      "algorithm: {pg: {gamma: .nan}}",
      "p:2: 'algorithm.pg.gamma' must be a number from 0 to 1, not '.nan'"
    ),
    (
      "algorithm: {pg: {ent-coef: nan}}",
      "p:2: 'algorithm.pg.ent-coef' must be a number from 0 up, not 'nan'"
    ),
    (
      "algorithm: {pg: {vf-coef: 1e999}}",
      "p:2: 'algorithm.pg.vf-coef' must be a number from 0 up, not '1e999'"
    ),
    (
      "algorithm: {pg: {norm-adv: maybe}}",
      "p:2: 'algorithm.pg.norm-adv' must be true or false, not 'maybe'"
    ),
    (
      "algorithm: {pg: {lambda: 1}}",
      """
      p:2: unknown key 'lambda' in 'algorithm.pg'; the keys are gamma, gae-lambda, ent-coef, \
      vf-coef, norm-adv, update-epochs, num-minibatches, clip-coef, clip-vloss
      """
    ),
    (
      "batches: 16",
      """
      p:2: 'batches' must be a list of different batches such as [16, 64] or \
      {from: 16, to: 1024, factor: 2}, not '16'
      """
    ),
    (
      "batches: []",
      """
      p:2: 'batches' must be a list of different batches such as [16, 64] or \
      {from: 16, to: 1024, factor: 2}, not an empty list
      """
    ),
    (
      "batches: [16, 16]",
      """
      p:2: 'batches' must be a list of different batches such as [16, 64] or \
      {from: 16, to: 1024, factor: 2}
      """
    ),
    (
      "batches:\n  - 16\n  - big",
      "p:4: 'batches.1' must be a positive whole number, not 'big'"
    ),
    ("batches: {from: 16}", "p:2: 'batches' needs 'from' and 'to'"),
    (
      "batches: {from: 16, to: 8}",
      "p:2: 'batches.to' must be a whole number, at least 'from', not '8'"
    ),
    (
      "batches: {from: 1, to: 8, factor: 1}",
      "p:2: 'batches.factor' must be a number above 1, not '1'"
    ),
    (
      "batches: {from: 1, to: 8, factor: 1.0000001}",
      "p:2: 'batches' makes more than 1000 batches; take a larger factor"
    ),
    (
      "learning-rates: {centre: 0}",
      """
      p:2: 'learning-rates.centre' must be auto, a positive number or \
      {rate: …, batch: …, exponent: …}, not '0'
      """
    ),
    (
      "learning-rates: {centre: {rate: 0.1, batch: 300}}",
      """
      p:2: 'learning-rates.centre' lacks 'exponent'; it needs 'rate', 'batch' and 'exponent'
      """
    ),
    (
      "learning-rates: {centre: {rate: 0.1, batch: -300, exponent: 1}}",
      "p:2: 'learning-rates.centre.batch' must be a number from 0 up, not '-300'"
    ),
    (
      "learning-rates: {centre: {rate: 0.1, batch: 300, exponents: 1}}",
      "p:2: unknown key 'exponents' in 'learning-rates.centre', did you mean 'exponent'?"
    ),
    (
      "learning-rates: {factor: 1}",
      "p:2: 'learning-rates.factor' must be a number above 1, not '1'"
    ),
    ("num-steps: 1e3", "p:2: 'num-steps' must be a positive whole number, not '1e3'"),
    (
      "evaluation: {episodes: -5}",
      "p:2: 'evaluation.episodes' must be a positive whole number, not '-5'"
    ),
    ("seed: 1\nseed: 2", "p:3: the key 'seed' is given twice"),
    ("tasks: [pong]", "p:2: the key 'tasks' is given twice"),
    ("seeds: {tuning: 1\n", "p:3: not YAML"),
    ("seed: &a 1", "p:2: anchors and aliases ('&', '*') are not part of a plan"),
    ("? [a]\n: 1", "p:2: a key must be a word"),
  ]

  @Test(arguments: errors)
  func `an error names line, key and expected form`(text: String, error: String) {
    let found = #expect(throws: PlanError.self) {
      try PlanReader.read("tasks: [catch]\n" + text, file: "p")
    }
    let description = found?.description ?? ""
    #expect(error.hasSuffix("not YAML") ? description.hasPrefix(error) : description == error)
  }

  static let taskErrors: [(text: String, error: String)] = [
    ("", "p: the plan is empty; it needs 'tasks'"),
    ("seed: 1", "p:1: a plan needs 'tasks', a list such as [catch]"),
    (
      "tasks: catch",
      """
      p:1: 'tasks' must be a list of tasks such as [catch, {task: pong, targets: [0]}], \
      not 'catch'
      """
    ),
    ("tasks: [catch, pogn]", "p:1: unknown task 'pogn', did you mean 'pong'?"),
    ("tasks:\n- catch\n- chess", "p:3: unknown task 'chess'; 'batchlab tasks' lists them"),
    ("tasks:\n- catch\n- catch", "p:3: the task 'catch' is listed twice"),
    ("tasks:\n- targets: [1]", "p:2: 'tasks.0' needs 'task', a task's name"),
    ("tasks: [null]", "p:1: 'tasks.0' must be a task's name, not nothing"),
    (
      "tasks:\n- task: pong\n  targets: [a]",
      "p:3: 'tasks.0.targets.0' must be a number, not 'a'"
    ),
    (
      "tasks:\n- task: pong\n  seeds: {tuning: 0}",
      "p:3: 'tasks.0.seeds.tuning' must be a positive whole number, not '0'"
    ),
    (
      "tasks:\n- catch\n- task: pong\n  learning-rates:\n    factor: 2",
      "p:5: 'factor' in 'tasks.1.learning-rates' belongs to the whole plan, all tasks share it"
    ),
    (
      "tasks: [{task: pong, target: [0]}]",
      "p:1: unknown key 'target' in 'tasks.0', did you mean 'targets'?"
    ),
    (
      "tasks:\n- task: pong\n  batchs: [64]",
      "p:3: unknown key 'batchs' in 'tasks.0', did you mean 'batches'?"
    ),
    (
      "tasks:\n- task: pong\n  batches: {from: 64}",
      "p:3: 'tasks.0.batches' needs 'from' and 'to'"
    ),
    (
      "tasks:\n- task: pong\n  algorithm: {pg: {gamma: 2}}",
      "p:3: 'tasks.0.algorithm.pg.gamma' must be a number from 0 to 1, not '2'"
    ),
    (
      "tasks: [{task: pong, targets: []}]",
      """
      p:1: 'tasks.0.targets' must be a list of different numbers such as [0, 2.5], \
      not an empty list
      """
    ),
    (
      "[1]",
      """
      p:1: a plan must be a mapping with study, tasks, seed, algorithm, optimizer, \
      batches, exchange-rates, num-steps, learning-rates, seeds, budget, evaluation, hidden, \
      activation, trunks, momentum, smoothing, epsilon, not a list
      """
    ),
  ]

  @Test(arguments: taskErrors)
  func `what is wrong with tasks is named`(text: String, error: String) {
    let found = #expect(throws: PlanError.self) {
      try PlanReader.read(text, file: "p", tasks: ["catch", "pong"])
    }
    #expect(found?.description == error)
  }

  @Test func `hostile texts are refused without a crash`() {
    let laughs = (0..<40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
    for text in [
      String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
      String(repeating: "{a: ", count: 50_000), laughs.joined(separator: "\n"),
      String(repeating: "#", count: 2_000_000), "\u{0}", "tasks: [a]\n---\ntasks: [b]", "%YAML 9",
      "tasks: !!python/object [a", "\t- x",
    ] {
      #expect(throws: PlanError.self) { try PlanReader.read(text, file: "p") }
    }
  }

  @Test func `a plan is read from a file, and what is no text is refused`() throws {
    let scratch = try Scratch()
    let file = scratch.path + "/ladder.yaml"
    let missing = #expect(throws: PlanError.self) { try PlanReader.read(file: file) }
    #expect(missing?.description == "\(file): no such file")
    try scratch.write([0xFF, 0xFE, 0xFF], to: file)
    let binary = #expect(throws: PlanError.self) { try PlanReader.read(file: file) }
    #expect(binary?.description == "\(file): not a text file")
    try scratch.write(Array("tasks: [catch]\nseed: x\n".utf8), to: file)
    let wrong = #expect(throws: PlanError.self) { try PlanReader.read(file: file) }
    #expect(wrong?.description == "\(file):2: 'seed' must be a whole number from 0 up, not 'x'")
    let folder = #expect(throws: PlanError.self) { try PlanReader.read(file: scratch.path) }
    #expect(folder?.description.hasPrefix("\(scratch.path): can't read") == true)
  }
}

struct NearestTests {
  let tasks = ["pong", "pong-hard", "catch", "grid-goal-8"]

  @Test(arguments: [
    ("pogn", "pong"), ("Pong", "pong"), ("ponghard", "pong-hard"), ("cath", "catch"),
    ("grid-goal-5", "grid-goal-8"), ("pong", "pong"),
  ])
  func `a slip of the finger finds its word`(word: String, expected: String) {
    #expect(nearest(word, among: tasks) == expected)
  }

  @Test(arguments: ["chess", "", "x", "breakout"])
  func `what is like nothing finds nothing`(word: String) {
    #expect(nearest(word, among: tasks) == nil)
  }

  @Test func `nothing is near to nothing`() {
    #expect(nearest("a", among: ["b", ""]) == nil)
    #expect(nearest("pong", among: []) == nil)
  }
}
