import SystemPackage

/// Files that are not part of a study, such as a page or a policy. Each appears whole or not at
/// all.
public enum WholeFile {
  /// Writes a file durably and replaces an existing one.
  public static func write(_ bytes: [UInt8], to file: String) throws(ArchiveError) {
    try FilePath(file).replace(with: bytes)
  }

  /// Writes a text file durably and replaces an existing one.
  public static func write(_ text: String, to file: String) throws(ArchiveError) {
    try write([UInt8](text.utf8), to: file)
  }

  /// Returns all bytes of a file; `nil` if it doesn't exist.
  public static func read(_ file: String) throws(ArchiveError) -> [UInt8]? {
    try FilePath(file).bytesIfThere()
  }

  /// Checks that a file can be written, before starting the work that it is for.
  public static func check(_ file: String) throws(ArchiveError) {
    let path = FilePath(file)
    if try path.isFolder { throw path.failure("write", .isDirectory) }
    _ = try Draft(of: path) { _ in }
  }

  /// Creates a folder and its parents if they are missing.
  public static func makeFolders(_ folder: String) throws(ArchiveError) {
    try FilePath(folder).makeFolders()
  }
}

/// A file that grows record by record, for readers that follow it. Appending doesn't wait for the
/// disk.
public final class AppendedFile {
  private let path: FilePath
  private let file: FileDescriptor

  /// Creates a file, and the folders above it. Its name must be free.
  public init(_ file: String) throws(ArchiveError) {
    path = FilePath(file)
    try path.folder.makeFolders()
    do {
      self.file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .append, .closeOnExec],
        permissions: .archive)
    } catch {
      throw path.failure("write", error as? Errno ?? .ioError)
    }
  }

  deinit { try? file.close() }

  public func append(_ bytes: [UInt8]) throws(ArchiveError) {
    do {
      try file.writeAll(bytes)
    } catch {
      throw path.failure("write", error as? Errno ?? .ioError)
    }
  }
}
