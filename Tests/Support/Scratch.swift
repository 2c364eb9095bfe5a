public import Foundation

/// A folder that is removed when the test is over. It lies in memory where possible, because tests
/// make many small files durable.
///
/// Files are named by their path within the folder or by an absolute path.
public final class Scratch: Sendable {
  public let path: String

  public init() throws {
    let memory = URL(filePath: "/dev/shm")
    let isThere = FileManager.default.isWritableFile(atPath: memory.path)
    let folder = (isThere ? memory : FileManager.default.temporaryDirectory).appending(
      path: "batchlab-test-\(UUID().uuidString)")
    path = folder.path
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  public func url(_ name: String) -> URL {
    URL(filePath: name.hasPrefix("/") ? name : "\(path)/\(name)")
  }

  /// Makes the folders that are missing, too.
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try FileManager.default.createDirectory(
      at: url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url(name))
  }

  public func write(_ text: String, to name: String) throws { try write(text.utf8, to: name) }

  public func newFile(_ name: String) throws -> FileHandle {
    try write("", to: name)
    return try FileHandle(forWritingTo: url(name))
  }

  public func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(name))) }

  /// The text of a file; empty if it can't be read.
  public func text(_ name: String) -> String {
    String(decoding: (try? bytes(name)) ?? [], as: UTF8.self)
  }

  /// Damages a file; a second call repairs it.
  public func flipByte(of name: String, at place: Int) throws {
    var bytes = try bytes(name)
    bytes[place] ^= 0xFF
    try write(bytes, to: name)
  }

  public func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: url(name).path)
  }

  public func move(_ from: String, _ to: String) throws {
    try FileManager.default.moveItem(at: url(from), to: url(to))
  }

  public func remove(_ name: String) throws { try FileManager.default.removeItem(at: url(name)) }

  /// The paths of everything below the folder or one within it, sorted.
  public func contents(of name: String = ".") throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: url(name).path).sorted()
  }
}
