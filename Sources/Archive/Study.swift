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
  /// What the plan asks for beyond that of the study in the folder, which has begun to grow or
  /// would; `nil` if the plan is its own.
  public private(set) var growth: PlanGrowth?
  /// Size of the archive's files without the plan, and the number of frames in them.
  let bytes: Int
  let frames: Int

  /// Reads what a study of a plan in a folder would begin with, without a lock; `nil` if there is
  /// none yet. If the plan only asks for more than that of the study there, these are the trials
  /// that are kept, and those with which it has begun to grow.
  ///
  /// - Throws: `.otherPlan` if the study has another plan, and the errors of reading.
  public static func existing(
    in folder: String, of plan: StudyPlan
  ) throws(ArchiveError) -> Study? {
    let place = StudyFolder(folder)
    guard !folder.isEmpty, try place.holdsPlan else { return nil }
    guard let growth = try place.growth(with: plan) else {
      try PlanFile.compare(plan, with: place)
      return try Study(folder: folder)
    }
    let begun = try place.growth(to: plan)
    let trials =
      try begun.holdsPlan ? StudyContents(begun).trials : place.trials(for: plan)
    var study = Study(folder, plan, StudyContents(trials))
    study.growth = growth
    return study
  }

  /// The plan of the study in a folder; `nil` if there is none yet.
  public static func plan(in folder: String) throws(ArchiveError) -> StudyPlan? {
    let place = StudyFolder(folder)
    guard try place.holdsPlan else { return nil }
    return try StoredPlan(place).plan
  }

  /// The folders in which a study has begun to grow to larger plans. Each is a study, too.
  public static func growths(of folder: String) throws(ArchiveError) -> [String] {
    let study = StudyFolder(folder)
    let stored = try? StoredPlan(study).plan
    return try study.growthFolders().filter { growth in
      guard let stored, let plan = try? StoredPlan(growth).plan else { return true }
      return plan.grows(from: stored)
    }.map(\.name)
  }

  /// Reads a study without a lock, checks frames and seals, and changes nothing. The points of
  /// curves, which are most of the rows, are only decoded on request.
  public init(folder: String, curves wantsCurves: Bool = false) throws(ArchiveError) {
    let (plan, contents) = try Self.read(StudyFolder(folder), points: wantsCurves)
    self.init(folder, plan.plan, contents)
  }

  /// Reads the plan and the trials, as they belong together.
  static func read(
    _ place: StudyFolder, points: Bool = true
  ) throws(ArchiveError) -> (plan: StoredPlan, contents: StudyContents) {
    try place.settled { () throws(ArchiveError) in
      (try StoredPlan(place), try StudyContents(once: place, points: points))
    }
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
    // It is for people. The plan that counts was read already.
    let bytes = try? StudyFolder(folder).yaml.bytesIfThere()
    return bytes.map { String(decoding: $0, as: UTF8.self) } ?? plan.yaml()
  }

  /// Writes conclusions as `fits.json`, in one step, and replaces earlier ones. The file is not
  /// part of the archive: no digest and no check covers it.
  public func write(conclusions: [UInt8]) throws(ArchiveError) {
    let study = StudyFolder(folder)
    try study.refuseLinks()
    try study.fits.replace(with: conclusions)
  }
}
