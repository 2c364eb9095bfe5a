/// Largest content of a frame, in bytes. A frame whose header claims more is refused before memory
/// is allocated for it.
let largestFrame = 1 << 28
/// Content of a frame in a sealed file, in bytes. All readers accept files of several frames.
let sealedFrame = 1 << 23

/// A fault at a byte of a file.
struct FrameFault: Error, Equatable {
  var byte: Int
  var reason: String
}

/// One zstd frame and its range in the file.
struct Frame {
  var range: Range<Int>
  var content: [UInt8]

  var endsWithinLine: Bool { content.last != newline }

  /// Calls `body` with every line, without its line end. A list of all lines could take many times
  /// the memory of the content, which may be all line ends.
  func forEachLine<Failure: Error>(
    _ body: (ArraySlice<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    while let end = content[start...].firstIndex(of: newline) {
      try body(content[start..<end])
      start = end + 1
    }
  }
}

/// Walks over the frames of a file in memory, one at a time.
struct FrameWalker {
  enum Step {
    case frame(Frame)
    /// The remaining bytes are the start of a frame.
    case torn
    case end
  }

  static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Returns the next frame. Throws if the bytes are neither a whole frame nor the start of one.
  mutating func next() throws(FrameFault) -> Step {
    if offset == bytes.count { return .end }
    guard bytes[offset...].prefix(4).elementsEqual(Self.magic.prefix(bytes.count - offset)) else {
      throw fault("no zstd frame starts here")
    }
    let range: Range<Int>
    let size: Int
    switch Zstd.extent(of: bytes, at: offset) {
    case .incomplete: return .torn
    case .invalid(let reason): throw fault(reason)
    case .whole(let compressed, let content):
      range = offset..<offset + compressed
      guard let content else { throw fault("the frame's header has no content size") }
      size = content
    }
    guard size <= largestFrame else {
      throw fault("the frame claims \(size) bytes, more than the \(largestFrame) allowed")
    }
    // Bits 4 and 3 of the descriptor are unused, bit 2 announces a checksum, bits 1 and 0 a
    // dictionary. Every frame that we write has these values.
    guard bytes[offset + 4] & 0b1_1111 == 0b0_0100 else {
      throw fault("the frame has no content checksum or a header of another writer")
    }
    do {
      let content = try Zstd.decompress(bytes, in: range, size: size)
      offset = range.upperBound
      return .frame(Frame(range: range, content: content))
    } catch {
      throw fault(error.reason)
    }
  }

  private func fault(_ reason: String) -> FrameFault { FrameFault(byte: offset, reason: reason) }

  /// Finds the start of the next whole and sound frame after `offset`. If there is one, the frame
  /// at `offset` was not cut short but damaged.
  func nextFrame(after offset: Int) -> Int? {
    guard offset + 1 < bytes.count else { return nil }
    return (offset + 1..<bytes.count).first { start in
      guard bytes[start] == Self.magic[0], bytes[start...].prefix(4).elementsEqual(Self.magic)
      else { return false }
      var walker = self
      walker.offset = start
      if case .frame = try? walker.next() { return true }
      return false
    }
  }

  /// Calls `body` with every whole and sound frame, and returns the byte ranges between them.
  mutating func salvage(_ body: (Frame) -> Void) -> [Range<Int>] {
    var lost: [Range<Int>] = []
    while offset < bytes.count {
      if case .frame(let frame) = try? next() {
        body(frame)
      } else {
        let end = nextFrame(after: offset) ?? bytes.count
        lost.append(offset..<end)
        offset = end
      }
    }
    return lost
  }
}

/// Returns a frame whose content is stored uncompressed, so that no flipped bit goes unnoticed: in
/// a compressed frame a match could point at another copy of the same text.
///
/// The checksum is that of a compressed frame of the same content. At most 128 KiB.
func plainFrame(_ content: [UInt8]) throws(ZstdFailure) -> [UInt8] {
  let compressed = try Zstd.compress(content, level: Zstd.fastest)
  guard content.count <= 1 << 17, !content.isEmpty else {
    throw ZstdFailure(reason: "a stored block holds 1 to 131072 bytes")
  }
  // Single segment, checksum, and the content size in as few bytes as the format allows, so that a
  // flipped size of the size field can't give the same number. One stored block, the last.
  let (descriptor, size): (UInt8, [UInt8]) =
    switch content.count {
    case ..<256: (0b0010_0100, littleEndian(content.count, bytes: 1))
    case ..<65792: (0b0110_0100, littleEndian(content.count - 256, bytes: 2))
    default: (0b1010_0100, littleEndian(content.count, bytes: 4))
    }
  let header = content.count << 3 | 1
  let block = littleEndian(header, bytes: 3)
  return FrameWalker.magic + [descriptor] + size + block + content + compressed.suffix(4)
}

private func littleEndian(_ value: Int, bytes: Int) -> [UInt8] {
  (0..<bytes).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}
