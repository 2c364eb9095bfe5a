import Records
import SystemPackage

/// What repairing a study came to.
public struct Repair: Hashable, Sendable {
  /// What became of one file.
  public struct File: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    /// What was wrong with it, in words; `nil`: nothing, it goes with one that was damaged.
    public let reason: String?
    public let bytes: Int
    /// Bytes that can't be read.
    public let lostBytes: Int
    public let keptTrials: Int
    /// Trials that were in it and are not kept; the fewest that it can have been if that can't
    /// be known.
    public let lostTrials: Int
    public let isLostExact: Bool
    /// Where the file as it was is kept; `nil` if its end was cut off or it was not there.
    public let aside: String?

    public var description: String {
      let loss = "\(Format.grouped(lostBytes)) of \(Format.counted(bytes, "byte")) lost"
      let trials =
        "\(Format.counted(keptTrials, "trial")) kept, \(isLostExact ? "" : "at least ")"
        + "\(Format.counted(lostTrials, "trial")) lost"
      let place = aside.map { "; as it was it is kept in \($0)" } ?? ""
      return "\(name): \(reason ?? "whole, but goes with one that is not"); "
        + "\(loss), \(trials)\(place)"
    }
  }

  /// The files that were changed; none: there was nothing to repair.
  public let files: [File]
  /// The study as it is now.
  public let result: Verification

  /// Makes a damaged study usable again and loses nothing that is sound.
  ///
  /// Torn tails of journals are cut. Of a damaged file every trial is kept that is all there (see
  /// `TrialRecord.fault`), and the file as it was is kept beside. What was in sealed files stands
  /// in a journal afterwards, so that the next sweep runs what was lost and seals.
  ///
  /// Throws `.badPlan` if the plan is damaged: it can't be repaired. A kill at any instant loses
  /// nothing either; repairing again finishes.
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

  /// Repairs one journal; `nil`: it is whole.
  private static func repair(
    journal path: FilePath, _ study: StudyFolder, _ locks: inout JournalLocks
  ) throws(ArchiveError) -> File? {
    guard let bytes = try path.bytesIfThere() else { return nil }
    var reason = "it holds a trial that is not whole"
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
        let trial = try? JournalContents.trial(in: frame, file: path)
        if trial?.fault == .some(nil) {
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
