import Testing

@testable import Archive

/// What a plan is refused for, and in which words.
struct PlanErrorTests {
  static let errors: [(text: String, error: String)] = [
    ("batchs: [16]", "p:2: unknown key 'batchs'; did you mean 'batches'?"),
    ("seeds: {tunning: 2}", "p:2: unknown key 'tunning' in 'seeds'; did you mean 'tuning'?"),
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
    ("num-step: 3", "p:2: unknown key 'num-step'; did you mean 'num-steps'?"),
    (
      "seeds:\n  tuning: two",
      "p:3: 'seeds.tuning' must be a whole number from 1 to 1,000, not 'two'"
    ),
    (
      "seeds: {tuning: 0}",
      "p:2: 'seeds.tuning' must be a whole number from 1 to 1,000, not '0'"
    ),
    (
      "seeds: {tuning: 2.5}",
      "p:2: 'seeds.tuning' must be a whole number from 1 to 1,000, not '2.5'"
    ),
    (
      "seeds: {tuning: \"2\"}",
      "p:2: 'seeds.tuning' must be a whole number from 1 to 1,000, not \"2\""
    ),
    ("seeds: 3", "p:2: 'seeds' must be a mapping with tuning, measuring, not '3'"),
    (
      "seeds: \(String(repeating: "3 ", count: 100))",
      "p:2: 'seeds' must be a mapping with tuning, measuring, not '"
        + String(repeating: "3 ", count: 30) + "…'"
    ),
    ("seeds:\n", "p:2: 'seeds' must be a mapping with tuning, measuring, not nothing"),
    ("seed: -1", "p:2: 'seed' must be a whole number from 0 to 9,007,199,254,740,991, not '-1'"),
    (
      "seed: 9007199254740992",
      """
      p:2: 'seed' must be a whole number from 0 to 9,007,199,254,740,991, not '9007199254740992'
      """
    ),
    (
      "seed: 99999999999999999999",
      """
      p:2: 'seed' must be a whole number from 0 to 9,007,199,254,740,991, \
      not '99999999999999999999'
      """
    ),
    (
      "budget: {observations: 1__0}",
      """
      p:2: 'budget.observations' must be a whole number from 1 to 9,007,199,254,740,991, not '1__0'
      """
    ),
    (
      "budget: {observations: _10}",
      """
      p:2: 'budget.observations' must be a whole number from 1 to 9,007,199,254,740,991, not '_10'
      """
    ),
    ("budget: [1]", "p:2: 'budget' must be a mapping with observations, not a list"),
    ("optimizer: adm", "p:2: 'optimizer' must be adam, sgd or rmsprop, not 'adm'"),
    ("activation: [tanh]", "p:2: 'activation' must be tanh or relu, not a list"),
    ("trunks: 1", "p:2: 'trunks' must be shared or separate, not '1'"),
    (
      "hidden: 64x64",
      """
      p:2: 'hidden' must be at most 16 widths such as 64-64, each from 1 to 16,384, not '64x64'
      """
    ),
    (
      "hidden: 64-0",
      """
      p:2: 'hidden' must be at most 16 widths such as 64-64, each from 1 to 16,384, not '64-0'
      """
    ),
    (
      "network: conv16",
      """
      p:2: 'network' must be layers such as conv16x3,dense128 or 64-64, or minatar or nature, \
      not 'conv16'
      """
    ),
    (
      "network: 64-0",
      """
      p:2: 'network' must be layers such as conv16x3,dense128 or 64-64, or minatar or nature, \
      not '64-0'
      """
    ),
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
      "p:2: 'algorithm.pg.ent-coef' must be a number from 0 to 1,000,000, not 'nan'"
    ),
    (
      "algorithm: {pg: {vf-coef: 1e999}}",
      "p:2: 'algorithm.pg.vf-coef' must be a number from 0 to 1,000,000, not '1e999'"
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
      "p:4: 'batches.1' must be a whole number from 1 to 1,099,511,627,776, not 'big'"
    ),
    (
      "batches: [1,024]",
      "p:2: 'batches.1' is '024', but commas in a list separate its items; write 1024 or 1_024, "
        + "not 1,024"
    ),
    ("batches: {from: 16}", "p:2: 'batches' needs 'from' and 'to'"),
    (
      "batches: {from: 16, to: 8}",
      "p:2: 'batches.to' must be a whole number from 16 to 1,099,511,627,776, not '8'"
    ),
    (
      "batches: {from: 1, to: 8, factor: 1}",
      "p:2: 'batches.factor' must be a number above 1, not '1'"
    ),
    (
      "batches: {from: 1, to: 8, factor: 1.0000001}",
      "p:2: 'batches' makes more than 1000 batches; use a larger factor"
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
      p:2: 'learning-rates.centre' has no 'exponent'; it needs 'rate', 'batch' and 'exponent'
      """
    ),
    (
      "learning-rates: {centre: {rate: 0.1, batch: -300, exponent: 1}}",
      "p:2: 'learning-rates.centre.batch' must be a number of at least 0, not '-300'"
    ),
    (
      "learning-rates: {centre: {rate: 0.1, batch: 300, exponents: 1}}",
      "p:2: unknown key 'exponents' in 'learning-rates.centre'; did you mean 'exponent'?"
    ),
    (
      "learning-rates: {factor: 1}",
      "p:2: 'learning-rates.factor' must be a number above 1, not '1'"
    ),
    (
      "num-steps: 1e-3", "p:2: 'num-steps' must be a whole number from 1 to 1,000,000, not '1e-3'"
    ),
    (
      "evaluation: {episodes: -5}",
      "p:2: 'evaluation.episodes' must be a whole number from 1 to 1,000,000, not '-5'"
    ),
    ("optimizer: sgd\nbeta1: 0.5", "p:3: 'beta1' is a setting of adam, not of sgd"),
    ("optimizer: sgd\nsmoothing: 0.5", "p:3: 'smoothing' is a setting of rmsprop, not of sgd"),
    (
      "optimizer: sgd\nepsilon: 0.5", "p:3: 'epsilon' is a setting of adam and rmsprop, not of sgd"
    ),
    (
      "beta1: 0.5\nmomentum: 0.5",
      "p:3: 'momentum' is the former name of 'beta1'; give only one"
    ),
    ("momentum: 1", "p:2: 'momentum' must be a number from 0 to 0.999999, not '1'"),
    ("exchange-rates: [5, 5]", "p:2: 'exchange-rates' must be a list of different numbers from 1"),
    (
      "exchange-rates: [0.5]",
      """
      p:2: 'exchange-rates' must be a list of different numbers from 1 to 1,099,511,627,776 \
      such as [500, 2000]
      """
    ),
    ("seed: 1\nseed: 2", "p:3: the key 'seed' is given twice"),
    ("tasks: [pong]", "p:2: the key 'tasks' is given twice"),
    (
      "seeds: {tuning: 1\n",
      "p:3: not YAML"
    ),
    ("seed: &a 1", "p:2: a plan can't contain anchors or aliases ('&', '*')"),
    ("? [a]\n: 1", "p:2: a key must be a word"),
  ]

  @Test(arguments: errors)
  func `an error names line, key and expected form`(text: String, error: String) {
    let found = #expect(throws: PlanError.self) {
      try PlanReader.document("tasks: [catch]\n" + text, file: "p")
    }
    let description = found?.description ?? ""
    let isStart = error.hasSuffix("not YAML") || error.hasSuffix("from 1")
    #expect(isStart ? description.hasPrefix(error) : description == error)
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
    ("tasks:\n- catch\n- catch", "p:3: the task 'catch' is listed twice"),
    ("tasks:\n- targets: [1]", "p:2: 'tasks.0' needs 'task', the name of a task"),
    ("tasks: [null]", "p:1: 'tasks.0' must be a task's name, not nothing"),
    (
      "tasks:\n- task: pong\n  targets: [a]",
      "p:3: 'tasks.0.targets.0' must be a number, not 'a'"
    ),
    (
      "tasks:\n- task: pong\n  seeds: {tuning: 0}",
      "p:3: 'tasks.0.seeds.tuning' must be a whole number from 1 to 1,000, not '0'"
    ),
    (
      "tasks:\n- catch\n- task: pong\n  learning-rates:\n    factor: 2",
      "p:5: 'factor' in 'tasks.1.learning-rates' belongs to the whole plan; all tasks share it"
    ),
    (
      "tasks: [{task: pong, target: [0]}]",
      "p:1: unknown key 'target' in 'tasks.0'; did you mean 'targets'?"
    ),
    (
      "tasks:\n- task: pong\n  batchs: [64]",
      "p:3: unknown key 'batchs' in 'tasks.0'; did you mean 'batches'?"
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
      p:1: a plan must be a mapping with study, tasks, variants, algorithm, optimizer, batches, \
      exchange-rates, num-steps, learning-rates, seeds, budget, evaluation, hidden, network, \
      activation, trunks, beta1, beta2, momentum, smoothing, epsilon, seed, not a list
      """
    ),
  ]

  @Test(arguments: taskErrors)
  func `what is wrong with tasks is named`(text: String, error: String) {
    let found = #expect(throws: PlanError.self) {
      try PlanReader.document(text, file: "p")
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
      #expect(throws: PlanError.self) { try PlanReader.document(text, file: "p") }
    }
  }
}
