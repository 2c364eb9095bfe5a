public import Records

/// A study as it is read for analysis: sealed or still running.
public struct Study: Sendable {
  public let folder: String
  public let plan: StudyPlan
  /// All rows, sorted by trial id and target.
  public let rows: [TrialRow]
  /// All points of curves, sorted by trial id and updates; empty unless they were asked for.
  public let curves: [CurveRow]
  /// Whether the sealed files hold everything.
  public let isSealed: Bool
  /// The digest that both sealed files carry; `nil` while there is none or trials are missing
  /// from them.
  public let digest: String?
  /// Bytes at the ends of journals that are not a whole frame: a trial that is being written,
  /// or was when its process was killed.
  public let tornBytes: Int
  /// Finished trials.
  public let trialCount: Int
  /// Size of the archive's files, the plan aside.
  public let bytes: Int

  /// The study of a plan in a folder, read without a lock; `nil` where there is none yet.
  ///
  /// - Throws: `.otherPlan` for a study of another plan, and what reading it throws.
  public static func existing(
    in folder: String, of plan: StudyPlan
  ) throws(ArchiveError) -> Study? {
    let place = StudyFolder(folder)
    guard !folder.isEmpty, place.plan.exists else { return nil }
    try PlanFile.compare(plan, with: place)
    return try Study(folder: folder)
  }

  /// Reads a study without a lock, checks frames and seals, and changes nothing. Points of
  /// curves, most of the rows, are decoded only on request.
  public init(folder: String, curves wantsCurves: Bool = false) throws(ArchiveError) {
    let plan = try PlanFile.read(folder: folder)
    let contents = try StudyContents(StudyFolder(folder), points: wantsCurves)
    let trials = contents.trials
    self.init(folder, plan, contents, trials, curves: trials.flatMap(\.curve))
  }

  /// A study of which everything was checked, without its curves.
  init(_ study: CheckedStudy, folder: String) {
    self.init(folder, study.plan, study.contents, study.trials, curves: [])
  }

  private init(
    _ folder: String, _ plan: StudyPlan, _ contents: StudyContents, _ trials: [StoredTrial],
    curves: [CurveRow]
  ) {
    self.folder = folder
    self.plan = plan
    self.curves = curves
    rows = trials.flatMap(\.rows)
    isSealed = contents.isSealed
    digest = contents.isSealed ? contents.digest : nil
    tornBytes = contents.tornBytes
    trialCount = trials.count
    bytes = contents.bytes
  }

  /// Writes what was concluded from the rows beside them, as `fits.json`: whole or not at all,
  /// in the place of what was concluded before. It is no part of the archive, and neither the
  /// digest nor a check covers it.
  public func write(conclusions: [UInt8]) throws(ArchiveError) {
    try StudyFolder(folder).write(fits: conclusions)
  }
}
