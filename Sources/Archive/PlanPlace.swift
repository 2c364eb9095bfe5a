import Foundation
public import Records
import SystemPackage

/// What a sweep is given as its plan: a user's plan, a stored plan, or a study, which stands for its
/// own plan.
public struct PlanPlace: Sendable {
  /// The stored plan; `nil` if the file is a user's plan.
  public let stored: StudyPlan?
  /// The folder of the study that keeps the plan; `nil` if the file lies elsewhere.
  public let study: String?
  /// The plan as its user wrote it; empty if that is not known.
  public let text: String
  private let path: String
  /// The bytes of a file, which is read only once because it may be a pipe; `nil` if it can't be
  /// read.
  private let bytes: [UInt8]?

  /// Throws `.notAStudy` for a folder without a plan, and `.badPlan` for a stored plan that is not
  /// what was written.
  public init(_ path: String) throws(ArchiveError) {
    let file = FilePath(path)
    self.path = path
    if try file.isFolder {
      let study = StudyFolder(path)
      stored = try StoredPlan(study).plan
      self.study = try study.home.name
      text = try PlanFile.given(in: study)
      bytes = nil
      return
    }
    bytes = try? file.bytesIfThere(limit: largestPlanFile, isGiven: true)
    let bytes = bytes ?? []
    let study = StudyFolder(file.folder.string)
    stored = try StoredPlan(copy: bytes, file: file)?.plan
    let isKept =
      if stored != nil { try study.plan.isSame(as: file) } else if try study.json.exists {
        try study.yaml.isSame(as: file)
      } else { false }
    self.study = try isKept ? study.home.name : nil
    if stored != nil {
      text = isKept ? try PlanFile.given(in: study) : ""
    } else {
      text = planText(bytes) ?? ""
    }
  }

  /// The user's plan.
  public func document() throws(PlanError) -> PlanDocument {
    guard let bytes else { return try PlanReader.document(file: path) }
    return try PlanReader.document(bytes, file: path)
  }
}

extension FilePath {
  /// Whether both paths lead to one file.
  fileprivate func isSame(as other: FilePath) throws(ArchiveError) -> Bool {
    guard let own = try status(), let theirs = try other.status() else { return false }
    return own.inode == theirs.inode && own.deviceID == theirs.deviceID
  }
}
