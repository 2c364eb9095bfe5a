public import Records
import SystemPackage
import Yams

/// What is wrong with a user's plan: one sentence with file, line and the expected form.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  var file: String
  /// From 1; `nil` if the whole file is meant.
  var line: Int?
  var reason: String

  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return "\(place): \(reason)".onOneLine
  }
}

/// A user's plan, and the lines of its entries.
public struct PlanDocument: Sendable {
  public let plan: Plan
  let file: String
  /// By path, such as `tasks.0.batches`.
  private let lines: [String: Int]

  init(plan: Plan, file: String, root: Node) {
    self.plan = plan
    self.file = file
    var lines: [String: Int] = [:]
    Self.note(root, at: "", into: &lines)
    self.lines = lines
  }

  private static func note(_ node: Node, at path: String, into lines: inout [String: Int]) {
    func inside(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    for (key, value) in node.mapping ?? [:] {
      guard let name = key.scalar?.string else { continue }
      lines[inside(name)] = key.mark?.line
      note(value, at: inside(name), into: &lines)
    }
    for (index, item) in (node.sequence ?? []).enumerated() {
      lines[inside("\(index)")] = item.mark?.line
      note(item, at: inside("\(index)"), into: &lines)
    }
  }

  /// An error in the entry at a path, with its line or that of the entry that contains it.
  public func error(_ reason: String, at path: String) -> PlanError {
    var keys = path.split(separator: ".")
    while !keys.isEmpty, lines[keys.joined(separator: ".")] == nil { keys.removeLast() }
    return PlanError(file: file, line: lines[keys.joined(separator: ".")], reason: reason)
  }
}

/// Reads a user's plan. An unknown key (`PlanValue.fields`), a wrong type and an impossible
/// value are refused.
public enum PlanReader {
  /// Reads a plan from a file and keeps the lines of its entries.
  public static func document(file: String) throws(PlanError) -> PlanDocument {
    let bytes: [UInt8]?
    do {
      bytes = try FilePath(file).bytesIfThere(limit: largestPlanFile, isGiven: true)
    } catch {
      throw PlanError(file: file, line: nil, reason: "\(error)")
    }
    guard let bytes else { throw PlanError(file: file, line: nil, reason: "no such file") }
    return try document(bytes, file: file)
  }

  /// Reads a plan from the bytes of a file.
  static func document(_ bytes: [UInt8], file: String) throws(PlanError) -> PlanDocument {
    guard let text = planText(bytes) else {
      throw PlanError(file: file, line: nil, reason: "not a text file")
    }
    return try document(text, file: file)
  }

  /// Reads a plan from a text and keeps the lines of its entries. `settings` are those that a plan
  /// can have.
  public static func document(
    _ text: String, file: String, settings: SettingsTable = .standard
  ) throws(PlanError) -> PlanDocument {
    do {
      guard let node = try composeYAML(text) else {
        throw YAMLFault(line: nil, reason: "the plan is empty; it needs 'tasks'")
      }
      let plan = try plan(PlanValue(node: node, path: "", line: 1), settings)
      return PlanDocument(plan: plan, file: file, root: node)
    } catch let fault as YAMLFault {
      throw PlanError(file: file, line: fault.line, reason: fault.reason)
    } catch {
      throw PlanError(file: file, line: nil, reason: "\(error)")
    }
  }

  private static func plan(
    _ root: PlanValue, _ table: SettingsTable
  ) throws(YAMLFault) -> Plan {
    let reader = PlanSettingsReader(table: table)
    let fields = try root.fields(
      ["study", "tasks", "variants"] + reader.keys(),
      elsewhere: reader.homes().merging([
        "targets": "a task, such as {task: pong, targets: [0]}",
        "variant": "a task, such as {task: pong, variant: wide, network: 256-256}",
      ]) { $1 })
    guard let tasks = fields["tasks"] else {
      throw YAMLFault(line: root.line, reason: "a plan needs 'tasks', a list such as [catch]")
    }
    let settings = try reader.read(fields)
    let own = PlanSettingsReader(table: table, plan: settings)
    let variants = try fields["variants"].map { value throws(YAMLFault) in
      try PlanVariants(value, table)
    }
    var plan = Plan(tasks: try requests(tasks, own, variants))
    plan.study = try fields["study"]?.folderName()
    plan.settings = settings
    return plan
  }

  private static func requests(
    _ value: PlanValue, _ reader: PlanSettingsReader, _ variants: PlanVariants?
  ) throws(YAMLFault) -> [Plan.TaskRequest] {
    var requests: [Plan.TaskRequest] = []
    for item in try value.items("a list of tasks such as [catch, {task: pong, targets: [0]}]") {
      let (own, name) = try Self.requests(item, reader, variants)
      for request in own {
        if requests.contains(where: { $0.task == request.task && $0.variant == request.variant }) {
          let kind = request.variant.map { "variant '\($0)' of the " } ?? ""
          throw YAMLFault(
            line: name.line, reason: "the \(kind)task '\(request.task)' is listed twice")
        }
        requests.append(request)
      }
    }
    for index in requests.indices where requests[index].path == "tasks.\(index)" {
      requests[index].path = nil
    }
    return requests
  }

  /// Reads a task with or without its own settings, and the place of its name: one request, or one
  /// for each of its variants or else of the plan's.
  private static func requests(
    _ item: PlanValue, _ reader: PlanSettingsReader, _ variants: PlanVariants?
  ) throws(YAMLFault) -> ([Plan.TaskRequest], name: PlanValue) {
    func expanded(
      _ request: Plan.TaskRequest, _ variants: PlanVariants?
    ) throws(YAMLFault) -> [Plan.TaskRequest] {
      var request = request
      request.path = item.path
      guard request.variant == nil, let variants else { return [request] }
      return try variants.requests(for: request, of: reader.plan ?? PlanSettings())
    }
    guard item.isMapping else {
      let request = Plan.TaskRequest(try item.nonEmptyText("a task's name"))
      return (try expanded(request, variants), item)
    }
    let fields = try item.fields(
      ["task", "variant", "variants", "targets"] + reader.keys(), elsewhere: reader.homes())
    guard let name = fields["task"] else {
      throw YAMLFault(line: item.line, reason: "'\(item.path)' needs 'task', the name of a task")
    }
    var request = Plan.TaskRequest(try name.nonEmptyText("a task's name"))
    if let targets = fields["targets"] {
      let expected = "a list of different numbers such as [0, 2.5]"
      var numbers: [Double] = []
      for target in try targets.items(expected) {
        numbers.append(try target.number(.any))
      }
      guard Set(numbers).count == numbers.count else {
        throw targets.refusal(expected, naming: false)
      }
      request.targets = numbers
    }
    request.settings = try reader.read(fields)
    if let value = fields["variant"] {
      let name = try value.nonEmptyText(TaskVariant.nameForm)
      guard TaskVariant.isName(name) else { throw value.refusal(TaskVariant.nameForm) }
      guard fields["variants"] == nil else {
        throw YAMLFault(
          line: value.line, reason: "'\(item.path)' has 'variant' and 'variants'; give only one")
      }
      request.variant = name
    }
    let own = try fields["variants"].map { value throws(YAMLFault) in
      try PlanVariants(value, reader.table)
    }
    return (try expanded(request, own ?? variants), name)
  }
}
