import Glibc
import SystemPackage

/// A study is read without a lock, so another process may seal it, or put a larger one in its place,
/// between two files that are read.
extension StudyFolder {
  /// The state of a study's files at one moment.
  private struct State: Equatable {
    /// The plan and the sealed files.
    var sealed: [FileState?] = []
    var journals: [FileState?] = []
    /// Whether a seal may have been begun.
    var hasDrafts = false
  }

  private func state() throws(ArchiveError) -> State {
    var state = State()
    for file in [try json, try yaml, try trials, try curves] {
      state.sealed.append(try file.state())
    }
    for file in try journalFiles() { state.journals.append(try file.state()) }
    state.hasDrafts = try path.names().contains(where: Draft.isDraft)
    return state
  }

  /// Calls `read` until all files that it read belong to one state of the study. Before it throws a
  /// fault, it makes sure that no other process caused it.
  func settled<Value>(
    _ read: () throws(ArchiveError) -> Value
  ) throws(ArchiveError) -> Value {
    try check()
    var (attempts, faults) = (0, 0)
    while true {
      let before = try state()
      let result = Result { () throws(ArchiveError) in try read() }
      let after = try state()
      attempts += 1
      switch result {
      case .success(let value):
        if before.sealed == after.sealed { return value }
        // It was replaced a hundred times while it was read.
        if attempts >= 100 { throw .busy(folder: name) }
      case .failure(let fault):
        faults += 1
        if before == after, !after.hasDrafts || faults >= 5 { throw fault }
        if faults >= 20 { throw fault }
      }
      LibC.sleep(milliseconds: min(attempts * 5, 50))
    }
  }
}

/// The state of a file at one moment, to detect that it was replaced or written.
private struct FileState: Equatable {
  var path: FilePath
  var inode: Inode
  var size: Int64
  var seconds: Int
  var nanoseconds: Int
}

extension FilePath {
  /// `nil` if there is no such file.
  fileprivate func state() throws(ArchiveError) -> FileState? {
    guard let status = try status() else { return nil }
    let time = status.st_mtim
    return FileState(
      path: self, inode: status.inode, size: status.size, seconds: time.tv_sec,
      nanoseconds: time.tv_nsec)
  }
}
