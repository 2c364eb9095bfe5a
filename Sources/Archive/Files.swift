import Foundation
import SystemPackage

/// Largest file that is read, in bytes.
private let largestFile = 1 << 32

extension FilePath {
  /// The text a message shows.
  var name: String { string }

  /// Whether something stands at this path.
  var exists: Bool { (try? stat(followTargetSymlink: false)) != nil }

  /// All bytes of a file; `nil` if it isn't there.
  func bytesIfThere() throws(ArchiveError) -> [UInt8]? {
    do {
      let file = try FileDescriptor.open(self, .readOnly)
      defer { try? file.close() }
      return try file.allBytes(named: self)
    } catch let error as ArchiveError {
      throw error
    } catch {
      let errno = error as? Errno ?? .ioError
      if errno == .noSuchFileOrDirectory { return nil }
      throw failure("read", errno)
    }
  }

  /// Creates a file that must not be there, and makes its bytes durable.
  func createDurably(_ bytes: [UInt8]) throws(ArchiveError) {
    try writeDurably { file in try file.writeAll(bytes) }
  }

  /// Creates or empties a file, lets `body` write it, and makes what was written durable.
  func writeDurably(_ body: (FileDescriptor) throws -> Void) throws(ArchiveError) {
    do {
      let file = try FileDescriptor.open(
        self, .writeOnly, options: [.create, .truncate], permissions: .archive)
      do {
        try body(file)
        try LibC.sync(file)
      } catch {
        try? file.close()
        throw error
      }
      try file.close()
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw failure("write", error as? Errno ?? .ioError)
    }
  }

  /// Makes the names in this folder durable.
  func syncFolder() throws(ArchiveError) {
    do {
      let folder = try FileDescriptor.open(self, .readOnly, options: .directory)
      defer { try? folder.close() }
      try LibC.sync(folder)
    } catch {
      throw failure("make durable", error as? Errno ?? .ioError)
    }
  }

  /// Creates the folder and those above it, where they are missing.
  func makeFolders() throws(ArchiveError) {
    if isEmpty || exists { return }
    try removingLastComponent().makeFolders()
    do {
      try LibC.makeFolder(self)
    } catch {
      if error != .fileExists { throw failure("create", error) }
    }
    let parent = removingLastComponent()
    try (parent.isEmpty ? FilePath(".") : parent).syncFolder()
  }

  /// The names in a folder, sorted; none if it isn't there.
  func names() throws(ArchiveError) -> [String] {
    guard exists else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: string).sorted()
    } catch {
      throw failure("list", .notDirectory)
    }
  }

  func rename(to target: FilePath) throws(ArchiveError) {
    do { try LibC.rename(self, to: target) } catch { throw failure("rename", error) }
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
  func allBytes(named path: FilePath) throws(ArchiveError) -> [UInt8] {
    do {
      let size = try stat().size
      guard size <= largestFile else {
        throw ArchiveError.damaged(
          file: path.name, byte: largestFile, reason: "larger than any archive")
      }
      return try LibC.readAll(self, size: Int(size))
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw path.failure("read", error as? Errno ?? .ioError)
    }
  }
}

extension FilePermissions {
  /// Everybody reads, the owner writes.
  static let archive: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
}
