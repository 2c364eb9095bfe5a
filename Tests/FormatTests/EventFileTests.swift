import Foundation
import TestSupport
import Testing

@testable import Formats

@Suite struct `Event files for TensorBoard` {
  @Test func `carry the checksum that its standard gives for nine digits`() {
    #expect(checksum([UInt8]("123456789".utf8)) == 0xe306_9283)
    // RFC 3720, B.4: 32 bytes of zeros, of ones, and rising.
    #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(checksum([UInt8](repeating: 255, count: 32)) == 0x62a8_ab43)
    #expect(checksum([UInt8](0..<32)) == 0x46dd_794e)
  }

  @Test func `hold their version and then each step's scalars, record by record`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a/b"
    do {
      let file = try EventFile(folder: path, time: 1_700_000_000.5, start: 299)
      try file.add([("a", 1), ("b", .nan), ("cd", -2.5)], step: 300, time: 1_700_000_001)
    }
    let names = try scratch.contents(of: path)
    #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents.1700000000.batchlab."))
    let bytes = try scratch.bytes("a/b/" + names[0])
    // Lengths, each with its masked checksum behind it, and the records.
    var records: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      records.append(Array(rest.dropFirst(12).prefix(length)))
      rest = rest.dropFirst(16 + length)
    }
    #expect(records.count == 3)
    #expect(records[0].suffix(15) == [0x1a, 13] + [UInt8]("brain.Event:2".utf8))
    #expect(records[1].suffix(7) == [0x10, 0xab, 0x02, 0x3a, 2, 8, 1])
    let time: [UInt8] =
      [9] + (0..<8).map { UInt8(truncatingIfNeeded: Double(1_700_000_001).bitPattern >> ($0 * 8)) }
    #expect(
      records[2] == time + [0x10, 0xac, 0x02, 0x2a, 21]
        + [0x0a, 8, 0x0a, 1, 0x61, 0x15, 0, 0, 0x80, 0x3f]
        + [0x0a, 9, 0x0a, 2, 0x63, 0x64, 0x15, 0, 0, 0x20, 0xc0])
  }
}
