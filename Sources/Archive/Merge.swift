import Records
import SystemPackage

/// The result of merging studies.
public struct Merge: Hashable, Sendable {
  /// The merged study, which is sealed.
  public let result: Verification
  /// Number of trials that were in more than one of the studies.
  public let duplicates: Int
  /// Number of checkpoints of trials that the merged study lacks, by their folders.
  public let checkpoints: [String: Int]

  /// Puts the trials of several studies into one and seals it. To merge the shards of one study,
  /// give that study alone, also as the output.
  ///
  /// All studies are read and checked before anything is written, and only the output is written.
  /// If the process is killed at any instant, merging again finishes the work.
  ///
  /// - Parameters:
  ///   - output: a new folder, or a study, which is then merged as well.
  ///   - joining: allows plans that differ in their tasks, or in a task's batches or exchange
  ///     rates. The merged study has all of them, with the tasks in the order of their names.
  /// - Throws: `.unmergeable` if two plans or two trials of one id differ, or if two tasks would be
  ///   trained in the same way under different names; `.busy` if another process writes the output;
  ///   and any error of one of the studies.
  public init(
    _ folders: [String], output: String, joining: Bool = false
  ) throws(ArchiveError) {
    let target = StudyFolder(output)
    var studies: [Study] = []
    var places: [FilePath] = []
    for folder in folders + (try target.holdsPlan ? [output] : []) {
      let place = FilePath(folder).lexicallyNormalized()
      guard !places.contains(place) else { continue }
      places.append(place)
      studies.append(try Study.verified(folder: folder).study)
    }
    guard let first = studies.first else {
      throw .notAStudy(folder: output, reason: "no study is to be merged into it")
    }
    var plan = first.plan
    for study in studies.dropFirst() {
      plan = try plan.merged(
        with: study.plan, from: study.folder, into: first.folder, joining: joining)
    }
    let (trials, duplicates) = try Self.trials(of: studies)
    let given =
      plan == first.plan
      ? try PlanFile.given(in: StudyFolder(first.folder))
      : plan.yaml(comment: "merged from \(folders.joined(separator: ", "))")
    try Self.write(trials, plan, given: given, to: target)
    result = try Verification(folder: output)
    self.duplicates = duplicates
    let ids = Set(trials.map(\.id))
    var checkpoints: [String: Int] = [:]
    for study in studies {
      let place = StudyFolder(study.folder).checkpoints
      let open = Set(try place.names().map { String($0.prefix { $0 != "." }) }).subtracting(ids)
      if !open.isEmpty { checkpoints[place.name] = open.count }
    }
    self.checkpoints = checkpoints
  }

  /// All trials, each once. Refuses two trials of one id that differ.
  private static func trials(
    of studies: [Study]
  ) throws(ArchiveError) -> (trials: [TrialRecord], duplicates: Int) {
    var found: [String: (trial: TrialRecord, folder: String)] = [:]
    var repeated: Set<String> = []
    for study in studies {
      for trial in study.trials {
        guard let known = found[trial.id] else {
          found[trial.id] = (trial, study.folder)
          continue
        }
        repeated.insert(trial.id)
        guard let agreed = try known.trial.agreed(with: trial) else {
          throw .unmergeable(
            folder: study.folder, other: known.folder,
            reason: "trial \(trial.id) has other results there, though its settings are the same")
        }
        found[trial.id]?.trial = agreed
      }
    }
    return (found.values.map(\.trial).sorted { $0.id < $1.id }, repeated.count)
  }

  private static func write(
    _ trials: [TrialRecord], _ plan: StudyPlan, given: String, to target: StudyFolder
  ) throws(ArchiveError) {
    try target.finishGrowth()
    if try target.holdsPlan, try PlanFile.read(folder: target.name) != plan {
      // The plan grows before trials are added, while nobody writes. The stored trials fit both
      // plans.
      let locks = try JournalLocks(try target.journalFiles(and: 0), study: target)
      defer { locks.release() }
      try PlanFile.replace(plan, given: given, in: target)
    }
    var archive = try StudyArchive(folder: target.name, plan: plan, given: given)
    try archive.seal(adding: trials)
  }
}

extension StudyPlan {
  /// The plan with the tasks and batches of both. Refuses plans that differ in anything else, and
  /// without `joining` in anything at all; the refusal names the folders.
  fileprivate func merged(
    with other: StudyPlan, from folder: String, into first: String, joining: Bool
  ) throws(ArchiveError) -> StudyPlan {
    if self == other { return self }
    func refuse(_ mine: some Encodable, _ theirs: some Encodable, _ hint: String) -> ArchiveError {
      let trees = (try? PlanTree(mine), try? PlanTree(theirs))
      let difference = trees.1.flatMap { theirs in
        trees.0.flatMap { theirs.firstDifference(from: $0) }
      }
      let words = difference?.description ?? "somewhere"
      return .unmergeable(
        folder: folder, other: first, reason: "their plans differ: \(words)\(hint)")
    }
    var (mine, theirs) = (self, other)
    (mine.tasks, theirs.tasks) = ([], [])
    guard mine == theirs else { throw refuse(mine, theirs, "") }
    var all = tasks
    for task in other.tasks {
      guard let index = all.firstIndex(where: { $0.name == task.name }) else {
        if let twin = all.first(where: { $0.isTrained(as: task) }) {
          throw .unmergeable(
            folder: folder, other: first,
            reason: "'\(twin.name)' and '\(task.name)' are trained in the same way")
        }
        all.append(task)
        continue
      }
      var (known, added) = (all[index], task)
      (known.batches, added.batches) = ([], [])
      (known.exchangeRates, added.exchangeRates) = (nil, nil)
      guard known == added else { throw refuse(known, added, ", of task '\(task.name)'") }
      all[index].batches = Set(all[index].batches + task.batches).sorted()
      let rates = Set((all[index].exchangeRates ?? []) + (task.exchangeRates ?? []))
      all[index].exchangeRates = rates.isEmpty ? nil : rates.sorted()
    }
    guard joining else { throw refuse(self, other, "; --join makes one study of both") }
    var joined = self
    joined.tasks = all.sorted { $0.name < $1.name }
    return joined
  }
}
