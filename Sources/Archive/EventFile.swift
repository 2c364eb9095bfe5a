import SystemPackage

/// Numbers along a run as a file that TensorBoard reads (`events.out.tfevents.…`).
///
/// Each record is its length, a checksum of that, a protocol buffer `Event` and a checksum of it,
/// appended as it comes; a reader may follow while it is written. A run that goes on later adds a
/// file of its own to the folder, which takes back what others hold of the steps after it.
public final class EventFile {
  private let path: FilePath
  private let file: FileDescriptor

  /// - Parameters:
  ///   - folder: of the run; made where it is missing.
  ///   - time: seconds since 1970, part of the name.
  ///   - process: tells files of the same second apart.
  ///   - start: the first step of a run that goes on; `nil`: it begins.
  public init(
    folder: String, time: Double, process: Int, start: Int? = nil
  ) throws(ArchiveError) {
    let folder = FilePath(folder)
    try folder.makeFolders()
    path = folder.appending("events.out.tfevents.\(Int(time)).batchlab.\(process)")
    do {
      file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .append], permissions: .archive)
    } catch {
      throw path.failure("write", error as? Errno ?? .ioError)
    }
    try append(Event(time: time, content: .version).bytes)
    if let start { try append(Event(time: time, step: start, content: .start).bytes) }
  }

  deinit { try? file.close() }

  /// Appends scalars of one step, by their tags; what is not finite is left out.
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
    do {
      try file.writeAll(record)
    } catch {
      throw path.failure("write", error as? Errno ?? .ioError)
    }
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

/// CRC-32C (polynomial 0x1EDC6F41, reflected), rotated and shifted as TFRecord files have it.
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
