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
          guard walker.nextFrame(after: length) == nil, !walker.isExhausted else {
            throw ArchiveError.damaged(
              file: file.name, byte: length,
              reason: "the frame is incomplete, but others follow it")
          }
          guard try walker.mended() == nil else {
            throw ArchiveError.damaged(
              file: file.name, byte: length,
              reason: "the last frame is complete, but one of its headers is damaged")
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
      study.journals.dropDrafts(startingWith: path.lastComponent?.string ?? "")
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
    // An empty journal does no harm, so one that can't be looked at stays.
    if let status = try? file.stat(), status.type == .regular, status.size == 0,
      (try? path.leads(to: file)) == true
    {
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
          path, .readWrite, options: [.create, .noFollow, .closeOnExec], permissions: .archive)
        do {
          try LibC.lock(file)
          if try path.leads(to: file) { return file }
          try file.close()
        } catch {
          try? file.close()
          throw error
        }
      } catch let error as ArchiveError {
        throw error
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
    guard try path.leads(to: file) else { throw .gone(file: path.name) }
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
    var draft = try Draft(of: path) { draft in
      try draft.writeAll(old)
      for block in trials.blocks {
        let frames = try tryOnAllCores(block) { trial throws(ArchiveError) in
          try Self.frame(trial)
        }
        for frame in frames {
          try draft.writeAll(frame)
          newLength += frame.count
        }
      }
    }
    guard try path.leads(to: file) else { throw .gone(file: path.name) }
    try draft.replaceLocked(path)
    Self.release(file)
    (file, isDirty, length) = (draft.takeFile(), false, newLength)
    try path.folder.syncFolder()
  }
}

extension Draft {
  /// Locks the file before it gets the name of a journal.
  fileprivate mutating func replaceLocked(_ path: FilePath) throws(ArchiveError) {
    do throws(Errno) {
      try lock()
      try replace()
    } catch {
      throw path.failure("replace", error)
    }
  }
}

/// Locks on journals while a study is sealed, merged or repaired.
struct JournalLocks {
  private var files: [(file: FileDescriptor, path: FilePath)] = []

  init(_ paths: [FilePath], study: StudyFolder) throws(ArchiveError) {
    try study.refuseLinks()
    for path in paths {
      do {
        files.append((try Journal.openLocked(path, study: study), path))
      } catch {
        release()
        throw error
      }
    }
  }

  /// Locks journals. Shards that end at the same time hold them only for a moment, so a busy one is
  /// tried again.
  static func patient(
    _ paths: [FilePath], study: StudyFolder
  ) throws(ArchiveError) -> JournalLocks {
    for _ in 0..<4 {
      do { return try JournalLocks(paths, study: study) } catch {
        guard case .busy = error else { throw error }
        LibC.sleep(milliseconds: .random(in: 50..<100))
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
    var draft = try Draft(of: path) { try $0.writeAll(bytes) }
    try draft.replaceLocked(path)
    files.append((draft.takeFile(), path))
    try path.folder.syncFolder()
  }

  /// Removes the locked journals, if that loses nothing: each must be unchanged since it was read to
  /// its end, and each of its trials must be stored elsewhere.
  func remove(
    read journals: [FilePath: JournalRead], isElsewhere: (String) -> Bool
  ) throws(ArchiveError) {
    var own: [FilePath] = []
    for (file, path) in files {
      guard try path.leads(to: file) else { continue }
      own.append(path)
      let length: Int64
      do { length = try file.stat().size } catch { throw path.failure("look at", error) }
      guard length == 0 || journals[path]?.length == Int(length),
        journals[path]?.trials.allSatisfy(isElsewhere) != false
      else {
        throw .inconsistent(
          folder: path.folder.folder.string,
          reason: "\(path.name) changed while it was sealed, so it is not removed")
      }
    }
    for path in own { try path.removeFile() }
  }

  func release() {
    for (file, path) in files { Journal.release(file, path) }
  }
}

/// A journal as it was read.
struct JournalRead {
  /// All its bytes, with those of a torn tail.
  var length: Int
  var trials: [String]
}
