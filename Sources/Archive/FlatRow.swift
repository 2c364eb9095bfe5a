import Foundation

/// A fast decoder for rows as archives write them: one JSON object without spaces or repeated keys,
/// whose values are plain ASCII texts, numbers, `true`, `false` and `null`.
///
/// Foundation's decoder builds a table of all columns for each part of a row, which takes most of
/// the time of reading an archive; this one builds it once. Any other JSON, and every error, is
/// left to Foundation's decoder.
struct FlatRow {
  enum Value {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
  }

  /// The row must be decoded by Foundation.
  struct Unusual: Error {}

  let columns: [String: Value]

  /// `nil` if the line has any other form.
  init?(_ line: [UInt8]) {
    var columns: [String: Value] = [:]
    columns.reserveCapacity(96)
    var reader = FlatReader(bytes: line)
    guard reader.takes("{") else { return nil }
    repeat {
      guard let key = reader.text(), reader.takes(":"), let value = reader.value(),
        columns.updateValue(value, forKey: key) == nil
      else { return nil }
    } while reader.takes(",")
    guard reader.takes("}"), reader.isAtEnd else { return nil }
    self.columns = columns
  }

  /// The columns of a line in any form.
  static func columns(of line: [UInt8]) throws -> [String: Value] {
    if let row = FlatRow(line) { return row.columns }
    return try JSONDecoder().decode([String: Value].self, from: Data(line))
  }

  func decode<Row: Decodable>(_ type: Row.Type) throws -> Row {
    try Row(from: FlatDecoder(columns: columns))
  }
}

extension FlatRow.Value: Decodable {
  init(from decoder: any Decoder) throws {
    let cell = try decoder.singleValueContainer()
    if cell.decodeNil() {
      self = .null
    } else if let bool = try? cell.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? cell.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? cell.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try cell.decode(String.self))
    }
  }

  /// The value as a field of a table; empty for null.
  var text: String {
    switch self {
    case .null: ""
    case .bool(let bool): "\(bool)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .text(let text): text
    }
  }
}

/// Walks over the bytes of a line.
private struct FlatReader {
  let bytes: [UInt8]
  private var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  mutating func takes(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func takes(_ word: StaticString, count: Int) -> Bool {
    let end = place + count
    guard end <= bytes.count, word.description.utf8.elementsEqual(bytes[place..<end]) else {
      return false
    }
    place = end
    return true
  }

  /// A text of printable ASCII without escapes.
  mutating func text() -> String? {
    guard takes("\"") else { return nil }
    let start = place
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        return String(decoding: bytes[start..<place - 1], as: UTF8.self)
      case UInt8(ascii: "\\"), ..<0x20, 0x7F...: return nil
      default: place += 1
      }
    }
    return nil
  }

  mutating func value() -> FlatRow.Value? {
    switch next {
    case UInt8(ascii: "\""): text().map { .text($0) }
    case UInt8(ascii: "n"): takes("null", count: 4) ? .null : nil
    case UInt8(ascii: "t"): takes("true", count: 4) ? .bool(true) : nil
    case UInt8(ascii: "f"): takes("false", count: 5) ? .bool(false) : nil
    default: number()
    }
  }

  private mutating func digits() -> Int {
    let start = place
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { place += 1 }
    return place - start
  }

  /// A JSON number: an integer that fits, or a normal floating-point number.
  private mutating func number() -> FlatRow.Value? {
    let start = place
    let isNegative = takes("-")
    let isZero = next == UInt8(ascii: "0")
    let count = digits()
    guard count > 0, count == 1 || !isZero else { return nil }
    var isWhole = true
    if takes(".") {
      isWhole = false
      guard digits() > 0 else { return nil }
    }
    if takes("e") || takes("E") {
      isWhole = false
      if !takes("-") { _ = takes("+") }
      guard digits() > 0 else { return nil }
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole {
      guard !(isZero && isNegative) else { return nil }
      return Int(text).map { .integer($0) }
    }
    guard let number = Double(text), number.isNormal else { return nil }
    return .number(number)
  }
}

/// Decodes the columns of a row from one table.
private struct FlatDecoder: Decoder {
  let columns: [String: FlatRow.Value]
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(FlatColumns(columns: columns))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw FlatRow.Unusual() }
  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    throw FlatRow.Unusual()
  }
}

private struct FlatColumns<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let columns: [String: FlatRow.Value]
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { columns.keys.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { columns[key.stringValue] != nil }

  private func cell(_ key: Key) throws -> FlatCell {
    guard let value = columns[key.stringValue] else { throw FlatRow.Unusual() }
    return FlatCell(value: value)
  }

  func decodeNil(forKey key: Key) throws -> Bool { try cell(key).decodeNil() }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try cell(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try cell(key).decode(type) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try cell(key).decode(type) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try cell(key).decode(type) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try cell(key).decode(type) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try cell(key).whole() }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try cell(key).whole() }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try cell(key).whole() }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try cell(key).whole() }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try cell(key).whole() }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try cell(key).whole() }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try cell(key).whole() }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try cell(key).whole() }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try cell(key).whole() }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try cell(key).decode(type)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> { throw FlatRow.Unusual() }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw FlatRow.Unusual()
  }
  func superDecoder() throws -> any Decoder { throw FlatRow.Unusual() }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw FlatRow.Unusual() }
}

/// One value of a row.
private struct FlatCell: Decoder, SingleValueDecodingContainer {
  let value: FlatRow.Value
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw FlatRow.Unusual()
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw FlatRow.Unusual() }
  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool {
    if case .null = value { true } else { false }
  }
  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let bool) = value else { throw FlatRow.Unusual() }
    return bool
  }
  func decode(_ type: String.Type) throws -> String {
    guard case .text(let text) = value else { throw FlatRow.Unusual() }
    return text
  }
  func decode(_ type: Double.Type) throws -> Double {
    switch value {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: throw FlatRow.Unusual()
    }
  }
  func decode(_ type: Float.Type) throws -> Float { throw FlatRow.Unusual() }
  func decode(_ type: Int.Type) throws -> Int { try whole() }
  func decode(_ type: Int8.Type) throws -> Int8 { try whole() }
  func decode(_ type: Int16.Type) throws -> Int16 { try whole() }
  func decode(_ type: Int32.Type) throws -> Int32 { try whole() }
  func decode(_ type: Int64.Type) throws -> Int64 { try whole() }
  func decode(_ type: UInt.Type) throws -> UInt { try whole() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try whole() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try whole() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try whole() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try whole() }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }

  func whole<Integer: FixedWidthInteger>() throws -> Integer {
    guard case .integer(let integer) = value, let whole = Integer(exactly: integer) else {
      throw FlatRow.Unusual()
    }
    return whole
  }
}
