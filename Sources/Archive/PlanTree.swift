import Foundation
import Yams

/// A plan as a tree of plain values, for reading YAML and for comparing plans.
enum PlanTree: Codable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([PlanTree])
  case mapping([String: PlanTree])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([PlanTree].self) {
      self = .list(list)
    } else {
      self = .mapping(try value.decode([String: PlanTree].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .bool(let bool): try value.encode(bool)
    case .integer(let integer): try value.encode(integer)
    case .number(let number): try value.encode(number)
    case .text(let text): try value.encode(text)
    case .list(let list): try value.encode(list)
    case .mapping(let mapping): try value.encode(mapping)
    }
  }

  /// Converts a value by way of JSON, which keeps its numbers unchanged.
  init(_ value: some Encodable) throws {
    self = try JSONDecoder().decode(PlanTree.self, from: JSONEncoder().encode(value))
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
  }
}

// MARK: - YAML

extension PlanTree {
  private var isScalar: Bool {
    switch self {
    case .list, .mapping: false
    default: true
    }
  }

  /// Reads a composed document. `budget` limits the number of values, because aliases can make a
  /// small file an enormous tree.
  init(_ node: Node, budget: inout Int) throws(YAMLFault) {
    budget -= 1
    guard budget > 0 else { throw YAMLFault(line: nil, reason: "it is too large for a plan") }
    switch node {
    case .scalar(let scalar): self = Self.value(of: scalar)
    case .sequence(let nodes):
      var list: [PlanTree] = []
      for node in nodes { list.append(try PlanTree(node, budget: &budget)) }
      self = .list(list)
    case .mapping(let pairs):
      var mapping: [String: PlanTree] = [:]
      for (key, value) in pairs {
        guard let key = key.scalar?.string else {
          throw YAMLFault(line: key.mark?.line, reason: "a key must be a word")
        }
        mapping[key] = try PlanTree(value, budget: &budget)
      }
      self = .mapping(mapping)
    case .alias(let alias):
      throw YAMLFault(line: alias.mark?.line, reason: "a plan can't contain aliases ('*')")
    }
  }

  private static func value(of scalar: Node.Scalar) -> PlanTree {
    let text = scalar.string
    guard scalar.style == .plain else { return .text(text) }
    switch text {
    case "null", "~", "": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: break
    }
    if let integer = Int(text) { return .integer(integer) }
    if let number = Double(text), number.isFinite { return .number(number) }
    return .text(text)
  }
}

// MARK: - Comparison

extension PlanTree {
  /// The first difference from another tree, with both values if they are short; `nil` if the trees
  /// are equal.
  func firstDifference(from other: PlanTree, at path: [String] = []) -> PlanDifference? {
    func here(_ words: String, _ inside: [String] = []) -> PlanDifference {
      PlanDifference(path: path + inside, words: words)
    }
    switch (self, other) {
    case (.mapping(let mine), .mapping(let theirs)):
      for key in Set(mine.keys).union(theirs.keys).sorted() {
        guard let left = mine[key] else { return here("is not in it", [key]) }
        guard let right = theirs[key] else { return here("is only in it", [key]) }
        if let found = left.firstDifference(from: right, at: path + [key]) { return found }
      }
      return nil
    case (.list(let mine), .list(let theirs))
    where mine.count == theirs.count && !mine.allSatisfy(\.isScalar):
      for (index, pair) in zip(mine, theirs).enumerated() {
        if let found = pair.0.firstDifference(from: pair.1, at: path + ["\(index)"]) {
          return found
        }
      }
      return nil
    default:
      if self == other { return nil }
      guard isScalar, other.isScalar else { return here("differs") }
      return here("differs (\(words) there, \(other.words) here)")
    }
  }

  /// The text; `nil` for any other value.
  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var words: String {
    switch self {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .text(let text): "'\(text)'"
    case .list, .mapping: "…"
    }
  }
}
