import Foundation
import Records

/// Checks the columns of a line as they stand, before it is decoded.
enum RowCheck {
  /// What is wrong with a column of a row, in words; `nil` if nothing is. Missing columns and wrong
  /// types are left to the decoder.
  static func fault(in columns: [String: FlatRow.Value]) -> String? {
    // Another version of the rows is refused by that name.
    guard case .integer(let schema)? = columns["schema"], readableSchemas.contains(schema),
      case .text(let kind)? = columns["kind"]
    else { return nil }
    switch RowKind(rawValue: kind) {
    case .trial: return fault(in: columns, ranges: ColumnRange.trial)
    case .point: return fault(in: columns, ranges: ColumnRange.point)
    case .seal: return faultOfSeal(columns)
    case nil: return nil
    }
  }

  private static func fault(
    in columns: [String: FlatRow.Value], ranges: [String: ColumnRange]
  ) -> String? {
    var fault: (column: String, words: String)?
    for (column, value) in columns {
      guard let words = words(column, value, ranges[column]) else { continue }
      if column < fault?.column ?? "\u{10FFFF}" { fault = (column, words) }
    }
    return fault?.words
  }

  private static func words(
    _ column: String, _ value: FlatRow.Value, _ range: ColumnRange?
  ) -> String? {
    guard let range else { return unknown(column) }
    // A value of another type is the decoder's to refuse.
    let isAllowed =
      switch value {
      case .null: true
      case .bool: range.form != ColumnRange.nothing.form
      case .integer(let integer): range.contains(integer)
      case .number(let number): range.contains(number)
      case .text(let text): range.contains(text)
      }
    return isAllowed ? nil : "'\(column)' is \(value.text), not \(range.form)"
  }

  private static func unknown(_ column: String) -> String {
    "'\(column)' is not a known column; a newer batchlab may have written the row"
  }

  /// In a seal, the columns of data are null.
  private static func faultOfSeal(_ columns: [String: FlatRow.Value]) -> String? {
    let own = Set(Seal.CodingKeys.allCases.map(\.rawValue) + ["kind", "schema"])
    for (column, value) in columns.sorted(by: { $0.key < $1.key }) where !own.contains(column) {
      guard ColumnRange.trial[column] != nil || ColumnRange.point[column] != nil else {
        return unknown(column)
      }
      if case .null = value { continue }
      return "'\(column)' is \(value.text), but a seal has null there"
    }
    return nil
  }

  /// The first column that a JSON object gives twice; `nil` if there is none. Decoders silently take
  /// one of the two.
  ///
  /// - Parameter line: a valid JSON object.
  static func repeatedColumn(in line: [UInt8]) -> String? {
    var seen: Set<String> = []
    var (depth, start, text) = (0, nil as Int?, [] as ArraySlice<UInt8>)
    var isEscaped = false
    for (place, byte) in line.enumerated() {
      if let opening = start {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          text = line[opening...place]
          start = nil
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): start = place
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ":") where depth == 1:
        guard let name = try? JSONDecoder().decode(String.self, from: Data(text)) else { continue }
        if !seen.insert(name).inserted { return name }
      default: break
      }
    }
    return nil
  }
}
