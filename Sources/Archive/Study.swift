public import Records

/// A study as it is read for analysis: sealed or still running.
public struct Study: Sendable {
  public let folder: String
  public let plan: StudyPlan
  /// The finished trials, each once, in the order of their ids; without their curves unless those
  /// were asked for.
  public let trials: [TrialRecord]
  /// Whether the sealed files hold everything.
  public let isSealed: Bool
  /// The digest that both sealed files carry; `nil` while there is none or trials are missing
  /// from them.
  public let digest: String?
  /// Bytes at the ends of journals that are not a whole frame: a trial that is being written,
  /// or was when its process was killed.
  public let tornBytes: Int
  /// Size of the archive's files, the plan aside, and the frames in them.
  public let bytes: Int
  let frames: Int

  /// The study of a plan in a folder, read without a lock; `nil` where there is none yet.
  ///
  /// - Throws: `.otherPlan` for a study of another plan, and what reading it throws.
  public static func existing(
    in folder: String, of plan: StudyPlan
  ) throws(ArchiveError) -> Study? {
    let place = StudyFolder(folder)
    guard !folder.isEmpty, place.holdsPlan else { return nil }
    try PlanFile.compare(plan, with: place)
    return try Study(folder: folder)
  }

  /// Reads a study without a lock, checks frames and seals, and changes nothing. Points of
  /// curves, most of the rows, are decoded only on request.
  public init(folder: String, curves wantsCurves: Bool = false) throws(ArchiveError) {
    let plan = try PlanFile.read(folder: folder)
    self.init(folder, plan, try StudyContents(StudyFolder(folder), points: wantsCurves))
  }

  init(_ folder: String, _ plan: StudyPlan, _ contents: StudyContents) {
    self.folder = folder
    self.plan = plan
    trials = contents.trials
    isSealed = contents.isSealed
    digest = contents.isSealed ? contents.digest : nil
    tornBytes = contents.tornBytes
    bytes = contents.bytes
    frames = contents.frames
  }

  /// The text of `plan.yaml`; if there is none, YAML that says the same as the plan.
  public func planText() throws(ArchiveError) -> String {
    let bytes = try StudyFolder(folder).yaml.bytesIfThere()
    return bytes.map { String(decoding: $0, as: UTF8.self) } ?? plan.yaml()
  }

  /// Writes what was concluded from the rows beside them, as `fits.json`: whole or not at all,
  /// in the place of what was concluded before. It is no part of the archive, and neither the
  /// digest nor a check covers it.
  public func write(conclusions: [UInt8]) throws(ArchiveError) {
    try StudyFolder(folder).write(fits: conclusions)
  }
}
