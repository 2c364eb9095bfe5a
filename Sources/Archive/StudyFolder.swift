import SystemPackage

/// The paths of a study's files.
struct StudyFolder {
  let path: FilePath

  init(_ folder: String) { path = FilePath(folder) }

  var name: String { path.string }
  /// The file of the resolved plan; `yaml` in studies from before there was a `plan.json`.
  var plan: FilePath {
    // In this order: a new study gets `plan.json` first.
    let mayBeOld = yaml.exists
    return mayBeOld && !json.exists ? yaml : json
  }
  var json: FilePath { path.appending("plan.json") }
  var yaml: FilePath { path.appending("plan.yaml") }
  var holdsPlan: Bool { yaml.exists || json.exists }
  var trials: FilePath { path.appending("trials.jsonl.zst") }
  var curves: FilePath { path.appending("curves.jsonl.zst") }
  /// The conclusions from the rows.
  var fits: FilePath { path.appending("fits.json") }
  var journals: FilePath { path.appending("journal") }

  /// Holds a file for each longer-running trial, named by the trial's id.
  var checkpoints: FilePath { path.appending("checkpoints") }

  func checkpoint(_ trial: String) -> FilePath { checkpoints.appending(trial) }

  /// Removes the checkpoints of trials that no longer need one. One that can't be removed does no
  /// harm.
  func dropCheckpoints(where isDone: (String) -> Bool) throws(ArchiveError) {
    for name in try checkpoints.names() where isDone(name) { try? checkpoint(name).removeFile() }
  }

  /// Removes the files of a process that was killed while it wrote the plan.
  func dropPartialPlans() throws(ArchiveError) {
    for name in try path.names() where name.hasPrefix("plan.") && name.hasSuffix(".partial") {
      try? path.appending(name).removeFile()
    }
  }

  func journal(_ shard: Int) -> FilePath { journals.appending("\(shard).jsonl.zst") }

  /// The existing journals, in the order of their shards.
  func journalFiles() throws(ArchiveError) -> [FilePath] {
    try journalShards().map(journal)
  }

  /// The shards whose journals exist, ascending.
  func journalShards() throws(ArchiveError) -> [Int] {
    try journals.names().compactMap { name -> Int? in
      guard name.hasSuffix(".jsonl.zst") else { return nil }
      return Int(name.dropLast(".jsonl.zst".count))
    }.sorted()
  }

  /// Refuses a folder without a plan.
  func check() throws(ArchiveError) {
    guard path.exists else {
      throw .notAStudy(folder: name, reason: "there is no such folder")
    }
    guard holdsPlan else {
      throw .notAStudy(folder: name, reason: "it holds no plan.json")
    }
  }
}
