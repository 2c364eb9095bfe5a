import Records
import SystemPackage

/// The content of a journal.
struct JournalContents {
  var trials: [TrialRecord] = []
  /// Bytes up to the end of the last whole frame.
  var length = 0
  /// Bytes after the last whole frame: a frame that was cut short while it was written.
  var tornBytes = 0

  /// Reads a journal. Every whole frame is one trial; a last frame that was cut short is counted
  /// but not read. Any other fault throws. Without `curves`, points of curves are left out.
  init(_ bytes: [UInt8], file: FilePath, curves: Bool = true) throws(ArchiveError) {
    var walker = FrameWalker(bytes)
    // Frames that are decoded together, on all cores.
    var block: [Frame] = []
    do {
      while true {
        let step: FrameWalker.Step
        do {
          step = try walker.next()
        } catch {
          try decode(&block, file: file, curves: curves)
          throw error
        }
        switch step {
        case .end:
          try decode(&block, file: file, curves: curves)
          return
        case .torn:
          try decode(&block, file: file, curves: curves)
          guard walker.nextFrame(after: length) == nil else {
            throw ArchiveError.damaged(
              file: file.name, byte: length,
              reason: "the frame is incomplete, but others follow it")
          }
          tornBytes = bytes.count - length
          return
        case .frame(let frame):
          block.append(frame)
          if block.reduce(0, { $0 + $1.content.count }) >= sealedFrame || block.count == 256 {
            try decode(&block, file: file, curves: curves)
          }
        }
      }
    } catch let fault as FrameFault {
      // Some file systems leave zeros where a write was cut short.
      guard bytes[length...].allSatisfy({ $0 == 0 }) else {
        throw .damaged(file: file.name, byte: fault.byte, reason: fault.reason)
      }
      tornBytes = bytes.count - length
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw .damaged(file: file.name, byte: length, reason: "\(error)")
    }
  }

  private mutating func decode(
    _ block: inout [Frame], file: FilePath, curves: Bool
  ) throws(ArchiveError) {
    trials += try tryOnAllCores(block) { frame throws(ArchiveError) in
      try Self.trial(in: frame, file: file, curves: curves)
    }
    length = block.last?.range.upperBound ?? length
    block = []
  }

  static func trial(
    in frame: Frame, file: FilePath, curves: Bool = true
  ) throws(ArchiveError) -> TrialRecord {
    var rows: [TrialRow] = []
    var curve: [CurveRow] = []
    let place = frame.range.lowerBound
    if frame.endsWithinLine {
      throw .damaged(file: file.name, byte: place, reason: "the frame ends within a row")
    }
    var row = 0
    try frame.forEachLine { line throws(ArchiveError) in
      row += 1
      if !curves, ArchivedLine.isPoint(line) { return }
      switch ArchivedLine.read(line) {
      case .success(.trial(let row)): rows.append(row)
      case .success(.point(let row)): curve.append(row)
      case .success(.seal):
        throw .damaged(file: file.name, byte: place, reason: "a journal holds no seal")
      case .failure(let fault):
        throw .damaged(
          file: file.name, byte: place, reason: "in row \(row) of the frame, \(fault.reason)")
      }
    }
    do {
      return try TrialRecord(rows: rows, curve: curve)
    } catch {
      throw .damaged(file: file.name, byte: place, reason: "\(error)")
    }
  }
}

/// A journal that this process writes. It is locked for the lifetime of the value.
struct Journal: ~Copyable {
  let path: FilePath
  private var file: FileDescriptor
  /// Bytes of the frames in it.
  private var length: Int
  /// Bytes of a torn tail that were dropped when the journal was opened.
  let droppedBytes: Int
  /// Whether there may be bytes after `length`.
  private var isDirty = false

  private init(_ path: FilePath, _ file: FileDescriptor, _ found: JournalContents) {
    self.path = path
    self.file = file
    length = found.length
    droppedBytes = found.tornBytes
  }

  /// Opens or creates a journal, locks it, reads it and cuts off a torn tail.
  static func open(_ path: FilePath, study: StudyFolder) throws(ArchiveError) -> Journal {
    let file = try openLocked(path, study: study)
    do throws(ArchiveError) {
      let found = try JournalContents(try file.allBytes(named: path), file: path)
      if found.tornBytes > 0 { try cut(file, to: found.length, path) }
      // Left by a process that was killed while it replaced the journal.
      try path.partial.removeFile()
      try study.journals.syncFolder()
      return Journal(path, file, found)
    } catch {
      release(file)
      throw error
    }
  }

  /// Releases the lock and removes a journal without trials, so that opening a study without
  /// storing a trial changes nothing.
  deinit {
    Self.release(file, path)
  }

  /// Releases the lock and removes a journal without trials.
  static func release(_ file: FileDescriptor, _ path: FilePath) {
    if let status = try? file.stat(), status.size == 0, path.leads(to: file) {
      try? path.removeFile()
      try? LibC.removeFolder(path.removingLastComponent())
    }
    release(file)
  }

  static func release(_ file: FileDescriptor) {
    LibC.unlock(file)
    try? file.close()
  }

  /// Opens or creates a journal and locks it; the caller releases it.
  static func openLocked(
    _ path: FilePath, study: StudyFolder
  ) throws(ArchiveError) -> FileDescriptor {
    // Another process may remove the journal, and its folder, between opening and locking. Then
    // this one tries again.
    for _ in 0..<100 {
      try study.journals.makeFolder()
      do {
        let file = try FileDescriptor.open(
          path, .readWrite, options: [.create, .closeOnExec], permissions: .archive)
        do {
          try LibC.lock(file)
          if try file.stat().linkCount > 0 { return file }
          try file.close()
        } catch {
          try? file.close()
          throw error
        }
      } catch {
        let errno = error as? Errno ?? .ioError
        if errno == .wouldBlock { throw .busy(folder: study.name) }
        if errno == .noSuchFileOrDirectory { continue }
        throw path.failure("open", errno)
      }
    }
    throw .busy(folder: study.name)
  }

  static func cut(
    _ file: FileDescriptor, to length: Int, _ path: FilePath
  ) throws(ArchiveError) {
    do {
      try file.resize(to: Int64(length), retryOnInterrupt: true)
      try LibC.sync(file)
    } catch {
      throw path.failure("truncate", error as? Errno ?? .ioError)
    }
  }

  private static func frame(_ trial: TrialRecord) throws(ArchiveError) -> [UInt8] {
    let lines = try trial.lines()
    guard lines.count <= largestFrame else {
      throw .unwritable(trial: trial.id, reason: "\(lines.count) bytes are too many for a frame")
    }
    do {
      return try Zstd.compress(lines, level: Zstd.fastest)
    } catch {
      throw .unwritable(trial: trial.id, reason: error.reason)
    }
  }

  /// Writes one trial as one frame and returns once it is durable. If that fails, the journal is
  /// cut back to its earlier length. Throws `.gone` if the journal was removed or renamed
  /// meanwhile; the trial is then in the moved journal.
  mutating func append(_ trial: TrialRecord) throws(ArchiveError) {
    let frame = try Self.frame(trial)
    if isDirty { try Self.cut(file, to: length, path) }
    isDirty = true
    do {
      try file.writeAll(toAbsoluteOffset: Int64(length), frame)
      try LibC.sync(file)
    } catch {
      if (try? Self.cut(file, to: length, path)) != nil { isDirty = false }
      throw path.failure("append to", error as? Errno ?? .ioError)
    }
    guard path.leads(to: file) else { throw .gone(file: path.name) }
    isDirty = false
    length += frame.count
  }

  /// Adds many trials at once, a frame each, by replacing the journal with one that has them.
  ///
  /// If many frames waited for one sync, a power cut could lose some in the middle and keep later
  /// ones, and the whole journal would read as damaged. So the existing file is not written to, and
  /// the disk holds its content twice for a moment. Throws `.gone` if the journal was removed or
  /// renamed meanwhile.
  mutating func add(_ trials: [TrialRecord]) throws(ArchiveError) {
    if trials.isEmpty { return }
    let old = try file.allBytes(named: path).prefix(length)
    var newLength = old.count
    let new = try Self.locked(path) { partial in
      try partial.writeAll(old)
      for block in trials.blocks {
        let frames = try tryOnAllCores(block) { trial throws(ArchiveError) in
          try Self.frame(trial)
        }
        for frame in frames {
          try partial.writeAll(frame)
          newLength += frame.count
        }
      }
    }
    do throws(ArchiveError) {
      guard path.leads(to: file) else { throw .gone(file: path.name) }
      try path.partial.rename(to: path)
    } catch {
      Self.release(new)
      try? path.partial.removeFile()
      throw error
    }
    Self.release(file)
    (file, isDirty, length) = (new, false, newLength)
    try path.removingLastComponent().syncFolder()
  }

  /// Writes the next state of a locked journal durably. It is locked before it gets the journal's
  /// name; the caller renames and releases it.
  static func locked(
    _ path: FilePath, _ write: (FileDescriptor) throws -> Void
  ) throws(ArchiveError) -> FileDescriptor {
    let partial = path.partial
    try partial.writeDurably(write)
    do {
      let file = try FileDescriptor.open(partial, .readWrite, options: .closeOnExec)
      do {
        try LibC.lock(file)
      } catch {
        try? file.close()
        throw error
      }
      return file
    } catch {
      throw partial.failure("lock", error as? Errno ?? .ioError)
    }
  }
}

/// Locks on journals while a study is sealed, merged or repaired.
struct JournalLocks {
  private var files: [(file: FileDescriptor, path: FilePath)] = []

  init(_ paths: [FilePath], study: StudyFolder) throws(ArchiveError) {
    for path in paths {
      do {
        files.append((try Journal.openLocked(path, study: study), path))
      } catch {
        release()
        throw error
      }
    }
  }

  /// Locks all existing journals, and that of shard 0 so that there is at least one.
  init(all study: StudyFolder) throws(ArchiveError) {
    try self.init(try study.allJournals(), study: study)
  }

  /// Locks journals. Shards that end at the same time hold them only for a moment, so a busy one is
  /// tried again.
  static func patient(
    _ paths: [FilePath], study: StudyFolder
  ) throws(ArchiveError) -> JournalLocks {
    for _ in 0..<4 {
      do { return try JournalLocks(paths, study: study) } catch {
        guard case .busy = error else { throw error }
        LibC.sleep(milliseconds: 50 + Int(LibC.process) % 50)
      }
    }
    return try JournalLocks(paths, study: study)
  }

  /// Removes all trials from the journals.
  func empty() throws(ArchiveError) {
    for (file, path) in files { try Journal.cut(file, to: 0, path) }
  }

  /// Replaces a locked journal. The new one is locked before it gets the journal's name.
  mutating func replace(
    _ path: FilePath, with bytes: [UInt8]
  ) throws(ArchiveError) {
    files.append((try Journal.locked(path) { try $0.writeAll(bytes) }, path))
    try path.partial.rename(to: path)
    try path.removingLastComponent().syncFolder()
  }

  func release() {
    for (file, path) in files { Journal.release(file, path) }
  }
}
