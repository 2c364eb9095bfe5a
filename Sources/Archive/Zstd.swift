// Calls of zstd, which take pointers: `unsafe` is in this file, in LibC.swift and in Cores.swift,
// and nowhere else in the module. The calls check their bounds and return values.

import CZstd

/// The frame at an offset, as far as its header shows.
enum FrameExtent: Equatable {
  /// A complete frame, with the size of its content if the header has it.
  case whole(compressed: Int, content: Int?)
  /// The bytes end within the frame.
  case incomplete
  case invalid(reason: String)
}

struct ZstdFailure: Error {
  var reason: String
}

enum Zstd {
  static let fastest = 3
  static let smallest = 19

  /// Compresses into one frame with content size and content checksum.
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

  /// Finds the end of the frame that starts at `offset`. Reads headers only.
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

  /// The size of a frame's content that its header claims.
  static func contentSize(of bytes: [UInt8], at offset: Int) -> Int? {
    unsafe bytes.withUnsafeBytes { all in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: all[offset...])
      return Int(exactly: unsafe ZSTD_getFrameContentSize(rest.baseAddress, rest.count))
    }
  }

  /// Returns the content of one whole frame, which must have exactly `size` bytes. No more than
  /// that are ever written.
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

/// Version of the zstd library in use.
public func zstdVersion() -> String { unsafe String(cString: ZSTD_versionString()) }
