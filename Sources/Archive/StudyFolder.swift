import SystemPackage

/// The paths of a study's files.
struct StudyFolder {
  let path: FilePath

  init(_ folder: String) { path = FilePath(folder) }

  var name: String { path.string }

  static let jsonName = "plan.json"
  static let yamlName = "plan.yaml"
  static let trialsName = "trials.jsonl.zst"
  static let curvesName = "curves.jsonl.zst"

  /// Holds the files of a study that has grown until they are moved into their places.
  var grown: FilePath { path.appending("grown") }

  private func file(_ name: String) -> FilePath {
    let new = grown.appending(name)
    return new.exists ? new : path.appending(name)
  }

  /// The file of the resolved plan; `yaml` in studies from before there was a `plan.json`.
  var plan: FilePath {
    // In this order: a new study gets `plan.json` first.
    let mayBeOld = yaml.exists
    return mayBeOld && !json.exists ? yaml : json
  }
  var json: FilePath { file(Self.jsonName) }
  var yaml: FilePath { file(Self.yamlName) }
  var holdsPlan: Bool { yaml.exists || json.exists }
  var trials: FilePath { file(Self.trialsName) }
  var curves: FilePath { file(Self.curvesName) }
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

  /// The existing journals and that of shard 0, so that there is at least one to lock.
  func allJournals() throws(ArchiveError) -> [FilePath] {
    [journal(0)] + (try journalFiles()).filter { $0 != journal(0) }
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
