import Records
import SystemPackage

/// Everything that the files of a study hold, merged by trial.
struct StudyContents {
  private(set) var byID: [String: TrialRecord] = [:]
  private(set) var sealedTrials: SealedFile?
  private(set) var sealedCurves: SealedFile?
  /// Number of trials that are in a journal and not in the sealed files.
  private(set) var unsealed = 0
  /// The journals as they were read.
  private(set) var journals: [FilePath: JournalRead] = [:]
  private var journalFrames = 0
  /// Bytes at the ends of journals that are not a whole frame.
  private(set) var tornBytes = 0

  /// In the order of their ids.
  var trials: [TrialRecord] { byID.values.sorted { $0.id < $1.id } }

  /// Whether the sealed files hold everything.
  var isSealed: Bool { digest != nil && unsealed == 0 }

  /// The digest that both sealed files carry.
  var digest: String? {
    guard let trials = sealedTrials?.seal, let curves = sealedCurves?.seal,
      trials.digest == curves.digest, trials.trials == curves.trials
    else { return nil }
    return trials.digest
  }

  private var journalBytes: Int { journals.values.reduce(0) { $0 + $1.length } }
  var bytes: Int { journalBytes + (sealedTrials?.bytes ?? 0) + (sealedCurves?.bytes ?? 0) }
  var frames: Int { journalFrames + (sealedTrials?.frames ?? 0) + (sealedCurves?.frames ?? 0) }

  /// Trials that are in no sealed file.
  init(_ trials: [TrialRecord]) {
    for trial in trials { byID[trial.id] = trial }
    unsealed = trials.count
  }

  /// Reads the journals and the sealed files of a study, without a lock. Without `points` the
  /// curves of trials are empty.
  ///
  /// Sealing writes the trials, then the curves, and then removes the journals. A process may be
  /// killed at any point of this. So as long as a journal holds trials, the sealed files may
  /// disagree, and a trial that is in both comes from the journal. Without journals they must
  /// agree.
  init(_ folder: StudyFolder, points: Bool = true) throws(ArchiveError) {
    self = try folder.settled { () throws(ArchiveError) in
      try Self(once: folder, points: points)
    }
  }

  /// Reads them once, so the files may belong to different states of the study.
  init(once folder: StudyFolder, points: Bool) throws(ArchiveError) {
    // Journals first: if one is sealed in the meantime, its trials are in the sealed files.
    var journaled: [TrialRecord] = []
    // If the study has grown, they are those of the smaller plan.
    for path in try folder.grown.exists ? [] : folder.journalFiles() {
      guard let bytes = try path.bytesIfThere() else { continue }
      let contents = try JournalContents(bytes, file: path, curves: points)
      journaled += contents.trials
      journals[path] = JournalRead(length: bytes.count, trials: contents.trials.map(\.id))
      journalFrames += contents.trials.count
      tornBytes += contents.tornBytes
    }
    var rows: [String: [TrialRow]] = [:]
    var curves: [String: [CurveRow]] = [:]
    let (trialsFile, curvesFile) = (try folder.trials, try folder.curves)
    sealedTrials = try SealedFile(trialsFile) { line, number throws(ArchiveError) in
      guard case .trial(let row) = line else {
        throw .badRow(file: trialsFile.name, row: number, reason: "not a row of a trial")
      }
      rows[row.result.trial, default: []].append(row)
    }
    sealedCurves = try SealedFile(curvesFile, points: points) {
      line, number throws(ArchiveError) in
      guard case .point(let row) = line else {
        throw .badRow(file: curvesFile.name, row: number, reason: "not a point of a curve")
      }
      curves[row.determined.trial, default: []].append(row)
    }
    for trial in journaled {
      byID[trial.id] =
        try byID[trial.id].map { other throws(ArchiveError) in
          try Self.agreed(trial, other, in: folder)
        } ?? trial
    }
    unsealed = byID.values.count {
      rows[$0.id] == nil || points && !$0.hasLostCurve && curves[$0.id] == nil
    }
    try Self.checkPair(
      folder, sealedTrials, sealedCurves, rows: rows, curves: curves, journaled: byID)
    for (id, rows) in rows {
      let journaled = byID[id]
      let trial: TrialRecord
      do {
        // If the trial is also in a journal, its curve may not be sealed yet.
        trial = try TrialRecord(rows: rows, curve: journaled == nil ? curves[id] ?? [] : [])
      } catch {
        throw .inconsistent(folder: folder.name, reason: "\(error)")
      }
      if let journaled {
        let renewed = journaled.with(verdicts: trial.verdicts)
        _ = try Self.agreed(trial, renewed.withoutCurve, in: folder)
        // When a study grows, sealing renews the verdicts on the learning rate.
        byID[id] = renewed
      } else {
        byID[id] = trial
      }
    }
  }

  /// A trial that is in two files must have the same results in both. It may have run twice, on the
  /// same kind of machine.
  private static func agreed(
    _ trial: TrialRecord, _ other: TrialRecord, in folder: StudyFolder
  ) throws(ArchiveError) -> TrialRecord {
    guard let agreed = try trial.agreed(with: other) else {
      throw .inconsistent(
        folder: folder.name,
        reason: "trial \(trial.id) stands in it twice with different results, though its settings"
          + " are the same: was it run on machines of two kinds?")
    }
    return agreed
  }

  private static func checkPair(
    _ folder: StudyFolder, _ trials: SealedFile?, _ points: SealedFile?,
    rows: [String: [TrialRow]], curves: [String: [CurveRow]], journaled: [String: TrialRecord]
  ) throws(ArchiveError) {
    func refuse(_ reason: String) -> ArchiveError {
      .inconsistent(folder: folder.name, reason: reason)
    }
    if let seal = trials?.seal, seal.trials != rows.count {
      throw refuse("trials.jsonl.zst seals \(seal.trials) trials and holds \(rows.count)")
    }
    switch (trials, points) {
    case (nil, nil): return
    case (nil, .some): throw refuse("trials.jsonl.zst is missing")
    case (.some, nil):
      guard rows.keys.allSatisfy({ journaled[$0] != nil }) else {
        throw refuse("curves.jsonl.zst is missing")
      }
    case (.some(let first), .some(let second)):
      if let stranger = curves.keys.filter({ rows[$0] == nil && journaled[$0] == nil }).min() {
        throw refuse("curves.jsonl.zst holds trial \(stranger), which trials.jsonl.zst lacks")
      }
      if first.seal.digest == second.seal.digest, first.seal.trials == second.seal.trials {
        return
      }
      // The process was killed between the two files. Then the added trials are still in the
      // journals.
      let older = rows.keys.filter { journaled[$0] == nil }
      guard older.count < rows.count, older.count <= second.seal.trials else {
        throw refuse("trials.jsonl.zst and curves.jsonl.zst are sealed with different digests")
      }
    }
  }
}
