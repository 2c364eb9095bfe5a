import Records
import SystemPackage
import Yams

/// A study's `plan.yaml` as it was read, with the lines on which things stand.
struct StudyPlanText {
  let file: FilePath
  let text: String
  let tree: PlanTree
  private let node: Node

  /// In front of the fingerprint of the plan, in a comment.
  static let fingerprintMark = "# SHA-256 of this plan as JSON with sorted keys: "

  init(_ file: FilePath) throws(ArchiveError) {
    guard let bytes = try file.bytesIfThere() else {
      throw .badPlan(file: file.name, line: nil, reason: "the file is missing")
    }
    guard bytes.count <= largestPlan else {
      throw .badPlan(file: file.name, line: nil, reason: "it is too large for a plan")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
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

  func plan() throws(ArchiveError) -> StudyPlan {
    do {
      return try tree.decode(StudyPlan.self)
    } catch let error as DecodingError {
      throw fault(at: error.path, LineFault(error).reason)
    } catch {
      throw fault(at: [], "\(error)")
    }
  }

  /// The plan, if nothing else stands in the file and it is the one whose fingerprint stands
  /// beside it. A study that was begun before there were fingerprints has none.
  func verifiedPlan() throws(ArchiveError) -> StudyPlan {
    let plan = try plan()
    if let canonical = try? PlanTree(plan), let difference = tree.firstDifference(from: canonical) {
      throw fault(at: difference.path, "not what was written: \(difference)")
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if let index = lines.firstIndex(where: { $0.hasPrefix(Self.fingerprintMark) }) {
      let noted = lines[index].dropFirst(Self.fingerprintMark.count)
      let actual = try Self.fingerprint(of: plan)
      guard noted == actual else {
        throw .badPlan(
          file: file.name, line: index + 1,
          reason: "the plan below is not the one that was written: its SHA-256 is \(actual)")
      }
    }
    return plan
  }

  static func fingerprint(of plan: StudyPlan) throws(ArchiveError) -> String {
    var fingerprint = Fingerprint()
    fingerprint.add(try canonicalJSON(plan, trial: "of the plan"))
    return fingerprint.text
  }

  /// What is wrong with the value that a path leads to.
  func fault(at path: [String], _ reason: String) -> ArchiveError {
    .badPlan(file: file.name, line: node.line(of: path), reason: reason)
  }
}

extension Node {
  /// The line on which the value that a path leads to begins, or the last that it passes.
  fileprivate func line(of path: [String]) -> Int? {
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
  /// The path to what could not be decoded.
  fileprivate var path: [String] {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    @unknown default: []
    }
  }
}
