import Records
import SystemPackage

/// What verifying a study found.
public struct Verification: Hashable, Sendable, CustomStringConvertible {
  let folder: String
  let isSealed: Bool
  let trials: Int
  let rows: Int
  let points: Int
  let frames: Int
  let bytes: Int
  /// Computed from the rows; for a sealed study equal to what its seals say.
  let digest: String
  /// Number of trials whose curves were lost, and whose rows a repair kept.
  let lostCurves: Int
  /// Bytes of a journal that are not a whole frame and will be dropped when it is resumed.
  let tornBytes: Int

  public var description: String { sentence(openCells: nil) }

  /// The description of a study with this many open cells; `nil` if not known.
  public func sentence(openCells: Int?) -> String {
    let state =
      switch (isSealed, openCells) {
      case (true, nil): "sealed and intact, open cells not known"
      case (true, 0?): "sealed and intact"
      case (true, let open?):
        "sealed, unfinished: \(Format.counted(open, "cell")) open; what is there is intact"
      case (false, _): "unfinished; what is there is intact"
      }
    let lost =
      lostCurves > 0
      ? " (\(lostCurves) without \(lostCurves == 1 ? "its curve" : "their curves"))" : ""
    let torn = tornBytes > 0 ? ", \(Format.counted(tornBytes, "byte")) of a torn frame" : ""
    return
      "\(folder): \(state); \(Format.counted(trials, "trial"))\(lost), \(Format.counted(rows, "row")), "
      + "\(Format.counted(points, "point")), \(Format.counted(frames, "frame")), \(Format.counted(bytes, "byte"))"
      + "\(torn); digest \(digest)"
  }

  /// Checks every frame and checksum, every row, the counts, the ids and the digest of a study, and
  /// the plan against the rows. Throws the first fault, with its file and byte or row.
  init(folder: String) throws(ArchiveError) {
    self = try Study.verified(folder: folder).verification
  }

  fileprivate init(_ study: Study, digest: String) {
    self.digest = digest
    folder = study.folder
    isSealed = study.isSealed
    trials = study.trials.count
    rows = study.trials.reduce(0) { $0 + $1.rows.count }
    points = study.trials.reduce(0) { $0 + $1.curve.count }
    lostCurves = study.trials.count(where: \.hasLostCurve)
    tornBytes = study.tornBytes
    bytes = study.bytes
    frames = study.frames
  }
}

extension Study {
  /// Reads and checks a whole study, with its curves. Throws the first fault: of a file, a row, a
  /// trial, the digest, or a plan that the rows contradict.
  public static func verified(
    folder: String
  ) throws(ArchiveError) -> (study: Study, verification: Verification) {
    let (plan, contents) = try Study.read(StudyFolder(folder))
    let study = Study(folder, plan.plan, contents)
    for (trial, fault) in zip(study.trials, onAllCores(study.trials) { $0.fault }) {
      if let fault {
        throw .inconsistent(folder: folder, reason: "trial \(trial.id): \(fault)")
      }
      try plan.check(asksFor: trial)
    }
    let digest = try StudyDigest(of: study.trials).text
    if let sealed = study.digest, sealed != digest {
      throw .inconsistent(
        folder: folder, reason: "its rows have the digest \(digest), its seals say \(sealed)")
    }
    return (study, Verification(study, digest: digest))
  }
}

/// One line of the list of studies.
public struct StudySummary: Hashable, Sendable {
  public let folder: String
  public let tasks: [String]
  /// The name of the variant of each task, in the order of `tasks`.
  public let variants: [String?]
  /// Batches of each task, in the order of `tasks`.
  public let batches: [[Int]]
  /// Exchange rates of each task, in the order of `tasks`.
  public let exchangeRates: [[Double]]
  /// Finished trials.
  public let trials: Int
  public let isSealed: Bool
  /// Cells in which trials are still to be run; `nil` if not known.
  public let openCells: Int?
  public let digest: String?
  public let bytes: Int
  let tornBytes: Int

  init(of study: Study, openCells: Int? = nil) {
    self.openCells = openCells
    folder = study.folder
    tasks = study.plan.tasks.map(\.task)
    variants = study.plan.tasks.map(\.variant)
    batches = study.plan.tasks.map(\.batches)
    exchangeRates = study.plan.tasks.map { $0.exchangeRates ?? [] }
    trials = study.trials.count
    isSealed = study.isSealed
    digest = study.digest
    bytes = study.bytes
    tornBytes = study.tornBytes
  }

  /// The studies in a folder, or the one study that the folder is; without a folder, those in
  /// `Results`, if there is one. A study that can't be read is a failure in the list and doesn't
  /// hide the others. `openCells` counts a study's open cells.
  public static func list(
    _ given: String?, openCells: (Study) throws(ArchiveError) -> Int? = { _ in nil }
  ) throws(ArchiveError) -> [(folder: String, summary: Result<StudySummary, ArchiveError>)] {
    let folder = given ?? "Results"
    let root = StudyFolder(folder)
    guard try root.path.exists else {
      if given == nil { return [] }
      throw .notAStudy(folder: folder, reason: "there is no such folder")
    }
    var folders = [root]
    if try !root.holdsPlan {
      folders = try root.path.names().map { StudyFolder(root.path.appending($0).string) }
        // What can't be looked at may be a study.
        .filter { study in
          do { return try study.holdsPlan } catch { return true }
        }
    }
    return folders.map { study in
      do throws(ArchiveError) {
        let read = try Study(folder: study.name)
        let open = try openCells(read)
        return (study.name, .success(StudySummary(of: read, openCells: open)))
      } catch {
        return (study.name, .failure(error))
      }
    }
  }
}
