public import Records
import SystemPackage

/// What is wrong with a user's plan: one sentence with file, line and the expected form.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  public var file: String
  /// From 1; `nil` where the file as a whole is meant.
  public var line: Int?
  public var reason: String

  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return "\(place): \(reason)".onOneLine
  }
}

/// Reads a user's plan. An unknown key, a wrong type and an impossible value are refused.
public enum PlanReader {
  /// The factor of a range of batches that doesn't name one.
  public static let batchFactor = 2.0

  /// Reads a plan from a file. `tasks`: the known names; `nil`: any name will do.
  public static func read(file: String, tasks: [String]? = nil) throws(PlanError) -> Plan {
    let bytes: [UInt8]?
    do {
      bytes = try FilePath(file).bytesIfThere()
    } catch {
      throw PlanError(file: file, line: nil, reason: "\(error)")
    }
    guard let bytes else { throw PlanError(file: file, line: nil, reason: "no such file") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PlanError(file: file, line: nil, reason: "not a text file")
    }
    return try read(text, file: file, tasks: tasks)
  }

  /// Reads a plan from a text; `file` is the name that errors carry.
  public static func read(
    _ text: String, file: String, tasks: [String]? = nil
  ) throws(PlanError) -> Plan {
    do {
      guard let node = try composeYAML(text) else {
        throw YAMLFault(line: nil, reason: "the plan is empty; it needs 'tasks'")
      }
      return try plan(PlanValue(node: node, path: "", line: 1), knownTasks: tasks)
    } catch let fault as YAMLFault {
      throw PlanError(file: file, line: fault.line, reason: fault.reason)
    } catch {
      throw PlanError(file: file, line: nil, reason: "\(error)")
    }
  }

  private static func plan(
    _ root: PlanValue, knownTasks: [String]?
  ) throws(YAMLFault) -> Plan {
    let fields = try root.fields([
      "study", "tasks", "algorithm", "optimizer", "batches", "num-steps", "learning-rates",
      "seeds", "budget", "evaluation", "hidden", "activation", "trunks", "seed", "momentum",
      "smoothing", "epsilon",
    ])
    guard let tasks = fields["tasks"] else {
      throw YAMLFault(line: root.line, reason: "a plan needs 'tasks', a list such as [catch]")
    }
    var plan = Plan(tasks: try requests(tasks, knownTasks))
    plan.study = try fields["study"]?.folderName()
    if let value = fields["algorithm"] { try algorithm(value, into: &plan) }
    plan.optimizer = try fields["optimizer"]?.choice(OptimizerKind.self)
    if let value = fields["batches"] { plan.batches = try batches(value) }
    plan.numSteps = try fields["num-steps"]?.positive()
    if let rates = fields["learning-rates"] {
      let fields = try rates.fields(["centre", "factor"])
      if let centre = fields["centre"], centre.word != "auto" {
        plan.learningRateCentre = try centre.number("auto or a positive number") { $0 > 0 }
      }
      plan.learningRateFactor = try fields["factor"]?.number("a number above 1") { $0 > 1 }
    }
    if let seeds = fields["seeds"] {
      let fields = try seeds.fields(["tuning", "measuring"])
      plan.tuningSeeds = try fields["tuning"]?.positive()
      plan.measuringSeeds = try fields["measuring"]?.positive()
    }
    plan.budget = try fields["budget"]?.fields(["observations"])["observations"]?.positive()
    plan.evaluationEpisodes = try fields["evaluation"]?.fields(["episodes"])["episodes"]?
      .positive()
    if let hidden = fields["hidden"] {
      guard let text = hidden.text, let sizes = LayerSizes(text) else {
        throw hidden.refusal("widths of layers such as 64-64")
      }
      plan.hidden = sizes
    }
    plan.activation = try fields["activation"]?.choice(Activation.self)
    plan.momentum = try fields["momentum"]?.number("a number from 0 up, below 1") {
      (0..<1).contains($0)
    }
    plan.smoothing = try fields["smoothing"]?.number("a number from 0 up, below 1") {
      (0..<1).contains($0)
    }
    plan.epsilon = try fields["epsilon"]?.number("a number from 0 up") { $0 >= 0 }
    plan.trunks = try fields["trunks"]?.choice(Trunks.self)
    plan.seed = try fields["seed"]?.whole("a whole number from 0 up") { $0 >= 0 }
    return plan
  }

  private static func requests(
    _ value: PlanValue, _ known: [String]?
  ) throws(YAMLFault) -> [Plan.TaskRequest] {
    var requests: [Plan.TaskRequest] = []
    for item in try value.items("a list of tasks such as [catch, {task: pong, targets: [0]}]") {
      var request: Plan.TaskRequest
      var name = item
      if item.isMapping {
        let fields = try item.fields(["task", "targets"])
        guard let task = fields["task"] else {
          throw YAMLFault(line: item.line, reason: "'\(item.path)' needs 'task', a task's name")
        }
        name = task
        request = Plan.TaskRequest(try task.nonEmptyText("a task's name"))
        if let targets = fields["targets"] {
          let expected = "a list of different numbers such as [0, 2.5]"
          var numbers: [Double] = []
          for target in try targets.items(expected) {
            numbers.append(try target.number("a number") { _ in true })
          }
          guard Set(numbers).count == numbers.count else {
            throw targets.refusal(expected, naming: false)
          }
          request.targets = numbers
        }
      } else {
        request = Plan.TaskRequest(try item.nonEmptyText("a task's name"))
      }
      if let known, !known.contains(request.task) {
        let hint =
          nearest(request.task, among: known).map { ", did you mean '\($0)'?" }
          ?? "; 'batchlab tasks' lists them"
        throw YAMLFault(line: name.line, reason: "unknown task '\(request.task)'\(hint)")
      }
      if requests.contains(where: { $0.task == request.task }) {
        throw YAMLFault(line: name.line, reason: "the task '\(request.task)' is listed twice")
      }
      requests.append(request)
    }
    return requests
  }

  private static func algorithm(
    _ value: PlanValue, into plan: inout Plan
  ) throws(YAMLFault) {
    guard value.isMapping else {
      plan.algorithm = try value.choice(Algorithm.self)
      return
    }
    let names = Algorithm.allCases.map(\.rawValue)
    let algorithms = try value.fields(names)
    guard let (name, settings) = algorithms.first, algorithms.count == 1,
      let algorithm = Algorithm(rawValue: name)
    else { throw value.refusal("pg, ppo or one of them with its settings") }
    plan.algorithm = algorithm
    let ofPPO = ["update-epochs", "num-minibatches", "clip-coef", "clip-vloss"]
    let fields = try settings.fields(
      ["gamma", "gae-lambda", "ent-coef", "vf-coef", "norm-adv"] + ofPPO)
    if algorithm != .ppo, let key = ofPPO.first(where: { fields[$0] != nil }) {
      throw YAMLFault(
        line: fields[key]?.line, reason: "'\(key)' is a setting of ppo, not of \(name)")
    }
    let share = "a number from 0 to 1"
    plan.gamma = try fields["gamma"]?.number(share) { (0...1).contains($0) }
    plan.gaeLambda = try fields["gae-lambda"]?.number(share) { (0...1).contains($0) }
    plan.entCoef = try fields["ent-coef"]?.number("a number from 0 up") { $0 >= 0 }
    plan.vfCoef = try fields["vf-coef"]?.number("a number from 0 up") { $0 >= 0 }
    plan.normAdv = try fields["norm-adv"]?.bool()
    plan.updateEpochs = try fields["update-epochs"]?.positive()
    plan.numMinibatches = try fields["num-minibatches"]?.positive()
    plan.clipVloss = try fields["clip-vloss"]?.bool()
    plan.clipCoef = try fields["clip-coef"]?.number("a positive number") { $0 > 0 }
  }

  private static func batches(_ value: PlanValue) throws(YAMLFault) -> Plan.Batches {
    let expected = "a list of different batches such as [16, 64] or {from: 16, to: 1024, factor: 2}"
    guard value.isMapping else {
      var list: [Int] = []
      for item in try value.items(expected) { list.append(try item.positive()) }
      guard Set(list).count == list.count else {
        throw value.refusal(expected, naming: false)
      }
      return .list(list)
    }
    let fields = try value.fields(["from", "to", "factor"])
    guard let from = try fields["from"]?.positive(), let end = fields["to"] else {
      throw YAMLFault(line: value.line, reason: "'batches' needs 'from' and 'to'")
    }
    let to = try end.whole("a whole number, at least 'from'") { $0 >= from }
    let factor = try fields["factor"]?.number("a number above 1") { $0 > 1 } ?? batchFactor
    // A factor of almost 1 would make more cells than anyone can run.
    var batch = Double(from)
    for _ in 0..<1000 {
      batch *= factor
      if batch > Double(to) { return .range(from: from, to: to, factor: factor) }
    }
    throw YAMLFault(
      line: value.line, reason: "'batches' makes more than 1000 batches; take a larger factor")
  }
}
