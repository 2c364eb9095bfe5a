import Foundation
import SystemPackage

/// Largest file that is read, in bytes.
let largestFile = 1 << 32

extension FilePath {
  /// The path as messages show it.
  var name: String { string }

  /// Whether a file or folder exists at this path.
  var exists: Bool { (try? stat(followTargetSymlink: false)) != nil }

  /// Reads all bytes of a file; `nil` if it doesn't exist.
  func bytesIfThere(limit: Int = largestFile) throws(ArchiveError) -> [UInt8]? {
    do {
      let file = try FileDescriptor.open(self, .readOnly)
      defer { try? file.close() }
      return try file.allBytes(named: self, limit: limit)
    } catch let error as ArchiveError {
      throw error
    } catch {
      let errno = error as? Errno ?? .ioError
      if errno == .noSuchFileOrDirectory { return nil }
      throw failure("read", errno)
    }
  }

  /// Creates or empties a file and writes its bytes durably.
  func createDurably(_ bytes: [UInt8]) throws(ArchiveError) {
    try writeDurably { file in try file.writeAll(bytes) }
  }

  /// Creates a file durably, whole or not at all, and only if its name is free.
  ///
  /// - Returns: `false` if the name is taken; the existing file is unchanged.
  func create(_ bytes: [UInt8]) throws(ArchiveError) -> Bool {
    try ownPartial.createDurably(bytes)
    defer { try? ownPartial.removeFile() }
    do throws(Errno) {
      try LibC.link(ownPartial, to: self)
    } catch {
      if error == .fileExists { return false }
      throw failure("create", error)
    }
    try folder.syncFolder()
    return true
  }

  /// Writes a file durably, whole or not at all, and replaces an existing one.
  func replace(with bytes: [UInt8]) throws(ArchiveError) {
    do throws(ArchiveError) {
      try ownPartial.createDurably(bytes)
      try ownPartial.rename(to: self)
    } catch {
      try? ownPartial.removeFile()
      guard case .system(_, let doing, let errno) = error else { throw error }
      throw failure(doing, errno)
    }
    try folder.syncFolder()
  }

  /// Where a file is written before it takes its place.
  var partial: FilePath { FilePath(string + ".partial") }

  /// The same for a file that several processes may write.
  var ownPartial: FilePath { FilePath("\(string).\(LibC.process).partial") }

  /// The folder that holds the file.
  var folder: FilePath {
    let parent = removingLastComponent()
    return parent.isEmpty ? FilePath(".") : parent
  }

  /// Creates or empties a file, calls `body` to write it, and makes its bytes durable. If writing
  /// fails, the file is removed, so that it takes no space on a full disk.
  func writeDurably(_ body: (FileDescriptor) throws -> Void) throws(ArchiveError) {
    do {
      let file = try FileDescriptor.open(
        self, .writeOnly, options: [.create, .truncate], permissions: .archive)
      do {
        try body(file)
        try LibC.sync(file)
      } catch {
        try? file.close()
        try? removeFile()
        throw error
      }
      try file.close()
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw failure("write", error as? Errno ?? .ioError)
    }
  }

  /// Makes the names of the files in this folder durable.
  func syncFolder() throws(ArchiveError) {
    do {
      let folder = try FileDescriptor.open(self, .readOnly, options: .directory)
      defer { try? folder.close() }
      try LibC.sync(folder)
    } catch {
      throw failure("make durable", error as? Errno ?? .ioError)
    }
  }

  /// Creates the folder and its parents if they are missing.
  func makeFolders() throws(ArchiveError) {
    if isEmpty || exists { return }
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
    guard exists else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: string).sorted()
    } catch {
      throw failure("list", .notDirectory)
    }
  }

  /// The first free name in the same folder for a copy of a damaged file.
  var freeName: FilePath { asideNames.first { !$0.exists } ?? self }

  /// `x.damaged`, `x.damaged.2` and so on.
  private var asideNames: some Sequence<FilePath> {
    (1...).lazy.map { FilePath(string + ".damaged" + ($0 == 1 ? "" : ".\($0)")) }
  }

  /// Keeps a copy of a damaged file in its folder, unless there is one already.
  func copyAside(_ bytes: [UInt8]) throws(ArchiveError) -> FilePath {
    for name in asideNames {
      guard let taken = try name.bytesIfThere() else {
        try partial.createDurably(bytes)
        try partial.rename(to: name)
        try removingLastComponent().syncFolder()
        return name
      }
      if taken == bytes { return name }
    }
    return self
  }

  /// Shortens a file, durably.
  func cut(to length: Int) throws(ArchiveError) {
    do {
      let file = try FileDescriptor.open(self, .readWrite)
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
  func leads(to file: FileDescriptor) -> Bool {
    guard let named = try? stat(), let open = try? file.stat() else { return false }
    return named.inode == open.inode && named.deviceID == open.deviceID
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
    named path: FilePath, limit: Int = largestFile
  ) throws(ArchiveError) -> [UInt8] {
    do {
      let status = try stat()
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
