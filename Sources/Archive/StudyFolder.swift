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

  private func file(_ name: String) throws(ArchiveError) -> FilePath {
    let new = grown.appending(name)
    return try new.exists ? new : path.appending(name)
  }

  /// The file of the resolved plan; `yaml` in studies from before there was a `plan.json`.
  var plan: FilePath {
    get throws(ArchiveError) {
      // In this order: a new study gets `plan.json` first.
      let mayBeOld = try yaml.exists
      if mayBeOld, try !json.exists { return try yaml }
      return try json
    }
  }
  var json: FilePath { get throws(ArchiveError) { try file(Self.jsonName) } }
  var yaml: FilePath { get throws(ArchiveError) { try file(Self.yamlName) } }
  var holdsPlan: Bool {
    get throws(ArchiveError) {
      guard try path.isFolder else { return false }
      if try yaml.exists { return true }
      return try json.exists
    }
  }
  var trials: FilePath { get throws(ArchiveError) { try file(Self.trialsName) } }
  var curves: FilePath { get throws(ArchiveError) { try file(Self.curvesName) } }
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

  /// Removes what killed processes left before it had its name. All journals must be locked, so that
  /// nobody writes the study.
  func dropDrafts() {
    for folder in [path, journals, checkpoints] { folder.dropDrafts() }
  }

  /// Refuses to write or remove anything in a study in which a file or folder is a symbolic link: it
  /// could lead anywhere. Only the study's own folder may be one.
  func refuseLinks() throws(ArchiveError) {
    func refuse(_ path: FilePath) throws(ArchiveError) {
      guard try path.isLink else { return }
      throw .unusable(
        file: path.name, as: "part of a study",
        reason: "it is a symbolic link, and nothing is written or removed through a link")
    }
    let files = [Self.jsonName, Self.yamlName, Self.trialsName, Self.curvesName]
    for name in files + ["fits.json"] { try refuse(path.appending(name)) }
    for folder in [journals, checkpoints, growths, grown] {
      try refuse(folder)
      for name in try folder.names() { try refuse(folder.appending(name)) }
    }
    for growth in try growthFolders() { try growth.refuseLinks() }
  }

  private static let journalEnding = ".jsonl.zst"

  func journal(_ shard: Int) -> FilePath { journals.appending("\(shard)\(Self.journalEnding)") }

  /// The existing journals, in the order in which they are locked. Whatever its name before the
  /// ending, a file is read as a journal, so that none is overlooked.
  func journalFiles() throws(ArchiveError) -> [FilePath] {
    try journals.names().filter { $0.hasSuffix(Self.journalEnding) }.map(journals.appending)
  }

  /// The existing journals and another one, which is locked so that there is at least one.
  func journalFiles(and shard: Int) throws(ArchiveError) -> [FilePath] {
    Set(try journalFiles() + [journal(shard)]).sorted { $0.string < $1.string }
  }

  /// Refuses a folder without a plan.
  func check() throws(ArchiveError) {
    guard try path.exists else {
      throw .notAStudy(folder: name, reason: "there is no such folder")
    }
    guard try holdsPlan else {
      throw .notAStudy(folder: name, reason: "it holds no plan.json")
    }
  }
}
