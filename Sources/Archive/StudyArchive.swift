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
  /// What the plan asks for beyond that of the study in the folder; `nil` if it is its own plan.
  public let growth: PlanGrowth?
  /// Where the trials are stored.
  private var study: StudyFolder
  /// The study that grows; `nil` if none does.
  private var smaller: StudyFolder?
  private var stored: [String: TrialRecord]
  /// The text of `plan.yaml` when the study was opened.
  private let planText: [UInt8]?
  /// `nil` after sealing, until the next trial.
  private var journal: Journal?

  /// Opens a study, or creates it by writing its plan.
  ///
  /// `given` is the plan as its user wrote it, kept as `plan.yaml`. If the plan only asks for more
  /// than that of the study in the folder, the study grows: it has the new plan once it is sealed.
  /// Throws `.otherPlan` if the folder holds a study of another plan, `.busy` if another process writes the same shard, and
  /// `.badPlan`, `.damaged`, `.badRow` or `.inconsistent` if its files are not what was written.
  /// Then nothing is changed.
  public init(
    folder: String, plan: StudyPlan, given: String = "", shard: Int = 0
  ) throws(ArchiveError) {
    let place = StudyFolder(folder)
    try place.path.makeFolders()
    try place.refuseLinks()
    try place.finishGrowth()
    let growth = try place.growth(with: plan)
    let study = growth == nil ? place : try place.beginGrowth(to: plan, given: given)
    try PlanFile.establish(plan, given: given, in: study)
    let text = try study.yaml.bytesIfThere()
    let journal = try Journal.open(study.journal(shard), study: study)
    let contents = try StudyContents(study)
    try study.dropCheckpoints { contents.byID[$0] != nil }
    self.folder = folder
    self.plan = plan
    self.shard = shard
    planText = text
    self.study = study
    self.growth = growth
    smaller = growth == nil ? nil : place
    droppedBytes = journal.droppedBytes
    stored = contents.byID
    self.journal = consume journal
  }

  /// All finished trials of the study, of every shard, in the order of their ids.
  ///
  /// One that has lost its curve is not among them: running it again brings the curve back.
  public var trials: [TrialRecord] {
    stored.values.filter { !$0.hasLostCurve }.sorted { $0.id < $1.id }
  }

  /// The finished trial with an id; `nil` if it must be run.
  public subscript(id: String) -> TrialRecord? {
    stored[id].flatMap { $0.hasLostCurve ? nil : $0 }
  }

  /// The path of a running trial's checkpoint (see `CheckpointFile`).
  public func checkpoint(of id: String) -> String { study.checkpoint(id).string }

  /// Stores a finished trial, returns once it is durable, and removes its checkpoint.
  ///
  /// Throws `.unwritable` if the trial is already stored, has a number that is not finite or an id
  /// other than that of its settings, and `.system` if the disk is full or fails; the journal is
  /// then unchanged. Throws `.gone` if the study was removed or renamed meanwhile.
  public mutating func append(_ trial: TrialRecord) throws(ArchiveError) {
    if let known = stored[trial.id] {
      guard known.hasLostCurve else {
        throw .unwritable(trial: trial.id, reason: "it is already stored")
      }
      guard try known.agreed(with: trial) != nil else {
        throw .unwritable(
          trial: trial.id,
          reason:
            "the stored rows, whose curve was lost, have different results; were they run on another"
            + " kind of machine?")
      }
    }
    do throws(ArchiveError) {
      try trial.checkID()
    } catch {
      // From its checkpoint the trial would come to the same.
      try? study.checkpoint(trial.id).removeFile()
      throw error
    }
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
  public mutating func refresh() throws(ArchiveError) {
    _ = try followGrowth()
    stored = try StudyContents(study).byID
  }

  /// If another process has put the larger study in the place of the smaller one, goes there.
  private mutating func followGrowth() throws(ArchiveError) -> Bool {
    guard let place = smaller, try !study.path.exists, try StoredPlan(place).plan == plan else {
      return false
    }
    (study, smaller) = (place, nil)
    return true
  }

  /// Writes the sealed files from all stored trials, then removes the journals. Trials can be
  /// appended afterwards; sealing again combines them. A study that grows is then in its place.
  ///
  /// Throws `.notAStudy`, `.otherPlan` or `.inconsistent` if the plan or stored trials have
  /// vanished, and `.busy` while another process writes a shard of the study or seals it. If shards
  /// end at the same time, one of them seals: each releases its own journal first, and all lock the
  /// journals in the same order.
  ///
  /// - Parameter asked: the trials that the cells of the plan asked for, and for each the verdicts
  ///   on its learning rate. When a study grows, the others leave, and the verdicts of those that
  ///   were kept are renewed.
  /// - Returns: whether sealed files were written; `false` if they were complete already.
  @discardableResult
  public mutating func seal(asked: [String: [Double: RateVerdict]]? = nil) throws(ArchiveError)
    -> Bool
  {
    try seal(adding: [], asked: asked)
  }

  /// Seals the study with trials of other studies of the same plan. Trials that are already stored
  /// are left out.
  @discardableResult
  mutating func seal(
    adding trials: [TrialRecord], asked: [String: [Double: RateVerdict]]? = nil
  ) throws(ArchiveError) -> Bool {
    // A curve that the study has lost comes back.
    try add(
      trials.filter { trial in
        guard let known = stored[trial.id] else { return true }
        return known.hasLostCurve && !trial.hasLostCurve
      })
    journal = nil
    do throws(ArchiveError) {
      return try sealStored(asked)
    } catch {
      guard try followGrowth() else { throw error }
      return try sealStored(asked)
    }
  }

  private mutating func sealStored(
    _ asked: [String: [Double: RateVerdict]]?
  ) throws(ArchiveError) -> Bool {
    let paths = try study.journalFiles(and: shard)
    let locks = try JournalLocks.patient(paths, study: study)
    defer { locks.release() }
    try study.check()
    try PlanFile.compare(plan, with: study)
    if let text = try study.yaml.bytesIfThere(), text != planText {
      throw .inconsistent(
        folder: folder,
        reason: "plan.yaml was replaced while the study ran; put back what it was, or remove it")
    }
    let contents = try StudyContents(study)
    let needed = asked.map { Array($0.keys) } ?? Array(stored.keys)
    if let lost = needed.filter({ contents.byID[$0] == nil }).min() {
      throw .inconsistent(folder: folder, reason: "trial \(lost) was stored and is not there now")
    }
    if !contents.isSealed {
      let all = contents.trials
      try write(
        smaller == nil
          ? all : all.compactMap { trial in asked?[trial.id].map { trial.with(verdicts: $0) } })
    }
    try locks.remove(read: contents.journals) { contents.byID[$0] != nil }
    try study.journals.syncFolder()
    // The folder stays if it holds other files.
    study.dropDrafts()
    try? LibC.removeFolder(study.journals)
    try study.path.syncFolder()
    stored = contents.byID
    // A checkpoint that stays does no harm, and its folder is needed while there is one.
    try? study.dropCheckpoints { contents.byID[$0] != nil }
    try? LibC.removeFolder(study.checkpoints)
    guard let place = smaller else { return !contents.isSealed }
    try place.take(study, plan: plan)
    (study, smaller) = (place, nil)
    return true
  }

  /// Replaces the sealed files once both are complete.
  private func write(_ trials: [TrialRecord]) throws(ArchiveError) {
    let digest = try StudyDigest(of: trials).text
    let (rows, points) = (try study.trials, try study.curves)
    var rowDraft = try SealedFile.draft(rows, trials: trials, digest: digest) {
      trial throws(ArchiveError) in try trial.trialLines()
    }
    var pointDraft = try SealedFile.draft(points, trials: trials, digest: digest) {
      trial throws(ArchiveError) in try trial.curveLines()
    }
    do { try rowDraft.replace() } catch { throw rows.failure("replace", error) }
    try study.path.syncFolder()
    do { try pointDraft.replace() } catch { throw points.failure("replace", error) }
    try study.path.syncFolder()
    // The conclusions were drawn from other rows.
    try study.fits.removeFile()
  }
}
