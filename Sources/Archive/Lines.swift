import Foundation
import Records

let newline = UInt8(ascii: "\n")

/// JSON in a fixed form: sorted keys, on one line, without a newline at the end.
func canonicalJSON(_ value: some Encodable, trial: String) throws(ArchiveError) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  do {
    return [UInt8](try encoder.encode(value))
  } catch EncodingError.invalidValue(let value, let context) {
    let column = context.codingPath.map(\.stringValue).joined(separator: ".")
    throw .unwritable(trial: trial, reason: "\(column) is \(value), not a finite number")
  } catch {
    throw .unwritable(trial: trial, reason: "\(error)")
  }
}

/// The kinds of rows, in the column `kind`.
enum RowKind: String, Codable {
  case trial, point, seal
}

/// The last line of a sealed file. It shows that nothing is missing.
struct Seal: Codable, Hashable {
  /// Rows of this file before the seal.
  var rows: Int
  /// Distinct trials of the study.
  var trials: Int
  /// The study's digest.
  var digest: String
  /// SHA-256 of the bytes of this file before the seal's frame.
  var framesDigest: String

  enum CodingKeys: String, CodingKey, CaseIterable {
    case rows, trials, digest
    case framesDigest = "frames_digest"
  }
}

private enum FrontKeys: String, CodingKey { case kind, schema }

private struct Column: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// A row of data. The columns of the seal are null.
struct DataLine<Row: Encodable>: Encodable {
  var kind: RowKind
  var schema: Int
  var row: Row

  func encode(to encoder: any Encoder) throws {
    var front = encoder.container(keyedBy: FrontKeys.self)
    try front.encode(kind, forKey: .kind)
    try front.encode(schema, forKey: .schema)
    var seal = encoder.container(keyedBy: Seal.CodingKeys.self)
    for key in Seal.CodingKeys.allCases { try seal.encodeNil(forKey: key) }
    try row.encode(to: encoder)
  }
}

/// A seal. The columns of data are null.
struct SealLine: Encodable {
  var seal: Seal
  /// Names of the columns of a data row of the same file.
  var columns: [String]

  func encode(to encoder: any Encoder) throws {
    var nulls = encoder.container(keyedBy: Column.self)
    for column in columns { try nulls.encodeNil(forKey: Column(column)) }
    var front = encoder.container(keyedBy: FrontKeys.self)
    try front.encode(RowKind.seal, forKey: .kind)
    try front.encode(schemaVersion, forKey: .schema)
    try seal.encode(to: encoder)
  }
}

/// The names of the columns of an encoded line.
struct ColumnNames: Decodable {
  var names: [String]
  init(from decoder: any Decoder) throws {
    names = try decoder.container(keyedBy: Column.self).allKeys.map(\.stringValue)
  }
}

/// A decoded line.
enum ArchivedLine: Decodable {
  case trial(TrialRow)
  case point(CurveRow)
  case seal(Seal)

  init(from decoder: any Decoder) throws {
    let front = try decoder.container(keyedBy: FrontKeys.self)
    let schema = try front.decode(Int.self, forKey: .schema)
    guard readableSchemas.contains(schema) else {
      throw DecodingError.dataCorruptedError(
        forKey: .schema, in: front,
        debugDescription:
          "is \(schema), this version reads \(readableSchemas.lowerBound) to \(schemaVersion)")
    }
    switch try front.decode(RowKind.self, forKey: .kind) {
    case .trial:
      let row = try TrialRow(from: decoder)
      guard row.schema == schema else {
        throw DecodingError.dataCorruptedError(
          forKey: .schema, in: front,
          debugDescription: "is \(schema), but the columns are those of \(row.schema)")
      }
      self = .trial(row)
    case .point: self = .point(try CurveRow(from: decoder))
    case .seal: self = .seal(try Seal(from: decoder))
    }
  }

  /// Whether a line is a point of a curve, without decoding it. A text within the line can't look
  /// like this, because its quotes are escaped.
  static func isPoint(_ line: ArraySlice<UInt8>) -> Bool {
    line.indices.contains { line[$0] == pointMark[0] && line[$0...].starts(with: pointMark) }
  }

  /// Reads one line. A failure says what is wrong with it.
  static func read(_ line: some Sequence<UInt8>) -> Result<ArchivedLine, LineFault> {
    let line = [UInt8](line)
    if let row = FlatRow(line), RowCheck.fault(in: row.columns) == nil,
      let read = try? row.decode(ArchivedLine.self), read.contradiction == nil
    {
      return .success(read)
    }
    return readAnything(line)
  }

  /// The same, by Foundation's decoder alone.
  static func readAnything(_ line: [UInt8]) -> Result<ArchivedLine, LineFault> {
    do {
      let columns = try JSONDecoder().decode([String: FlatRow.Value].self, from: Data(line))
      if let column = RowCheck.repeatedColumn(in: line) {
        return .failure(LineFault(reason: "'\(column)' is given twice"))
      }
      if let reason = RowCheck.fault(in: columns) { return .failure(LineFault(reason: reason)) }
      let read = try JSONDecoder().decode(ArchivedLine.self, from: Data(line))
      if let reason = read.contradiction { return .failure(LineFault(reason: reason)) }
      return .success(read)
    } catch let error as DecodingError {
      return .failure(LineFault(error))
    } catch {
      return .failure(LineFault(reason: "\(error)"))
    }
  }

  private var contradiction: String? {
    if case .trial(let row) = self { row.contradiction } else { nil }
  }
}

extension ArchivedLine {
  /// Reads lines on all cores and returns them in order. Decoding takes most of the time of reading
  /// an archive.
  static func readAll(_ lines: [ArraySlice<UInt8>]) -> [Result<ArchivedLine, LineFault>] {
    onAllCores(lines) { read($0) }
  }
}

private let pointMark = Array(#""kind":"point""#.utf8)

/// What is wrong with a line, in words.
struct LineFault: Error {
  var reason: String

  init(reason: String) { self.reason = reason }

  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      reason = "'\((context.codingPath + [key]).dotted)' is missing"
    case .valueNotFound(_, let context):
      reason = "'\(context.codingPath.dotted)' is null"
    case .typeMismatch(_, let context) where context.codingPath.isEmpty:
      reason = "not a mapping of keys to values"
    case .typeMismatch(let type, let context):
      reason = "'\(context.codingPath.dotted)' is not a \(type)"
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      reason = "not a JSON object"
    case .dataCorrupted(let context):
      reason = "'\(context.codingPath.dotted)': \(context.debugDescription)"
    @unknown default:
      reason = "\(error)"
    }
  }
}

extension [any CodingKey] {
  /// The path of a column, such as `tasks.0.task`.
  var dotted: String {
    map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }
}
