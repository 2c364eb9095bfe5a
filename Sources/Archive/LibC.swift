import Glibc
import SystemPackage

/// Calls of the C library that swift-system lacks.
enum LibC {
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

  /// Renames a file; fails with `.fileExists` if the name is taken. Some file systems have no
  /// hard links, and some can't rename without replacing, so there are three ways.
  static func moveToFreeName(_ source: FilePath, _ target: FilePath) throws(Errno) {
    do throws(Errno) {
      try link(source, to: target)
    } catch {
      guard
        [.notPermitted, .notSupported, .notSupportedOnSocket, .noFunction, .tooManyLinks]
          .contains(error)
      else { throw error }
      return try renameToFreeName(source, target)
    }
    // If it can't be removed, it is one more name of the same file, and does no harm.
    try? unlink(source)
  }

  static func renameToFreeName(_ source: FilePath, _ target: FilePath) throws(Errno) {
    do throws(Errno) {
      // Swift's module of the C library leaves it out.
      guard let function = unsafe dlsym(nil, "renameat2") else { throw Errno.noFunction }
      let rename = unsafe unsafeBitCast(
        function,
        to: (@convention(c) (
          Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
        ) -> Int32).self)
      let noReplace: UInt32 = 1
      try unsafe check(
        source.withPlatformString { from in
          unsafe target.withPlatformString { to in
            unsafe rename(AT_FDCWD, from, AT_FDCWD, to, noReplace)
          }
        })
    } catch {
      guard [.invalidArgument, .noFunction, .notSupported].contains(error) else { throw error }
      do throws(Errno) {
        _ = try Stat(target, followTargetSymlink: false)
      } catch {
        guard error == .noSuchFileOrDirectory else { throw error }
        return try rename(source, to: target)
      }
      throw .fileExists
    }
  }

  /// The names in a folder, without `.` and `..`. One that is not UTF-8 is not the archive's and is
  /// left out, unless it may be a journal's: that would be overlooked.
  static func names(in folder: FilePath) throws(Errno) -> [String] {
    guard let stream = unsafe folder.withPlatformString({ unsafe opendir($0) }) else {
      throw Errno(rawValue: errno)
    }
    defer { unsafe closedir(stream) }
    let place = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    var names: [String] = []
    while true {
      // The end and an error look the same but for this.
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        if errno != 0 { throw Errno(rawValue: errno) }
        return names
      }
      let start = unsafe UnsafeRawPointer(entry) + place
      let bytes = unsafe start.assumingMemoryBound(to: CChar.self)
      guard let name = unsafe String(validatingCString: bytes) else {
        if unsafe String(cString: bytes).hasSuffix(".jsonl.zst") { throw Errno.illegalByteSequence }
        continue
      }
      if name != ".", name != ".." { names.append(name) }
    }
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
