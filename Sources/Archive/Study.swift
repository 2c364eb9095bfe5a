public import Records

/// A study that was read for analysis, sealed or still running.
public struct Study: Sendable {
  public let folder: String
  public let plan: StudyPlan
  /// The finished trials, each once, by id. Their curves are empty unless they were requested.
  public let trials: [TrialRecord]
  /// Whether the sealed files hold everything.
  public let isSealed: Bool
  /// The digest in both sealed files; `nil` if there is none or they lack trials.
  public let digest: String?
  /// Bytes of incomplete frames at the ends of journals: a trial that is being written, or was when
  /// its process was killed.
  let tornBytes: Int
  /// Size of the archive's files without the plan, and the number of frames in them.
  let bytes: Int
  let frames: Int

  /// Reads the study of a plan in a folder, without a lock; `nil` if there is none yet.
  ///
  /// - Throws: `.otherPlan` if the study has another plan, and the errors of reading.
  public static func existing(
    in folder: String, of plan: StudyPlan
  ) throws(ArchiveError) -> Study? {
    let place = StudyFolder(folder)
    guard !folder.isEmpty, place.holdsPlan else { return nil }
    try PlanFile.compare(plan, with: place)
    return try Study(folder: folder)
  }

  /// Reads a study without a lock, checks frames and seals, and changes nothing. The points of
  /// curves, which are most of the rows, are only decoded on request.
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

  /// Writes conclusions as `fits.json`, in one step, and replaces earlier ones. The file is not
  /// part of the archive: no digest and no check covers it.
  public func write(conclusions: [UInt8]) throws(ArchiveError) {
    try StudyFolder(folder).fits.replace(with: conclusions)
  }
}
