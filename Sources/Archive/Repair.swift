import Records
import SystemPackage

/// The result of repairing a study.
public struct Repair: Hashable, Sendable {
  /// What was done to one file.
  public struct File: Hashable, Sendable, CustomStringConvertible {
    let name: String
    /// The fault of the file; `nil` if it is whole but belongs with a damaged one.
    let reason: String?
    let bytes: Int
    /// Bytes that can't be read.
    let lostBytes: Int
    let keptTrials: Int
    /// Trials of the file that are not kept; their minimum number if the exact one isn't known.
    let lostTrials: Int
    let isLostExact: Bool
    /// The copy of the damaged file; `nil` if only its end was cut off or it was missing.
    let aside: String?

    public var description: String {
      let loss = "\(Format.grouped(lostBytes)) of \(Format.counted(bytes, "byte")) lost"
      let trials =
        "\(Format.counted(keptTrials, "trial")) kept, \(isLostExact ? "" : "at least ")"
        + "\(Format.counted(lostTrials, "trial")) lost"
      let place = aside.map { "; the damaged file is kept as \($0)" } ?? ""
      return "\(name): \(reason ?? "intact, but belongs with a damaged file"); "
        + "\(loss), \(trials)\(place)"
    }
  }

  /// The files that were changed; empty if there was nothing to repair.
  public let files: [File]
  /// The study after the repair.
  public let result: Verification

  /// Makes a damaged study usable again and keeps every sound trial.
  ///
  /// Torn tails of journals are cut off. Complete trials of a damaged file are kept (see
  /// `TrialRecord.fault`), and so is a copy of the file. Trials of damaged sealed files are moved
  /// into a journal; the next sweep runs the lost ones again and seals the study.
  ///
  /// Throws `.badPlan` if the plan is damaged, since a plan can't be repaired. If the process is
  /// killed, nothing is lost and repairing again finishes the work.
  public init(folder: String) throws(ArchiveError) {
    do {
      try self.init(repairing: folder)
    } catch .badPlan(let file, let line, let reason) {
      throw .badPlan(
        file: file, line: line,
        reason: reason + " (a plan can't be repaired: the same sweep into a new folder writes it)")
    }
  }

  private init(repairing folder: String) throws(ArchiveError) {
    let study = StudyFolder(folder)
    try study.finishGrowth()
    let plan = try StoredPlan(study)
    var locks = try JournalLocks(all: study)
    defer { locks.release() }
    var files: [File] = []
    for path in try study.journalFiles() {
      if let file = try Self.repair(journal: path, study, &locks) { files.append(file) }
    }
    do throws(ArchiveError) {
      _ = try Verification(folder: folder)
    } catch {
      switch error {
      case .damaged, .badRow, .inconsistent:
        let sealed = try SalvagedPair(study)
        for trial in sealed.trials.values { try plan.check(asksFor: trial) }
        files += try sealed.replace(study, because: error)
      default: throw error
      }
    }
    self.files = files
    result = try Verification(folder: folder)
  }

  /// Repairs one journal; `nil` if it is whole.
  private static func repair(
    journal path: FilePath, _ study: StudyFolder, _ locks: inout JournalLocks
  ) throws(ArchiveError) -> File? {
    guard let bytes = try path.bytesIfThere() else { return nil }
    var reason = "it holds an incomplete trial"
    do throws(ArchiveError) {
      let contents = try JournalContents(bytes, file: path)
      if contents.trials.allSatisfy({ $0.fault == nil }) {
        if contents.tornBytes == 0 { return nil }
        try path.cut(to: contents.length)
        return File(
          name: path.name, reason: "its end was cut short", bytes: bytes.count,
          lostBytes: contents.tornBytes, keptTrials: contents.trials.count, lostTrials: 1,
          isLostExact: true, aside: nil)
      }
    } catch {
      guard case .damaged(_, let byte, let words) = error else { throw error }
      reason = "damaged at byte \(byte), \(words)"
    }
    var walker = FrameWalker(bytes)
    var (kept, unsound): ([Range<Int>], [Range<Int>]) = ([], [])
    let lost =
      walker.salvage { frame in
        if let trial = try? JournalContents.trial(in: frame, file: path), trial.fault == nil {
          kept.append(frame.range)
        } else {
          unsound.append(frame.range)
        }
      } + unsound
    let aside = try path.copyAside(bytes)
    try locks.replace(path, with: kept.flatMap { bytes[$0] })
    return File(
      name: path.name, reason: reason, bytes: bytes.count,
      lostBytes: lost.reduce(0) { $0 + $1.count }, keptTrials: kept.count,
      lostTrials: lost.count, isLostExact: false, aside: aside.name)
  }
}
