public import Archive

/// Numbers along a run as a file that TensorBoard reads (`events.out.tfevents.…`).
///
/// A record is its length, the length's checksum, a protocol buffer `Event` and its checksum.
/// Records are appended one by one, so readers can follow a run. A resumed run adds another file to
/// the folder, which replaces the later steps of earlier files.
public final class EventFile {
  private let file: AppendedFile

  /// - Parameters:
  ///   - folder: the run's folder; created if it is missing.
  ///   - time: seconds since 1970, part of the name.
  ///   - start: the first step of a resumed run; `nil` if the run starts from scratch.
  public init(
    folder: String, time: Double, start: Int? = nil
  ) throws(ArchiveError) {
    // Neither a second nor a process id tells files of different containers apart.
    let number = UInt32.random(in: 0 ... .max)
    file = try AppendedFile(
      "\(folder)/events.out.tfevents.\(Int(time)).batchlab.\(number)")
    try append(Event(time: time, content: .version).bytes)
    if let start { try append(Event(time: time, step: start, content: .start).bytes) }
  }

  /// Appends the scalars of one step, by their tags. Values that are not finite are left out.
  public func add(
    _ scalars: [(tag: String, value: Double)], step: Int, time: Double
  ) throws(ArchiveError) {
    let known = scalars.filter(\.value.isFinite)
    try append(Event(time: time, step: step, content: .scalars(known)).bytes)
  }

  private func append(_ event: [UInt8]) throws(ArchiveError) {
    var record: [UInt8] = []
    record.append(littleEndian: UInt64(event.count))
    record.append(littleEndian: maskedChecksum(record))
    record += event
    record.append(littleEndian: maskedChecksum(event))
    try file.append(record)
  }
}

/// TensorFlow's protocol buffer: wall_time = 1, step = 2, file_version = 3, summary = 5, in which
/// each value = 1 has tag = 1 and simple_value = 2, and session_log = 7, whose status = 1 is 1 at
/// a start.
private struct Event {
  enum Content {
    case version
    case start
    case scalars([(tag: String, value: Double)])
  }

  var time: Double
  var step = 0
  var content: Content

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(field: 1, fixed: time.bitPattern)
    bytes.append(field: 2, varint: UInt64(max(step, 0)))
    switch content {
    case .version: bytes.append(field: 3, [UInt8]("brain.Event:2".utf8))
    case .start: bytes.append(field: 7, [8, 1])
    case .scalars(let scalars):
      var summary: [UInt8] = []
      for scalar in scalars {
        var value: [UInt8] = []
        value.append(field: 1, [UInt8](scalar.tag.utf8))
        value.append(field: 2, fixed: Float(scalar.value).bitPattern)
        summary.append(field: 1, value)
      }
      bytes.append(field: 5, summary)
    }
    return bytes
  }
}

extension [UInt8] {
  mutating func append(littleEndian word: some FixedWidthInteger) {
    for shift in stride(from: 0, to: word.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }

  fileprivate mutating func append(varint: UInt64) {
    var rest = varint
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  fileprivate mutating func append(field: UInt64, varint: UInt64) {
    append(varint: field << 3)
    append(varint: varint)
  }

  fileprivate mutating func append(field: UInt64, fixed word: some FixedWidthInteger) {
    append(varint: field << 3 | (word.bitWidth == 64 ? 1 : 5))
    append(littleEndian: word)
  }

  fileprivate mutating func append(field: UInt64, _ content: [UInt8]) {
    append(varint: field << 3 | 2)
    append(varint: UInt64(content.count))
    append(contentsOf: content)
  }
}

/// CRC-32C (polynomial 0x1EDC6F41, reflected), rotated and offset as in TFRecord files.
private func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
  let sum = checksum(bytes)
  return (sum >> 15 | sum << 17) &+ 0xa282_ead8
}

/// CRC-32C; of "123456789" it is 0xE3069283.
func checksum(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~0) { sum, byte in
    sum >> 8 ^ checksumTable[Int(UInt8(truncatingIfNeeded: sum) ^ byte)]
  }
}

private let checksumTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { word, _ in word >> 1 ^ (word & 1 == 1 ? 0x82f6_3b78 : 0) }
}
