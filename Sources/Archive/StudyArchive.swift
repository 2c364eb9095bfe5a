public import Records
import SystemPackage

/// A study's folder, opened for writing by this process.
///
/// A finished trial is one zstd frame in `journal/<shard>.jsonl.zst` and is durable before `append`
/// returns. `seal` turns the journals into `trials.jsonl.zst` and `curves.jsonl.zst`. If the
/// process is killed at any instant, the next one to open the folder finds every trial whose
/// `append` had returned. Each shard has one writing process; several processes can write different
/// shards.
public struct StudyArchive: ~Copyable {
  let folder: String
  let plan: StudyPlan
  let shard: Int
  /// Bytes of a torn tail that were dropped when the journal was opened, from a trial that was
  /// never reported as done. 0 after an orderly end.
  public let droppedBytes: Int
  private let study: StudyFolder
  private var stored: [String: TrialRecord]
  /// `nil` after sealing, until the next trial.
  private var journal: Journal?

  /// Opens a study, or creates it by writing its plan.
  ///
  /// `given` is the plan as its user wrote it, kept as `plan.yaml`. Throws `.otherPlan` if the
  /// folder holds a study of another plan, `.busy` if another process writes the same shard, and
  /// `.badPlan`, `.damaged`, `.badRow` or `.inconsistent` if its files are not what was written.
  /// Then nothing is changed.
  public init(
    folder: String, plan: StudyPlan, given: String = "", shard: Int = 0
  ) throws(ArchiveError) {
    let study = StudyFolder(folder)
    try study.path.makeFolders()
    try PlanFile.establish(plan, given: given, in: study)
    let journal = try Journal.open(study.journal(shard), study: study)
    let contents = try StudyContents(study)
    try study.dropCheckpoints { contents.byID[$0] != nil }
    self.folder = folder
    self.plan = plan
    self.shard = shard
    self.study = study
    droppedBytes = journal.droppedBytes
    stored = contents.byID
    self.journal = consume journal
  }

  /// All finished trials of the study, of every shard, in the order of their ids.
  public var trials: [TrialRecord] { stored.values.sorted { $0.id < $1.id } }

  /// The finished trial with an id; `nil` if it must be run.
  public subscript(id: String) -> TrialRecord? { stored[id] }

  /// The path of a running trial's checkpoint (see `CheckpointFile`).
  public func checkpoint(of id: String) -> String { study.checkpoint(id).string }

  /// Stores a finished trial, returns once it is durable, and removes its checkpoint.
  ///
  /// Throws `.unwritable` if the trial is already stored, has a number that is not finite or an id
  /// other than that of its settings, and `.system` if the disk is full or fails; the journal is
  /// then unchanged. Throws `.gone` if the study was removed or renamed meanwhile.
  public mutating func append(_ trial: TrialRecord) throws(ArchiveError) {
    guard stored[trial.id] == nil else {
      throw .unwritable(trial: trial.id, reason: "it is already stored")
    }
    try trial.checkID()
    try openJournal()
    try journal?.append(trial)
    stored[trial.id] = trial
    try? study.checkpoint(trial.id).removeFile()
  }

  /// Stores several new trials, either all or none, and returns once they are durable.
  private mutating func add(_ trials: [TrialRecord]) throws(ArchiveError) {
    if trials.isEmpty { return }
    _ = try tryOnAllCores(trials) { trial throws(ArchiveError) in try trial.checkID() }
    try openJournal()
    try journal?.add(trials)
    for trial in trials {
      stored[trial.id] = trial
      try? study.checkpoint(trial.id).removeFile()
    }
  }

  private mutating func openJournal() throws(ArchiveError) {
    if journal == nil { journal = try Journal.open(study.journal(shard), study: study) }
  }

  /// Reads the trials that other processes have stored meanwhile.
  public mutating func refresh() throws(ArchiveError) { stored = try StudyContents(study).byID }

  /// Writes the sealed files from all stored trials, then removes the journals. Trials can be
  /// appended afterwards; sealing again combines them.
  ///
  /// Throws `.notAStudy`, `.otherPlan` or `.inconsistent` if the plan or stored trials have
  /// vanished, and `.busy` while another process writes a shard of the study or seals it. If shards
  /// end at the same time, one of them seals: each releases its own journal first, and all lock the
  /// journals in the same order.
  ///
  /// - Returns: whether sealed files were written; `false` if they were complete already.
  @discardableResult
  public mutating func seal() throws(ArchiveError) -> Bool { try seal(adding: []) }

  /// Seals the study with trials of other studies of the same plan. Trials that are already stored
  /// are left out.
  @discardableResult
  mutating func seal(adding trials: [TrialRecord]) throws(ArchiveError) -> Bool {
    try add(trials.filter { stored[$0.id] == nil })
    journal = nil
    let paths = Set(try study.journalFiles() + [study.journal(shard)])
      .sorted { $0.string < $1.string }
    let locks = try locks(on: paths)
    defer { locks.release() }
    try study.check()
    try PlanFile.compare(plan, with: study)
    let contents = try StudyContents(study)
    if let lost = stored.keys.filter({ contents.byID[$0] == nil }).min() {
      throw .inconsistent(folder: folder, reason: "trial \(lost) was stored and is not there now")
    }
    if !contents.isSealed { try write(contents.trials) }
    try removeJournals(paths)
    stored = contents.byID
    try? study.dropPartialPlans()
    try? study.dropCheckpoints { contents.byID[$0] != nil || $0.hasSuffix(".partial") }
    // The folder stays while unfinished trials have checkpoints in it.
    try? LibC.removeFolder(study.checkpoints)
    return !contents.isSealed
  }

  /// Locks the journals. Shards that end at the same time hold them only for a moment, so a busy
  /// one is tried again.
  private func locks(on paths: [FilePath]) throws(ArchiveError) -> JournalLocks {
    for _ in 0..<4 {
      do { return try JournalLocks(paths, study: study) } catch {
        guard case .busy = error else { throw error }
        LibC.sleep(milliseconds: 50 + Int(LibC.process) % 50)
      }
    }
    return try JournalLocks(paths, study: study)
  }

  private func write(_ trials: [TrialRecord]) throws(ArchiveError) {
    let digest = try StudyDigest(of: trials).text
    do throws(ArchiveError) {
      try SealedFile.write(study.trials, trials: trials, digest: digest) {
        trial throws(ArchiveError) in try trial.trialLines()
      }
      try SealedFile.write(study.curves, trials: trials, digest: digest) {
        trial throws(ArchiveError) in try trial.curveLines()
      }
    } catch {
      // Unfinished files would take space on a full disk.
      for path in [study.trials, study.curves] { try? path.partial.removeFile() }
      throw error
    }
    for path in [study.trials, study.curves] {
      try path.partial.rename(to: path)
      try study.path.syncFolder()
    }
    // The conclusions were drawn from other rows.
    try study.fits.removeFile()
  }

  private func removeJournals(_ paths: [FilePath]) throws(ArchiveError) {
    for path in paths {
      try path.removeFile()
      try path.partial.removeFile()
    }
    try study.journals.syncFolder()
    // The folder stays if it holds other files.
    try? LibC.removeFolder(study.journals)
    try study.path.syncFolder()
  }
}
