import Environments
import Foundation
import Records
import TestSupport
import Testing

@testable import Archive
@testable import Lab

@Suite struct `A plan` {
  @Test func `takes what it leaves open from the task`() throws {
    let plan = try Plan(tasks: [.init("catch"), .init("pong", targets: [2.5, 0])]).resolved(
      with: .builtIn)
    let defaults = TaskDefaults.of("catch")
    #expect(plan.tasks[0].batches == defaults.batches)
    #expect(plan.tasks[0].targets == defaults.targets)
    #expect(plan.tasks[0].hyperparameters.entCoef == defaults.settings.entCoef)
    #expect(plan.tasks[1].targets == [0, 2.5])
  }

  @Test(arguments: [
    ("pogn", "unknown task 'pogn'; did you mean 'pong'?"), ("", "unknown task ''"),
  ])
  func `names the nearest task`(name: String, sentence: String) {
    let problem = #expect(throws: PlanProblem.self) {
      try Plan(tasks: [.init(name)]).resolved(with: .builtIn)
    }
    #expect(problem?.description.hasPrefix(sentence) == true)
  }

  @Test func `rounds a range to whole environments and keeps a list exact`() throws {
    var plan = Plan(tasks: [.init("grid-goal-8")])
    plan.numSteps = 16
    plan.batches = .range(from: 20, to: 700, factor: 2)
    #expect(try plan.resolved(with: .builtIn).tasks[0].batches == [16, 48, 80, 160, 384, 640])
    plan.batches = .list([64, 8, 32])
    #expect(try plan.resolved(with: .builtIn).tasks[0].batches == [8, 32, 64])
    plan.batches = .list([100])
    let problem = #expect(throws: PlanProblem.self) { try plan.resolved(with: .builtIn) }
    #expect(problem?.description.contains("96 and 112") == true)
  }

  @Test(arguments: [-0.7, 1.1, .nan])
  func `refuses a target that can't be measured`(target: Double) {
    #expect(throws: PlanProblem.self) {
      try Plan(tasks: [.init("catch", targets: [target])]).resolved(with: .builtIn)
    }
  }

  @Test func `lets a task differ from the others`() throws {
    var plan = Plan(tasks: [.init("catch"), .init("grid-goal-8")])
    let before = try plan.resolved(with: .builtIn)
    plan.tasks[1].settings.numSteps = 8
    plan.tasks[1].settings.batches = .list([64, 24])
    plan.tasks[1].settings.learningRateCentre = .given(
      LearningRateCentre(rate: 0.5, batch: 300, exponent: 0.9))
    plan.tasks[1].settings.algorithm = .ppo
    plan.tasks[1].settings.budget = 1_000
    plan.tasks[1].settings.evaluationEpisodes = 7
    plan.tasks[1].settings.tuningSeeds = 9
    plan.measuringSeeds = 6
    let after = try plan.resolved(with: .builtIn)
    #expect(after.tasks[0] == before.tasks[0])
    #expect(after.seeds(of: after.tasks[0], .tuning) == 5)
    #expect(after.seeds(of: after.tasks[1], .tuning) == 9)
    #expect(after.seeds(of: after.tasks[1], .measuring) == 6)
    #expect(after.tasks[1].batches == [24, 64] && after.tasks[1].horizon == 8)
    #expect(
      after.tasks[1].learningRate == LearningRateCentre(rate: 0.5, batch: 300, exponent: 0.9))
    #expect(after.tasks[1].hyperparameters.clipCoef == 0.2)
    #expect(after.tasks[1].budget == Observations(1_000))
    #expect(after.tasks[1].evaluationEpisodes == 7)
  }

  @Test func `is the same study however it is written`() throws {
    let shared = try PlanReader.document(
      """
      tasks: [catch, pong]
      algorithm: {pg: {gamma: 0.9}}
      hidden: 32
      budget: {observations: 1000}
      """, file: "p")
    let own = try PlanReader.document(
      """
      tasks:
        - {task: catch, algorithm: {pg: {gamma: 0.9}}, hidden: 32, budget: {observations: 1000}}
        - {task: pong, algorithm: {pg: {gamma: 0.9}}, hidden: 32}
      hidden: 64
      budget: {observations: 1000}
      """, file: "p")
    #expect(try shared.resolved(with: .builtIn) == own.resolved(with: .builtIn))
    #expect(
      try PlanFile.json(of: shared.resolved(with: .builtIn))
        == PlanFile.json(of: own.resolved(with: .builtIn)))
  }

  @Test func `is the same study if dense layers are written as a network`() throws {
    func json(_ settings: String) throws -> [UInt8] {
      let plan = try PlanReader.document("tasks: [catch, pong]\n\(settings)", file: "p")
      return try PlanFile.json(of: plan.resolved(with: .builtIn))
    }
    let usual = try json("hidden: 32-16")
    #expect(try json("network: \"dense32,dense16\"") == usual)
    #expect(!String(decoding: usual, as: UTF8.self).contains("network"))
    #expect(try json("network: \"dense64,dense64\"") == json(""))
    func games(_ settings: String) throws -> [UInt8] {
      let plan = try PlanReader.document("tasks: [breakout, catch]\n\(settings)", file: "p")
      return try PlanFile.json(of: plan.resolved(with: .builtIn))
    }
    #expect(
      try games("network: minatar")
        == games("network: \"conv16x3,dense128\"\nactivation: relu"))
  }

  static let impossible: [(text: String, error: String)] = [
    (
      "tasks:\n- catch\n- {task: catch, targets: [0,\n  7]}",
      "p:3: the task 'catch' is listed twice"
    ),
    ("tasks:\n- {task: catch, targets: [0,\n  7]}", "p:3: target 7 of 'catch' must be above"),
    ("tasks:\n- catch\n- four-rooms", "p:3: task 'four-rooms' has no target"),
    ("tasks: [catch, pogn]", "p:1: unknown task 'pogn'; did you mean 'pong'?"),
    ("tasks:\n- catch\n- chess", "p:3: unknown task 'chess'; 'batchlab tasks' lists them"),
    ("tasks:\n- targets: [1]\n  task: chess", "p:3: unknown task 'chess'"),
    (
      "tasks: [catch, grid-goal-8]\nbatches:\n- 10\n- 100",
      """
      p:4: for 'grid-goal-8', batch 100 is not a multiple of the horizon 16; the nearest are 96 \
      and 112
      """
    ),
    (
      "tasks:\n- catch\n- task: grid-goal-8\n  num-steps: 8\n  batches: [16, 20]",
      "p:5: for 'grid-goal-8', batch 20 is not a multiple of the horizon 8"
    ),
    (
      "tasks: [bandit]\nbatches: [1,\n  1_000_000_000_000]",
      "p:3: a rollout of batch 1,000,000,000,000 needs about"
    ),
    (
      "tasks: [bandit]\nbatches:\n  from: 1\n  to: 1_000_000_000_000\n  factor: 1e6",
      "p:2: a rollout of batch 1,000,000,000,000 needs about"
    ),
    (
      "tasks: [catch]\nnum-steps:\n  2_000_000",
      "p:3: 'num-steps' must be a whole number from 1 to 1,000,000, not '2_000_000'"
    ),
    (
      "tasks:\n- task: catch\n  algorithm:\n    ppo:\n      update-epochs: 2_000_000",
      "p:5: 'tasks.0.algorithm.ppo.update-epochs' must be a whole number from 1 to 1,000,000"
    ),
    (
      "tasks: [catch]\nbatches: [400]\nalgorithm:\n  ppo:\n    num-minibatches: 1000",
      "p:5: a batch of 400 observations can't be split into 1,000 minibatches"
    ),
    (
      "tasks: [catch]\nalgorithm: ppo\nbatches: [3, 40]",
      "p:3: a batch of 3 observations can't be split into 4 minibatches"
    ),
    (
      "tasks: [catch]\nseeds:\n  tuning: 1_001",
      "p:3: 'seeds.tuning' must be a whole number from 1 to 1,000, not '1_001'"
    ),
    (
      "tasks: [catch]\nhidden: 20000",
      "p:2: 'hidden' must be at most 16 widths such as 64-64, each from 1 to 16,384"
    ),
    (
      """
      tasks:
      - task: catch
        batches: [20]
        learning-rates:
          centre: {rate: 0.1, batch: 15000, exponent: 300}
      """,
      """
      p:5: 'tasks.0.learning-rates.centre': from a learning rate of 0 at batch 20, \
      a search by factors of 2 reaches rates that no run can use
      """
    ),
    // The batch is within reach, but not the first one of the exchange rate.
    (
      """
      tasks:
      - task: catch
        batches: [8000]
        exchange-rates: [100]
        learning-rates:
          centre: {rate: 0.1, batch: 8000, exponent: 20}
      """,
      "p:6: 'tasks.0.learning-rates.centre': from a learning rate of 8.63e-48 at batch 40, "
    ),
    (
      "tasks: [catch]\nlearning-rates:\n  factor: 1e9",
      "p:3: 'learning-rates.factor': from a learning rate of "
    ),
    (
      "tasks: [catch, pong]\nhidden: 8\nnetwork: minatar",
      "p:3: 'network' takes the place of 'hidden'; give only one"
    ),
    (
      "tasks: [catch, pong]\nnetwork: minatar",
      "p:2: 'network' has a convolution, but 'pong' observes no grid of cells"
    ),
    (
      "tasks:\n- {task: breakout,\n   network: nature}",
      "p:3: 'network' has the kernel of conv64x4s2 on an input of only 1 × 1 cells"
    ),
    (
      "tasks:\n- task: breakout\n  network: \"dense8,conv8x3\"",
      "p:3: 'network' has the convolution conv8x3 after a dense layer; convolutions come first"
    ),
    (
      "tasks: [catch]\nnetwork: conv8x4same",
      "p:2: 'network' pads conv8x4same, but only an odd kernel has a middle that padding can keep"
    ),
    (
      "tasks: [pong-pixels]\nnetwork: \"conv1024x3same,dense16384\"",
      "p:2: 'network' has about 4,300,000,000 weights; 1,000,000,000 are the most"
    ),
    (
      "tasks: [catch]\nlearning-rates: {centre: 1e308}",
      "p:2: 'learning-rates.centre': from a learning rate of 1e+308 at batch "
    ),
  ]

  @Test(arguments: impossible)
  func `that can't work names the offending line`(text: String, error: String) {
    let found = #expect(throws: PlanError.self) {
      try PlanReader.document(text, file: "p").resolved(with: .builtIn)
    }
    #expect(found?.description.hasPrefix(error) == true, "\(found?.description ?? "")")
  }

  /// The plan of a reference study, but for the version of the numerics, of which it may be an older
  /// one.
  private static func reference(_ study: String) throws -> StudyPlan {
    var plan = try PlanFile.read(folder: "\(repository)/Results/\(study)")
    plan.numerics = numericsVersion
    return plan
  }

  /// Facts that change in the catalogue must not change what the reference studies' plans ask for.
  @Test(arguments: ["ladder", "ladder-ppo"])
  func `of a reference study requests what was measured`(study: String) throws {
    let results = "\(repository)/Results/\(study)"
    let plan = try PlanReader.document(file: "\(results).yaml").resolved(with: .builtIn)
    #expect(try Self.reference(study) == plan)
  }

  @Test(arguments: [
    "tasks: [catch, {task: pong, algorithm: {ppo: {clip-coef: 0.1, gamma: 0.5}}}]",
    "tasks: [{task: catch, optimizer: sgd, momentum: 0.1, seeds: {tuning: 9}}]\nhidden: \"\"",
    "tasks: [{task: catch, optimizer: rmsprop, exchange-rates: [500, 2000.5]}]\nbatches: [3, 640]",
    "tasks: [catch, {task: breakout, network: minatar}]\nhidden: 8",
    "tasks: [{task: catch, hidden: 8}, breakout]\nnetwork: \"conv4x3s2same,conv8x1\"",
    "tasks: [bandit]\nseed: 7\nlearning-rates: {centre: 1e-7, factor: 1.4}\ntrunks: separate",
  ])
  func `says the same as YAML with every setting`(text: String) throws {
    let plan = try PlanReader.document(text, file: "p").resolved(with: .builtIn)
    let again = try PlanReader.document(plan.yaml(comment: "batchlab\nseed: 8"), file: "p")
    #expect(try again.resolved(with: .builtIn) == plan)
  }

  @Test(arguments: ["ladder", "ladder-ppo"])
  func `of a reference study says the same as YAML`(study: String) throws {
    let plan = try Self.reference(study)
    #expect(try PlanReader.document(plan.yaml(), file: "p").resolved(with: .builtIn) == plan)
  }

  @Test func `refuses a task that is named twice`() {
    #expect(throws: PlanProblem.self) {
      try Plan(tasks: [.init("catch"), .init("catch")]).resolved(with: .builtIn)
    }
  }
}

@Suite struct `A cell` {
  private func cell(batch: Int) throws -> Cell {
    var plan = Plan(tasks: [.init("catch", targets: [0, 0.9])])
    plan.batches = .list([batch])
    plan.tuningSeeds = 2
    plan.measuringSeeds = 3
    let study = try plan.resolved(with: .builtIn)
    return try Cell(plan: study, task: study.tasks[0], size: CellSize(batch: batch))
  }

  @Test func `runs as many seeds as its task has`() throws {
    var plan = Plan(tasks: [.init("catch", targets: [0, 0.9])])
    plan.tasks[0].settings.tuningSeeds = 7
    let study = try plan.resolved(with: .builtIn)
    var cell = try Cell(plan: study, task: study.tasks[0], size: CellSize(batch: 160))
    while cell.search.tried.isEmpty {
      for assignment in cell.open { _ = try cell.receive(finished(assignment, [50, 100])) }
    }
    let first = cell.asked.prefix { !$0.settings.isPruned }
    #expect(first.map(\.settings.seed) == Array(0..<7))
  }

  /// A finished trial that needed `updates` for each of its targets.
  private func finished(_ assignment: Cell.Assignment, _ updates: [Double?]) -> TrialRecord {
    let crossings = zip(assignment.settings.targets, updates).map { target, updates in
      Crossing(
        target: target, updates: updates,
        observations: updates.map { $0 * Double(assignment.settings.batch.value) },
        bracketLow: Updates(1), bracketHigh: Updates(2))
    }
    let outcome = TrialOutcome.sample(
      crossings: crossings, updates: 500, batch: assignment.settings.batch.value)
    return TrialRecord(outcome, of: assignment)
  }

  @Test func `tunes on its own seeds, prunes by earlier rounds and measures on fresh ones`() throws
  {
    var cell = try cell(batch: 200)
    var bounds: [Int] = []
    while case .tuning(let rate) = cell.stage {
      bounds.append(cell.open[0].settings.limit.value)
      #expect(cell.open.allSatisfy { $0.settings.role == .tuning })
      for assignment in cell.open {
        let updates = 100.0 * (1 + abs(Double(rate - 1)))
        #expect(try cell.receive(finished(assignment, [updates / 2, updates])))
      }
    }
    #expect(bounds[0] == 500_000)
    #expect(bounds[1] == 3 * 200 * 200)
    #expect(bounds.dropFirst().allSatisfy { $0 < 500_000 })
    #expect(cell.stage == .measuring)
    #expect(cell.open.count == 3)
    #expect(cell.open.allSatisfy { $0.settings.role == .measuring && !$0.settings.isPruned })
    #expect(cell.open[0].verdicts == [0: .interior, 0.9: .interior])
    for assignment in cell.open { _ = try cell.receive(finished(assignment, [50, 100])) }
    #expect(cell.stage == .done)
  }

  @Test func `measures a rate only up to the hardest target that it was chosen for`() throws {
    var cell = try cell(batch: 200)
    while case .tuning(let rate) = cell.stage {
      for assignment in cell.open {
        let (easy, hard) = (100 * (1 + abs(Double(rate - 2))), 900 * (1 + abs(Double(rate + 1))))
        _ = try cell.receive(finished(assignment, [easy, hard]))
      }
    }
    let targets = Dictionary(grouping: cell.open, by: \.settings.learningRate)
      .mapValues { $0[0].settings.targets }
    #expect(targets.count == 2)
    #expect(Set(targets.values) == [[0], [0, 0.9]])
  }

  @Test func `shares no trial with another batch`() throws {
    let ids = try [200, 400].map { try cell(batch: $0).open.map(\.id) }
    #expect(Set(ids[0]).isDisjoint(with: ids[1]))
    #expect(try cell(batch: 200).open.map(\.id) == ids[0])
  }

  @Test func `below one environment shortens the horizon and says so`() throws {
    let settings = try cell(batch: 4).open[0].settings
    #expect(settings.numEnvs == 1 && settings.numSteps == 4 && settings.shortenedHorizon)
    #expect(try !cell(batch: 20).open[0].settings.shortenedHorizon)
  }

  @Test func `starts from the centre for its batch, in three digits`() throws {
    let centre = LearningRateCentre(rate: 0.03, batch: 100, exponent: 1)
    #expect(abs(centre.at(batch: 100) - 0.015) < 1e-12)
    #expect(abs(centre.at(batch: 300) - 0.0225) < 1e-12)
    let cell = try cell(batch: 200)
    #expect("\(cell.learningRate(0))".count <= 8)
    #expect(abs(cell.learningRate(1) / cell.learningRate(0) - 2) < 0.02)
  }
}
