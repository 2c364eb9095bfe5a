import SystemPackage

/// Largest file that is read, in bytes.
let largestFile = 1 << 32

extension FilePath {
  /// The path as messages show it.
  var name: String { string }

  /// The status of what is at this path; `nil` only if the system says that nothing is. Any other
  /// error is thrown.
  func status(followingLink: Bool = true) throws(ArchiveError) -> Stat? {
    do throws(Errno) {
      return try Stat(self, followTargetSymlink: followingLink)
    } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw failure("look at", error)
    }
  }

  /// Whether a file, a folder or a link lies at this path.
  var exists: Bool { get throws(ArchiveError) { try status(followingLink: false) != nil } }

  var isLink: Bool {
    get throws(ArchiveError) { try status(followingLink: false)?.type == .symbolicLink }
  }

  /// Whether a folder lies at this path, or a link to one.
  var isFolder: Bool { get throws(ArchiveError) { try status()?.type == .directory } }

  /// Reads all bytes of a file; `nil` if it doesn't exist.
  ///
  /// - Parameter isGiven: whether the user named the file, which may then be a pipe. A pipe or a
  ///   device in a study could go on for ever.
  func bytesIfThere(
    limit: Int = largestFile, isGiven: Bool = false
  ) throws(ArchiveError) -> [UInt8]? {
    do {
      let file = try FileDescriptor.open(
        self, .readOnly, options: isGiven ? .closeOnExec : [.closeOnExec, .nonBlocking])
      defer { try? file.close() }
      return try file.allBytes(named: self, limit: limit, isGiven: isGiven)
    } catch let error as ArchiveError {
      throw error
    } catch {
      let errno = error as? Errno ?? .ioError
      if errno == .noSuchFileOrDirectory { return nil }
      throw failure("read", errno)
    }
  }

  /// Creates a file durably, whole or not at all, and only if its name is free.
  ///
  /// - Returns: `false` if the name is taken; the existing file is unchanged.
  func create(_ bytes: [UInt8]) throws(ArchiveError) -> Bool {
    try drafted(bytes) { draft throws(Errno) in
      do throws(Errno) { try draft.create() } catch {
        if error == .fileExists { return false }
        throw error
      }
      return true
    }
  }

  /// Writes a file durably, whole or not at all, and replaces an existing one.
  func replace(with bytes: [UInt8]) throws(ArchiveError) {
    try drafted(bytes) { draft throws(Errno) in try draft.replace() }
  }

  /// Writes a draft and gives it its name. Another process that holds all locks of a study removes
  /// drafts, which it can't tell from those of a process that was killed; then this one tries again.
  private func drafted<Value>(
    _ bytes: [UInt8], _ place: (inout Draft) throws(Errno) -> Value
  ) throws(ArchiveError) -> Value {
    var attempts = 0
    while true {
      var draft = try Draft(of: self) { try $0.writeAll(bytes) }
      let value: Value
      do throws(Errno) {
        value = try place(&draft)
      } catch {
        attempts += 1
        if error == .noSuchFileOrDirectory, attempts < 10 { continue }
        throw failure("create", error)
      }
      try folder.syncFolder()
      return value
    }
  }

  /// The folder that holds the file.
  var folder: FilePath {
    let parent = removingLastComponent()
    return parent.isEmpty ? FilePath(".") : parent
  }

  /// Makes the names of the files in this folder durable.
  func syncFolder() throws(ArchiveError) {
    do {
      let folder = try FileDescriptor.open(
        self, .readOnly, options: [.directory, .closeOnExec])
      defer { try? folder.close() }
      try LibC.sync(folder)
    } catch {
      throw failure("make durable", error as? Errno ?? .ioError)
    }
  }

  /// Creates the folder and its parents if they are missing.
  func makeFolders() throws(ArchiveError) {
    if isEmpty { return }
    if try exists { return }
    try removingLastComponent().makeFolders()
    try makeFolder()
  }

  /// Creates the folder if it is missing. Its parent must exist, so that a study that was removed
  /// or renamed meanwhile is not created again.
  func makeFolder() throws(ArchiveError) {
    do {
      try LibC.makeFolder(self)
    } catch {
      if error == .fileExists { return }
      throw failure("create", error)
    }
    try folder.syncFolder()
  }

  /// The names in a folder, sorted; empty if the folder doesn't exist.
  func names() throws(ArchiveError) -> [String] {
    do {
      return try LibC.names(in: self).sorted()
    } catch {
      if error == .noSuchFileOrDirectory { return [] }
      throw failure("list", error)
    }
  }

  /// Names for copies of a damaged file, in the same folder: `x.damaged`, `x.damaged.2` and so on.
  private var asideNames: some Sequence<FilePath> {
    (1...).lazy.map { FilePath(string + ".damaged" + ($0 == 1 ? "" : ".\($0)")) }
  }

  /// Renames a damaged file to the first free name.
  func moveAside() throws(ArchiveError) -> FilePath {
    for name in asideNames where try !name.exists {
      try rename(to: name)
      try folder.syncFolder()
      return name
    }
    return self
  }

  /// Keeps a copy of a damaged file in its folder, unless there is one already.
  func copyAside(_ bytes: [UInt8]) throws(ArchiveError) -> FilePath {
    for name in asideNames {
      if try name.create(bytes) { return name }
      if try name.bytesIfThere() == bytes { return name }
    }
    return self
  }

  /// Removes a file, or a folder with everything in it. Links are removed, not followed.
  func removeAll() throws(ArchiveError) {
    guard try status(followingLink: false)?.type == .directory else { return try removeFile() }
    for name in try names() { try appending(name).removeAll() }
    do { try LibC.removeFolder(self) } catch {
      if error != .noSuchFileOrDirectory { throw failure("remove", error) }
    }
  }

  /// Shortens a file, durably.
  func cut(to length: Int) throws(ArchiveError) {
    do {
      let file = try FileDescriptor.open(self, .readWrite, options: [.noFollow, .closeOnExec])
      defer { try? file.close() }
      try Journal.cut(file, to: length, self)
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw failure("truncate", error as? Errno ?? .ioError)
    }
  }

  func rename(to target: FilePath) throws(ArchiveError) {
    do { try LibC.rename(self, to: target) } catch { throw failure("rename", error) }
  }

  /// Whether the path leads to this open file.
  func leads(to file: FileDescriptor) throws(ArchiveError) -> Bool {
    guard let named = try status(followingLink: false) else { return false }
    do {
      let open = try file.stat()
      return named.inode == open.inode && named.deviceID == open.deviceID
    } catch {
      throw failure("look at", error)
    }
  }

  func removeFile() throws(ArchiveError) {
    do { try LibC.unlink(self) } catch {
      if error != .noSuchFileOrDirectory { throw failure("remove", error) }
    }
  }

  func failure(_ doing: String, _ errno: Errno) -> ArchiveError {
    .system(path: name, doing: doing, errno: errno)
  }
}

extension FileDescriptor {
  func allBytes(
    named path: FilePath, limit: Int = largestFile, isGiven: Bool = false
  ) throws(ArchiveError) -> [UInt8] {
    do {
      let status = try stat()
      guard isGiven || status.type == .regular || status.type == .directory else {
        throw ArchiveError.unusable(
          file: path.name, as: "a regular file", reason: "it is a pipe or a device")
      }
      // A pipe has no size and is read to its end.
      let isSized = status.type == .regular && status.size > 0
      let bytes =
        isSized && status.size <= limit
        ? try LibC.readAll(self, size: Int(status.size))
        : isSized ? nil : try LibC.readToEnd(self, limit: limit)
      guard let bytes else {
        throw ArchiveError.damaged(
          file: path.name, byte: limit,
          reason: limit < largestFile ? "too large for a plan" : "larger than any archive")
      }
      guard !isSized || bytes.count == Int(status.size) else {
        throw ArchiveError.damaged(
          file: path.name, byte: bytes.count, reason: "the file was cut short while it was read")
      }
      return bytes
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw path.failure("read", error as? Errno ?? .ioError)
    }
  }
}

extension FilePermissions {
  /// Everyone may read, the owner may write.
  static let archive: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
}
