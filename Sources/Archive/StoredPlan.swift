import Foundation
import Records
import SystemPackage
import Yams

/// A study's plan, read from its file and checked.
///
/// The file is `plan.json`, or `plan.yaml` in studies from before there was a `plan.json`. Either
/// holds the plan's fingerprint; a plan that doesn't match it, or a file with anything else in it,
/// is refused.
struct StoredPlan {
  let file: FilePath
  let plan: StudyPlan
  /// The lines of a `plan.yaml`; `plan.json` has only one.
  private let yaml: Node?

  init(_ study: StudyFolder) throws(ArchiveError) {
    try study.check()
    let file = try study.plan
    try self.init(file: file, isYAML: file.lastComponent?.string == StudyFolder.yamlName)
  }

  /// Reads a stored plan that lies in no study; `nil` if the file isn't one, but perhaps a user's
  /// plan.
  init?(copy bytes: [UInt8], file: FilePath) throws(ArchiveError) {
    let isJSON = bytes.starts(with: Array("{\"fingerprint\":".utf8))
    let mark = "\n" + ResolvedYAML.fingerprintMark
    guard isJSON || String(decoding: bytes, as: UTF8.self).contains(mark) else { return nil }
    try self.init(file: file, isYAML: !isJSON)
  }

  private init(file: FilePath, isYAML: Bool) throws(ArchiveError) {
    guard let bytes = try file.bytesIfThere() else {
      throw .badPlan(file: file.name, line: nil, reason: "the file is missing")
    }
    guard bytes.count <= largestPlan else {
      throw .badPlan(file: file.name, line: nil, reason: "it is too large for a plan")
    }
    self.file = file
    if isYAML {
      let resolved = try ResolvedYAML(bytes, file: file)
      (plan, yaml) = (try resolved.plan(), resolved.node)
    } else {
      (plan, yaml) = (try Self.plan(in: bytes, file: file), nil)
    }
    if let found = plan.impossibility {
      throw refusal(of: found.path, "'\(found.path)' \(found.reason)")
    }
  }

  private func refusal(of path: String, _ reason: String) -> ArchiveError {
    let line = yaml?.line(of: path.split(separator: ".").map(String.init))
    return .badPlan(file: file.name, line: line, reason: reason)
  }

  private struct Content: Decodable {
    var plan: StudyPlan
  }

  private static func plan(in bytes: [UInt8], file: FilePath) throws(ArchiveError) -> StudyPlan {
    let plan: StudyPlan
    do {
      plan = try JSONDecoder().decode(Content.self, from: Data(bytes)).plan
    } catch let error as DecodingError {
      throw .badPlan(file: file.name, line: nil, reason: LineFault(error).reason)
    } catch {
      throw .badPlan(file: file.name, line: nil, reason: "\(error)")
    }
    guard try PlanFile.json(of: plan) == bytes else {
      throw .badPlan(
        file: file.name, line: nil,
        reason: "not the bytes that were written: the fingerprint of its plan is "
          + (try PlanFile.fingerprint(of: plan)))
    }
    return plan
  }

  /// Refuses a plan that can't have requested a trial. The id proves the trial's settings, so it is
  /// the plan that is wrong.
  func check(asksFor trial: TrialRecord) throws(ArchiveError) {
    guard let objection = plan.objection(to: trial.settings) else { return }
    throw refusal(
      of: objection.path,
      "'\(objection.path)' contradicts trial \(trial.id): \(objection.reason)")
  }
}
