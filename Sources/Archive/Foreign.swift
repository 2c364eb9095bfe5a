// Calls of zstd and of the C library that take pointers. The word `unsafe` stands in this file
// of the module and in no other; everything here checks its extents and hands out values.

import CZstd
import Glibc
import SystemPackage

/// What zstd says about the bytes at some offset.
enum FrameExtent: Equatable {
  /// A frame that is there in full, with the size of its content if the header tells.
  case whole(compressed: Int, content: Int?)
  /// The bytes end before the frame does.
  case incomplete
  case invalid(reason: String)
}

struct ZstdFailure: Error {
  var reason: String
}

enum Zstd {
  static let fastest = 3
  static let smallest = 19

  /// One frame with content size and content checksum.
  static func compress(_ content: [UInt8], level: Int) throws(ZstdFailure) -> [UInt8] {
    guard let context = unsafe ZSTD_createCCtx() else {
      throw ZstdFailure(reason: "not enough memory to compress")
    }
    defer { unsafe ZSTD_freeCCtx(context) }
    for (parameter, value) in [
      (ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, 1), (ZSTD_c_contentSizeFlag, 1),
    ] {
      try check(unsafe ZSTD_CCtx_setParameter(context, parameter, Int32(value)))
    }
    var status = 0
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(content.count)) {
      buffer, count in
      status = unsafe content.withUnsafeBytes { source in
        unsafe ZSTD_compress2(
          context, buffer.baseAddress, buffer.count, source.baseAddress, source.count)
      }
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    try check(status)
    return frame
  }

  /// Where the frame that starts at `offset` ends. Reads headers only.
  static func extent(of bytes: [UInt8], at offset: Int) -> FrameExtent {
    guard offset < bytes.count else { return .incomplete }
    return unsafe bytes.withUnsafeBytes { all in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: all[offset...])
      let size = unsafe ZSTD_findFrameCompressedSize(rest.baseAddress, rest.count)
      if ZSTD_isError(size) != 0 {
        return ZSTD_getErrorCode(size) == ZSTD_error_srcSize_wrong
          ? .incomplete : .invalid(reason: name(of: size))
      }
      let content = unsafe ZSTD_getFrameContentSize(rest.baseAddress, rest.count)
      // The two largest values stand for "unknown" and "error".
      return .whole(compressed: size, content: Int(exactly: content))
    }
  }

  /// The content of one whole frame, which must be exactly `size` bytes. At most that many are
  /// ever written.
  static func decompress(
    _ bytes: [UInt8], in range: Range<Int>, size: Int
  ) throws(ZstdFailure) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count, size >= 0 else {
      throw ZstdFailure(reason: "the frame lies outside the file")
    }
    var status = 0
    let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      status = unsafe bytes.withUnsafeBytes { all in
        let frame = unsafe UnsafeRawBufferPointer(rebasing: all[range])
        return unsafe ZSTD_decompress(buffer.baseAddress, size, frame.baseAddress, frame.count)
      }
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    try check(status)
    guard content.count == size else {
      throw ZstdFailure(reason: "its header says \(size) bytes, it holds \(content.count)")
    }
    return content
  }

  private static func check(_ status: Int) throws(ZstdFailure) {
    if ZSTD_isError(status) != 0 { throw ZstdFailure(reason: name(of: status)) }
  }

  private static func name(of status: Int) -> String {
    unsafe String(cString: ZSTD_getErrorName(status))
  }
}

enum LibC {
  /// The number of this process.
  static var process: Int32 { getpid() }

  static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }

  /// All bytes of a file from its start.
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

  /// Replaces `target`, in one step.
  static func rename(_ source: FilePath, to target: FilePath) throws(Errno) {
    try unsafe check(
      source.withPlatformString { from in
        unsafe target.withPlatformString { to in unsafe Glibc.rename(from, to) }
      })
  }

  /// A second name for a file; fails with `.fileExists` if the name is taken.
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

  /// An advisory lock for this process alone; fails with `.wouldBlock` if another has it.
  static func lock(_ file: FileDescriptor) throws(Errno) {
    try check(flock(file.rawValue, LOCK_EX | LOCK_NB))
  }

  /// Lets go of the lock, also where a child process has inherited the file.
  static func unlock(_ file: FileDescriptor) {
    _ = flock(file.rawValue, LOCK_UN)
  }

  private static func check(_ status: Int32) throws(Errno) {
    if status != 0 { throw Errno(rawValue: errno) }
  }
}

/// The version of the zstd library that is in use.
public func zstdVersion() -> String { unsafe String(cString: ZSTD_versionString()) }
