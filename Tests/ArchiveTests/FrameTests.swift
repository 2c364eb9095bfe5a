import Foundation
import Testing

@testable import Archive

struct FrameTests {
  let text = Array(String(repeating: "one line of text\n", count: 200).utf8)

  private func contents(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var walker = FrameWalker(bytes)
    var contents: [[UInt8]] = []
    while case .frame(let frame) = try walker.next() { contents.append(frame.content) }
    return contents
  }

  @Test func `what was compressed comes back at both levels`() throws {
    var bytes = try Zstd.compress(text, level: 3)
    bytes += try Zstd.compress([], level: 19)
    bytes += try Zstd.compress(text, level: 19)
    #expect(try contents(bytes) == [text, [], text])
  }

  @Test func `a stored frame is an ordinary frame`() throws {
    for (content, overhead) in [([1], 13), (text, 14), (text + text, 14)] {
      let frame = try plainFrame(content)
      #expect(try contents(frame) == [content])
      #expect(frame.count == content.count + overhead)
    }
    let long = [UInt8](repeating: 65, count: 100_000)
    #expect(try contents(plainFrame(long)) == [long])
  }

  @Test func `every flipped bit of a stored frame is noticed`() throws {
    for content in [Array("a short line\n".utf8), Array(text.prefix(256)), text] {
      let frame = try plainFrame(content)
      let unnoticed = (0..<frame.count * 8).filter { bit in
        var flipped = frame
        flipped[bit / 8] ^= 1 << (bit % 8)
        return (try? contents(flipped)) == [content]
      }
      #expect(unnoticed.isEmpty)
    }
  }

  @Test func `a frame that claims more than the cap is refused before memory is taken`() throws {
    // Single segment, checksum, 8 bytes of content size: one tebibyte.
    let header: [UInt8] = FrameWalker.magic + [0b1110_0100, 0, 0, 0, 0, 0, 1, 0, 0]
    let block: [UInt8] = [1 | 1 << 1 | 8, 0, 0, 7]  // one byte, repeated
    let fault = #expect(throws: FrameFault.self) { try contents(header + block + [0, 0, 0, 0]) }
    #expect(fault?.reason.contains("claims 1099511627776 bytes") == true)
  }

  @Test func `a wrong content size in a header is refused`() throws {
    var frame = try plainFrame(text)
    frame[5] ^= 1
    let fault = #expect(throws: FrameFault.self) { try contents(frame) }
    #expect(fault?.byte == 0)
  }

  @Test func `a frame of unknown size is refused`() throws {
    // No single segment, content size absent, window of 1 KiB, one stored byte.
    let frame: [UInt8] = FrameWalker.magic + [0b0000_0000, 0, 1 | 1 << 3, 0, 0, 65]
    let fault = #expect(throws: FrameFault.self) { try contents(frame) }
    #expect(fault?.reason.contains("no content size") == true)
  }

  @Test func `a frame without a checksum is refused`() throws {
    let content = Array("abc".utf8)
    let frame: [UInt8] = FrameWalker.magic + [0b0010_0000, 3, 1 | 3 << 3, 0, 0] + content
    #expect(throws: FrameFault.self) { try contents(frame) }
  }

  @Test func `the fault names the byte where the frame begins`() throws {
    let first = try Zstd.compress(text, level: 3)
    var second = first
    second[second.count - 1] ^= 1
    let fault = #expect(throws: FrameFault.self) { try contents(first + second) }
    #expect(fault?.byte == first.count)
    #expect(fault?.reason.contains("checksum") == true)
  }
}
