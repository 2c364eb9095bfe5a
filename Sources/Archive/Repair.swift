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
    /// How many of them have only lost their curves; their rows are kept.
    var keptRows = 0
    let isLostExact: Bool
    /// The copy of the damaged file; `nil` if only its end was cut off or it was missing.
    let aside: String?

    public var description: String {
      let loss = "\(Format.grouped(lostBytes)) of \(Format.counted(bytes, "byte")) lost"
      let rows = keptRows > 0 ? " (in \(keptRows) of them only the curve)" : ""
      let trials =
        "\(Format.counted(keptTrials, "trial")) kept, \(isLostExact ? "" : "at least ")"
        + "\(Format.counted(lostTrials, "trial")) lost\(rows)"
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
    var locks = try JournalLocks(try study.journalFiles(and: 0), study: study)
    defer { locks.release() }
    study.dropDrafts()
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
    var (kept, unsound): ([ArraySlice<UInt8>], [Range<Int>]) = ([], [])
    func isSound(_ frame: Frame) -> Bool {
      guard let trial = try? JournalContents.trial(in: frame, file: path) else { return false }
      return trial.fault == nil
    }
    var lost = walker.salvage { frame in
      if isSound(frame) { kept.append(bytes[frame.range]) } else { unsound.append(frame.range) }
    }
    // A frame that only a byte of a header keeps from being whole is none of those.
    // A file may be made of very many such ranges; a damaged disk makes few.
    let first = lost.prefix(16)
    lost = lost.filter { range in
      guard first.contains(range), let frame = try? FrameWalker(Array(bytes[range])).mended() else {
        return true
      }
      var mended = FrameWalker(frame)
      guard case .frame(let whole) = try? mended.next(), isSound(whole) else { return true }
      kept.append(frame[...])
      return false
    }
    lost += unsound
    let aside = try path.copyAside(bytes)
    try locks.replace(path, with: Array(kept.joined()))
    return File(
      name: path.name, reason: reason, bytes: bytes.count,
      lostBytes: lost.reduce(0) { $0 + $1.count }, keptTrials: kept.count,
      lostTrials: lost.count, isLostExact: false, aside: aside.name)
  }
}
