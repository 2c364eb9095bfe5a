import Records
import SystemPackage

/// A study grows in a folder within its own: `growth/<digest>`, named by the digest of the larger
/// plan, is a study of that plan. It begins with the trials of the smaller study that the larger
/// plan may ask for. Until it is sealed, the smaller study is as it was.
///
/// Then the folder is renamed to `grown`, in one step, and with that the study has grown: its files
/// are looked for there first. What is left is to move them into their places.
extension StudyFolder {
  var growths: FilePath { path.appending("growth") }

  /// The study itself, or the one that grows in this folder.
  var home: StudyFolder {
    get throws(ArchiveError) {
      let study = StudyFolder(path.folder.folder.string)
      guard path.folder.lastComponent == "growth" else { return self }
      return try study.holdsPlan ? study : self
    }
  }

  /// The folder in which the study grows to a plan.
  func growth(to plan: StudyPlan) throws(ArchiveError) -> StudyFolder {
    let digest = try PlanFile.fingerprint(of: plan).prefix(12)
    return StudyFolder(growths.appending(String(digest)).string)
  }

  /// The folders in which the study has begun to grow.
  func growthFolders() throws(ArchiveError) -> [StudyFolder] {
    var found: [StudyFolder] = []
    for name in try growths.names() where !Draft.isDraft(name) {
      let growth = StudyFolder(growths.appending(name).string)
      if try growth.holdsPlan { found.append(growth) }
    }
    return found
  }

  /// What the study's plan becomes with a larger one; `nil` if there is no study, or if the plan is
  /// its own or asks for something other.
  func growth(with plan: StudyPlan) throws(ArchiveError) -> PlanGrowth? {
    guard try holdsPlan else { return nil }
    let stored = try StoredPlan(self).plan
    guard stored != plan, plan.grows(from: stored) else { return nil }
    return PlanGrowth(
      additions: plan.additions(to: stored),
      trials: Set(try StudyContents(self, points: false).byID.keys))
  }

  /// The trials of the study, and of its growth to other plans, that a larger plan may ask for.
  func trials(for plan: StudyPlan) throws(ArchiveError) -> [TrialRecord] {
    var kept: [String: TrialRecord] = [:]
    for study in [self] + (try growthFolders()) {
      for (id, trial) in try StudyContents(study).byID
      where kept[id] == nil && plan.objection(to: trial.settings) == nil {
        kept[id] = trial
      }
    }
    return kept.values.sorted { $0.id < $1.id }
  }

  /// Creates the folder in which the study grows to a plan, with the trials that are kept. It gets
  /// its name once it is complete. Of several processes, one creates it.
  func beginGrowth(to plan: StudyPlan, given: String) throws(ArchiveError) -> StudyFolder {
    let growth = try growth(to: plan)
    // A process that seals the study removes drafts. Then this one tries again.
    for _ in 0..<10 {
      if try growth.path.exists { return growth }
      try growths.makeFolder()
      let draft = StudyFolder(growth.path.draftPath().string)
      do throws(ArchiveError) {
        try draft.path.makeFolder()
        try PlanFile.establish(plan, given: given, in: draft)
        do {
          var journal = try Journal.open(draft.journal(0), study: draft)
          try journal.add(try trials(for: plan))
        }
        try linkCheckpoints(into: draft)
        try draft.path.rename(to: growth.path)
      } catch {
        let wasRemoved = try !draft.path.exists
        try? draft.path.removeAll()
        // Another process may have been quicker.
        if wasRemoved { continue }
        guard try growth.holdsPlan else { throw error }
      }
      try growths.syncFolder()
      return growth
    }
    throw .busy(folder: name)
  }

  /// Trials that were interrupted go on.
  private func linkCheckpoints(into draft: StudyFolder) throws(ArchiveError) {
    let names = try checkpoints.names().filter { !Draft.isDraft($0) }
    if names.isEmpty { return }
    try draft.checkpoints.makeFolder()
    // One that can't be taken along costs time, no trial.
    for name in names { try? LibC.link(checkpoint(name), to: draft.checkpoint(name)) }
  }

  /// Puts a sealed growth in the study's place. Throws `.busy` while another process writes the
  /// study, and `.otherPlan` if the study has a plan meanwhile that the growth's doesn't contain.
  func take(_ growth: StudyFolder, plan: StudyPlan) throws(ArchiveError) {
    let locks = try JournalLocks.patient(try journalFiles(and: 0), study: self)
    defer { locks.release() }
    try moveGrown(locks)
    let stored = try StoredPlan(self).plan
    guard plan.grows(from: stored) else { throw try PlanFile.refusal(of: plan, in: self, stored) }
    try growth.path.rename(to: grown)
    try growths.syncFolder()
    try path.syncFolder()
    try moveGrown(locks)
  }

  /// Moves the files of a study that has grown into their places, if a process was killed before it
  /// had done so.
  func finishGrowth() throws(ArchiveError) {
    guard try grown.exists else { return }
    let locks = try JournalLocks.patient(try journalFiles(and: 0), study: self)
    defer { locks.release() }
    try moveGrown(locks)
  }

  /// With all journals locked. The plan is moved last. Journals of the smaller plan are emptied, not
  /// removed, so that nobody can lock new ones before the end.
  private func moveGrown(_ locks: JournalLocks) throws(ArchiveError) {
    guard try grown.exists else { return }
    // The conclusions were drawn from other rows.
    try fits.removeFile()
    for name in [Self.trialsName, Self.curvesName, Self.yamlName, Self.jsonName] {
      let new = grown.appending(name)
      guard try new.exists else { continue }
      try new.rename(to: path.appending(name))
      try path.syncFolder()
    }
    try locks.empty()
    try checkpoints.removeAll()
    // The folder `grown` goes last, because a process that finds it does all of this again.
    try dropGrowths()
    dropDrafts()
    try grown.removeAll()
    try path.syncFolder()
  }

  /// Removes what the study can no longer grow to.
  private func dropGrowths() throws(ArchiveError) {
    let plan = try StoredPlan(self).plan
    growths.dropDrafts(areFolders: true)
    for growth in try growthFolders() {
      guard let larger = try? StoredPlan(growth).plan, !larger.grows(from: plan) else { continue }
      // Another process still writes it.
      guard let locks = try? JournalLocks(try growth.journalFiles(and: 0), study: growth) else {
        continue
      }
      locks.release()
      try growth.path.removeAll()
    }
    // The folder stays while something grows in it.
    try? LibC.removeFolder(growths)
  }
}
