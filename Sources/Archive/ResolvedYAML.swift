import Records
import SystemPackage
import Yams

/// The `plan.yaml` of a study from before there was a `plan.json`: the resolved plan as YAML, with
/// its fingerprint in a comment. It is only read.
struct ResolvedYAML {
  let node: Node
  private let file: FilePath
  private let text: String
  private let tree: PlanTree

  /// The start of the line with the fingerprint. The oldest studies don't have this line.
  static let fingerprintMark = "# SHA-256 of this plan as JSON with sorted keys: "

  init(_ bytes: [UInt8], file: FilePath) throws(ArchiveError) {
    guard let text = planText(bytes) else {
      throw .badPlan(
        file: file.name, line: Self.lineOfNoText(bytes), reason: "not a text file")
    }
    do {
      var budget = 1_000_000
      guard let node = try composeYAML(text) else {
        throw YAMLFault(line: nil, reason: "the file is empty")
      }
      (self.file, self.text, self.node) = (file, text, node)
      tree = try PlanTree(node, budget: &budget)
    } catch let fault as YAMLFault {
      throw .badPlan(file: file.name, line: fault.line, reason: fault.reason)
    } catch {
      throw .badPlan(file: file.name, line: nil, reason: "\(error)")
    }
  }

  private static func lineOfNoText(_ bytes: [UInt8]) -> Int? {
    let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
    return lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
  }

  /// The plan, if the file holds nothing else and the recorded fingerprint is that of the plan.
  func plan() throws(ArchiveError) -> StudyPlan {
    let plan = try decoded()
    if let canonical = try? PlanTree(plan), let difference = tree.firstDifference(from: canonical) {
      throw fault(at: difference.path, "not what was written: \(difference)")
    }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    if let index = lines.firstIndex(where: { $0.hasPrefix(Self.fingerprintMark) }) {
      let actual = try PlanFile.fingerprint(of: plan)
      guard lines[index].dropFirst(Self.fingerprintMark.count) == actual else {
        throw .badPlan(
          file: file.name, line: index + 1,
          reason: "the plan below is not the one that was written: its SHA-256 is \(actual)")
      }
    }
    return plan
  }

  private func decoded() throws(ArchiveError) -> StudyPlan {
    if case .mapping(let entries) = tree, entries["numerics"] == nil {
      throw fault(
        at: [], "plan.json is missing, and this is not the resolved plan of an older study")
    }
    do {
      return try tree.decode(StudyPlan.self)
    } catch let error as DecodingError {
      throw fault(at: error.path, LineFault(error).reason)
    } catch {
      throw fault(at: [], "\(error)")
    }
  }

  private func fault(at path: [String], _ reason: String) -> ArchiveError {
    .badPlan(file: file.name, line: node.line(of: path), reason: reason)
  }
}

extension Node {
  /// The line on which the value at a path starts, or the last value on the way there.
  func line(of path: [String]) -> Int? {
    guard let first = path.first else { return mark?.line }
    let rest = Array(path.dropFirst())
    switch self {
    case .mapping(let pairs):
      for (key, value) in pairs where key.scalar?.string == first {
        return rest.isEmpty ? key.mark?.line : value.line(of: rest) ?? key.mark?.line
      }
    case .sequence(let nodes):
      if let index = Int(first), nodes.indices.contains(index) {
        return nodes[index].line(of: rest)
      }
    case .scalar, .alias: break
    }
    return mark?.line
  }
}

extension DecodingError {
  /// The path to the value that could not be decoded.
  fileprivate var path: [String] {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    @unknown default: []
    }
  }
}
