/// Largest content of a frame that is written or read, in bytes: a header that claims more is
/// refused before any memory is taken.
let largestFrame = 1 << 28
/// Content of a frame of a sealed file, in bytes; several frames in a file are fine for every
/// reader.
let sealedFrame = 1 << 23

/// What is wrong at a byte of a file.
struct FrameFault: Error, Equatable {
  var byte: Int
  var reason: String
}

/// One zstd frame and where it stands in its file.
struct Frame {
  var range: Range<Int>
  var content: [UInt8]

  var endsWithinLine: Bool { content.last != newline }

  /// Every line without its end, one at a time: a list of them would take many times the memory
  /// of a content that is all line ends.
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

/// Walks over the frames of a file that is in memory, one content at a time.
struct FrameWalker {
  enum Step {
    case frame(Frame)
    /// The bytes from here on are the beginning of a frame.
    case torn
    case end
  }

  static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next frame. Throws on anything that is neither a whole frame nor the beginning of one.
  mutating func next() throws(FrameFault) -> Step {
    if offset == bytes.count { return .end }
    guard bytes[offset...].prefix(4).elementsEqual(Self.magic.prefix(bytes.count - offset)) else {
      throw fault("no zstd frame begins here")
    }
    let range: Range<Int>
    let size: Int
    switch Zstd.extent(of: bytes, at: offset) {
    case .incomplete: return .torn
    case .invalid(let reason): throw fault(reason)
    case .whole(let compressed, let content):
      range = offset..<offset + compressed
      guard let content else { throw fault("the frame does not say how large its content is") }
      size = content
    }
    guard size <= largestFrame else {
      throw fault("the frame claims \(size) bytes, more than the \(largestFrame) allowed")
    }
    // Bits 4 and 3 of the descriptor mean nothing, bit 2 announces a checksum, bits 1 and 0 a
    // dictionary. Nothing is written that differs from this.
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

  /// Where the next whole and sound frame after `offset` begins; if there is one, what stands at
  /// `offset` was not torn off but damaged.
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

  /// Hands out all whole and sound frames, one at a time, and returns the stretches of bytes
  /// between them that are none.
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

/// A frame whose content is stored as it is, so that no bit of it can change unnoticed: in a
/// compressed frame a match may point at another copy of the same text.
///
/// The checksum is taken from a compressed frame of the same content. At most 128 KiB.
func plainFrame(_ content: [UInt8]) throws(ZstdFailure) -> [UInt8] {
  let compressed = try Zstd.compress(content, level: Zstd.fastest)
  guard content.count <= 1 << 17, !content.isEmpty else {
    throw ZstdFailure(reason: "a stored block holds 1 to 131072 bytes")
  }
  // Single segment, checksum, content size in as few bytes as the format has for it: then a
  // flipped size of the size field can't stand for the same number. One last, stored block.
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
