import SystemPackage

/// Files that are no part of a study and can be made anew, such as a page.
public enum TextFile {
  /// Writes a file, whole or not at all, in the place of what was there. It waits for no disk.
  public static func write(_ text: String, to path: String) throws(ArchiveError) {
    let partial = FilePath("\(path).\(LibC.process).partial")
    do {
      let file = try FileDescriptor.open(
        partial, .writeOnly, options: [.create, .truncate], permissions: .archive)
      _ = try file.closeAfter { try file.writeAll(Array(text.utf8)) }
      try LibC.rename(partial, to: FilePath(path))
    } catch {
      try? partial.removeFile()
      throw FilePath(path).failure("write", error as? Errno ?? .ioError)
    }
  }

  /// Creates a folder and those above it, where they are missing.
  public static func makeFolders(_ path: String) throws(ArchiveError) {
    try FilePath(path).makeFolders()
  }
}
