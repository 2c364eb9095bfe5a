import Records

/// A study of which everything was read and checked.
struct CheckedStudy {
  let folder: StudyFolder
  let plan: StudyPlan
  let contents: StudyContents
  /// In the order of their ids.
  let trials: [StoredTrial]
  /// Computed from the rows; where they are sealed, equal to what the seals say.
  let digest: String

  /// Reads a study without a lock. Throws the first thing that is wrong: with a file, a row, a
  /// trial, the digest, or a plan that the rows contradict.
  init(_ path: String) throws(ArchiveError) {
    folder = StudyFolder(path)
    try folder.check()
    let document = try StudyPlanText(folder.plan)
    plan = try document.verifiedPlan()
    contents = try StudyContents(folder)
    trials = contents.trials
    for (trial, fault) in zip(trials, onAllCores(trials) { $0.fault }) {
      if let fault {
        throw .inconsistent(folder: path, reason: "trial \(trial.id): \(fault)")
      }
      try document.check(plan, asksFor: trial)
    }
    digest = try StudyDigest(of: trials).text
    if contents.isSealed, let sealed = contents.digest, sealed != digest {
      throw .inconsistent(
        folder: path, reason: "its rows have the digest \(digest), its seals say \(sealed)")
    }
  }
}

extension StudyPlanText {
  /// Refuses a plan that can't have asked for a trial. The id vouches for the trial's settings, so
  /// it is the plan that is wrong.
  func check(_ plan: StudyPlan, asksFor trial: StoredTrial) throws(ArchiveError) {
    guard let settings = trial.rows.first?.settings,
      let objection = plan.objection(to: settings)
    else { return }
    throw fault(
      at: objection.path.split(separator: ".").map(String.init),
      "'\(objection.path)' contradicts trial \(trial.id): \(objection.reason)")
  }
}
