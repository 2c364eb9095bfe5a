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
  /// The effort left for finding frames, in bytes of content that turn out unsound. Without a limit,
  /// bytes could be crafted so that each of them seems to start a long frame.
  private var effort = 1 << 28
  var isExhausted: Bool { effort < 16 }

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
  mutating func nextFrame(after offset: Int) -> Int? {
    guard offset + 1 < bytes.count else { return nil }
    for start in offset + 1..<bytes.count where bytes[start] == Self.magic[0] {
      guard bytes[start...].prefix(4).elementsEqual(Self.magic) else { continue }
      var blocks = BlockWalker(bytes, at: start)
      let end = blocks.end(most: effort / 16)
      effort -= blocks.count * 16
      if isExhausted { return nil }
      guard end != nil else { continue }
      var walker = self
      walker.offset = start
      if case .frame = try? walker.next() { return start }
      effort -= Zstd.contentSize(of: bytes, at: start).map { min($0, largestFrame) } ?? 0
    }
    return nil
  }

  /// The frame at `offset`, which seems truncated, with one header byte changed, if that makes it
  /// whole and sound and ends it exactly at the last byte. Such a frame is damaged, not truncated: a
  /// truncated one lacks its last bytes.
  ///
  /// - Throws: if the bytes were crafted to make this take long.
  func mended() throws(FrameFault) -> [UInt8]? {
    var tail = Array(bytes[offset...])
    // In bytes that are read or made.
    var effort = 1 << 30
    /// The frame with a byte changed; the blocks are walked from a header on, which `before` others
    /// precede.
    func mended(at place: Int, from start: Int?, before: Int = 0) throws(FrameFault) -> [UInt8]? {
      guard place < tail.count else { return nil }
      let old = tail[place]
      defer { tail[place] = old }
      for new in UInt8.min ... .max where new != old {
        tail[place] = new
        var blocks = BlockWalker(tail, at: 0, from: start)
        let end = blocks.end(most: effort / 16)
        effort -= 16 * (blocks.count + 1)
        let content = Zstd.contentSize(of: tail, at: 0).map { min($0, largestFrame) } ?? 0
        // A changed byte of the size may ask for more than so many blocks can hold, 128 KiB each.
        let isPossible = end == tail.count && content >> 17 <= before + blocks.count
        if isPossible { effort -= tail.count + content }
        guard effort > 0 else {
          throw fault("the last frame is truncated or damaged, and there is no telling which")
        }
        guard isPossible else { continue }
        var walker = FrameWalker(tail)
        if case .frame = try? walker.next() { return tail }
      }
      return nil
    }
    // A descriptor, the size of a window and that of the content follow the four bytes of the mark.
    for place in 4..<14 {
      if let frame = try mended(at: place, from: nil) { return frame }
    }
    var blocks = BlockWalker(tail, at: 0)
    _ = blocks.end(most: .max)
    for (before, start) in blocks.starts.enumerated() {
      for place in start..<start + 3 {
        if let frame = try mended(at: place, from: start, before: before) { return frame }
      }
    }
    return nil
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

/// Walks over the headers of a frame's blocks.
private struct BlockWalker {
  private let bytes: [UInt8]
  private var place: Int
  /// The places of the headers so far.
  private(set) var starts: [Int] = []
  private(set) var count = 0

  /// - Parameters:
  ///   - start: of the frame, whose header has a checksum and no dictionary.
  ///   - header: of the block to begin with, if it is not the first.
  init(_ bytes: [UInt8], at start: Int, from header: Int? = nil) {
    self.bytes = bytes
    if let header {
      place = header
      return
    }
    guard start + 4 < bytes.count else {
      place = bytes.count
      return
    }
    let descriptor = bytes[start + 4]
    let isSingle = descriptor & 0b10_0000 != 0
    let size = [isSingle ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
    place = start + 5 + (isSingle ? 0 : 1) + size
  }

  /// The end of the frame; `nil` if the bytes end before, or the frame has more than `most` blocks.
  mutating func end(most: Int) -> Int? {
    while count < most, place + 3 <= bytes.count {
      let header = Int(bytes[place]) | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]) << 16
      starts.append(place)
      count += 1
      // A block of one repeated byte has only that.
      place += 3 + (header >> 1 & 3 == 1 ? 1 : header >> 3)
      if header & 1 == 1 { return place + 4 <= bytes.count ? place + 4 : nil }
    }
    return nil
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
