import Glibc
import SystemPackage

/// Calls of the C library that swift-system lacks.
enum LibC {
  /// The id of this process.
  static var process: Int32 { getpid() }

  static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }

  /// Reads all bytes of a file from its start.
  static func readAll(_ file: FileDescriptor, size: Int) throws(Errno) -> [UInt8] {
    var failure: Errno?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
        do {
          let read = unsafe try file.read(fromAbsoluteOffset: Int64(count), into: rest)
          if read == 0 { return }
          count += read
        } catch {
          failure = error as? Errno ?? .ioError
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads a pipe to its end; `nil` if it has more bytes than the limit.
  static func readToEnd(_ file: FileDescriptor, limit: Int) throws(Errno) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      var failure: Errno?
      let more = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        do {
          count = unsafe try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        } catch {
          failure = error as? Errno ?? .ioError
        }
      }
      if let failure { throw failure }
      if more.isEmpty { return bytes }
      bytes += more
    }
    return nil
  }

  /// Renames a file and replaces `target`, in one step.
  static func rename(_ source: FilePath, to target: FilePath) throws(Errno) {
    try unsafe check(
      source.withPlatformString { from in
        unsafe target.withPlatformString { to in unsafe Glibc.rename(from, to) }
      })
  }

  /// Gives a file a second name; fails with `.fileExists` if the name is taken.
  static func link(_ source: FilePath, to target: FilePath) throws(Errno) {
    try unsafe check(
      source.withPlatformString { from in
        unsafe target.withPlatformString { to in unsafe Glibc.link(from, to) }
      })
  }

  static func unlink(_ path: FilePath) throws(Errno) {
    try unsafe check(path.withPlatformString { unsafe Glibc.unlink($0) })
  }

  static func makeFolder(_ path: FilePath) throws(Errno) {
    try unsafe check(path.withPlatformString { unsafe Glibc.mkdir($0, 0o777) })
  }

  static func removeFolder(_ path: FilePath) throws(Errno) {
    try unsafe check(path.withPlatformString { unsafe Glibc.rmdir($0) })
  }

  static func sync(_ file: FileDescriptor) throws(Errno) {
    try check(fsync(file.rawValue))
  }

  /// Takes an advisory lock for this process; fails with `.wouldBlock` if another process has it.
  static func lock(_ file: FileDescriptor) throws(Errno) {
    try check(flock(file.rawValue, LOCK_EX | LOCK_NB))
  }

  /// Releases the lock, even if a child process has inherited the file.
  static func unlock(_ file: FileDescriptor) {
    _ = flock(file.rawValue, LOCK_UN)
  }

  private static func check(_ status: Int32) throws(Errno) {
    if status != 0 { throw Errno(rawValue: errno) }
  }
}
