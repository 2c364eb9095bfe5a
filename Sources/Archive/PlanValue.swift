import Records
import Yams

/// A value in a plan, with its place. Every refusal names the line, the key and the expected form.
struct PlanValue {
  let node: Node
  /// The keys that lead here, such as `seeds.tuning`.
  let path: String
  let line: Int?

  init(node: Node, path: String, line: Int?) {
    self.node = node
    self.path = path
    self.line = node.mark?.line ?? line
  }

  var isMapping: Bool { node.mapping != nil }

  /// The text of a scalar, quoted or not; `nil` for a null and for anything else.
  var text: String? {
    guard let scalar = node.scalar else { return nil }
    let isNull = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    return isNull ? nil : scalar.string
  }

  /// The text of an unquoted scalar, the only kind that can be a number.
  var word: String? { node.scalar?.style == .plain ? text : nil }

  /// `naming`: whether to say what was found. The fault of a list may be in its items.
  func refusal(_ expected: String, naming: Bool = true) -> YAMLFault {
    let found: String =
      switch node {
      case .scalar(let scalar):
        text == nil
          ? "nothing" : scalar.style == .plain ? "'\(scalar.start)'" : "\"\(scalar.start)\""
      case .sequence(let nodes): nodes.isEmpty ? "an empty list" : "a list"
      case .mapping: "a mapping"
      case .alias: "an alias"
      }
    let contrast = naming ? ", not \(found)" : ""
    let name = path.isEmpty ? "a plan" : "'\(path)'"
    return YAMLFault(line: line, reason: "\(name) must be \(expected)\(contrast)")
  }

  /// The values of a mapping by key. A key that is not in `known` is refused; `elsewhere` says
  /// where some of those belong.
  func fields(
    _ known: [String], elsewhere: [String: String] = [:]
  ) throws(YAMLFault) -> [String: PlanValue] {
    guard let pairs = node.mapping else {
      throw refusal("a mapping with \(known.joined(separator: ", "))")
    }
    var fields: [String: PlanValue] = [:]
    for (key, value) in pairs {
      guard let name = key.scalar?.string else {
        throw YAMLFault(line: key.mark?.line ?? line, reason: "a key must be a word")
      }
      guard known.contains(name) else {
        let place = path.isEmpty ? "" : " in '\(path)'"
        if let home = elsewhere[name] {
          throw YAMLFault(
            line: key.mark?.line ?? line, reason: "'\(name)'\(place) belongs to \(home)")
        }
        let hint =
          nearest(name, among: known).map { "; did you mean '\($0)'?" }
          ?? "; the keys are \(known.joined(separator: ", "))"
        throw YAMLFault(
          line: key.mark?.line ?? line, reason: "unknown key '\(name)'\(place)\(hint)")
      }
      fields[name] = PlanValue(
        node: value, path: path.isEmpty ? name : "\(path).\(name)", line: key.mark?.line ?? line)
    }
    return fields
  }

  /// The items of a list, which must not be empty.
  func items(_ expected: String) throws(YAMLFault) -> [PlanValue] {
    guard let nodes = node.sequence, !nodes.isEmpty else { throw refusal(expected) }
    let items = nodes.enumerated().map { index, node in
      PlanValue(node: node, path: "\(path).\(index)", line: line)
    }
    if let rest = items.dropFirst().first(where: { $0.word?.isRestOfGroupedNumber ?? false }) {
      throw YAMLFault(
        line: rest.line,
        reason: "'\(rest.path)' is '\(rest.word ?? "")', but commas in a list separate its items;"
          + " write 1024 or 1_024, not 1,024")
    }
    return items
  }

  func whole(_ range: ValueRange<Int>) throws(YAMLFault) -> Int { try plain(range) }
  func number(_ range: ValueRange<Double>) throws(YAMLFault) -> Double { try plain(range) }

  /// A number, which must not be quoted.
  private func plain<Value>(_ range: ValueRange<Value>) throws(YAMLFault) -> Value {
    guard let word, let value = Value(word: word), range.contains(value) else {
      throw refusal(range.form)
    }
    return value
  }

  func nonEmptyText(_ expected: String) throws(YAMLFault) -> String {
    guard let text, !text.isEmpty else { throw refusal(expected) }
    return text
  }

  /// A name that a folder can have.
  func folderName() throws(YAMLFault) -> String {
    guard let text, let first = text.first, first.isASCII, first.isLetter || first.isNumber,
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
    else { throw refusal("a name of letters, digits, '-', '_' and '.'") }
    return text
  }
}

extension Node.Scalar {
  /// The text, or the beginning of a long one: a file that is no plan is one text.
  fileprivate var start: String {
    string.count > 80 ? string.prefix(60) + "…" : string
  }
}
