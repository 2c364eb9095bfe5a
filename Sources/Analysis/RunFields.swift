internal import Records

/// The fields of the records of a table, and how its numbers are written.
struct RunFields {
  let columns: RunColumns
  /// By the place of a column; with a decimal point if not said.
  private var marks: [Int: WrittenNumber.DecimalMark] = [:]

  /// - Parameter separator: with `;`, a comma may be a decimal mark.
  init(
    _ columns: RunColumns, records: [DelimitedRecord], separator: Unicode.Scalar
  ) throws(RunTableError) {
    self.columns = columns
    guard separator == ";" else {
      for column in [RunColumn.batch, .numEnvs, .numSteps] {
        if let place = columns[column] { try Self.checkPoints(of: place, in: records, of: columns) }
      }
      return
    }
    for place in columns.places.filter({ $0.key != .task }).values.sorted() {
      marks[place] = try Self.decimalMark(of: place, in: records, of: columns)
    }
  }

  /// Words in place of a number that is not there; among them what BatchLab prints itself.
  private static let absent: Set<String> = [
    "", "nan", "na", "n/a", "null", "none", "inf", "+inf", "infinity", "∞", "-", "–", "not reached",
  ]

  static func isAbsent(_ field: String) -> Bool {
    // No such word begins with a digit.
    if let first = field.utf8.first, (48...57).contains(first) { return false }
    return absent.contains(field.lowercased())
  }

  /// A number that is positive and between 1e-100 and 1e100, so that no product overflows; `nil` if
  /// there is none.
  ///
  /// - Parameter allowsZero: whether 0 is read, too.
  func positive(
    _ column: RunColumn, _ record: DelimitedRecord, allowsZero: Bool = false
  ) throws(RunTableError) -> Double? {
    guard let field = text(column, record), !Self.isAbsent(field), let place = columns[column]
    else { return nil }
    func refusal(_ expected: String) -> RunTableError {
      error(record, .value(column: columns.title(column), expected: expected, found: field))
    }
    if marks[place] ?? .point == .point, let value = WrittenNumber.plainValue(field),
      (1e-100...1e100).contains(value)
    {
      return value
    }
    guard let number = number(field, at: place) else {
      throw WrittenNumber(field, decimalMark: .comma) == nil
        ? refusal("a positive number")
        : error(record, .decimalComma(column: columns.title(column), found: field))
    }
    if allowsZero, number.value == 0 { return 0 }
    if let value = number.value, value <= 0 { throw refusal("a positive number") }
    guard let value = number.value, (1e-100...1e100).contains(value) else {
      throw refusal("a number between 1e-100 and 1e100")
    }
    return value
  }

  func number(_ field: String, at place: Int) -> WrittenNumber? {
    WrittenNumber(field, decimalMark: marks[place] ?? .point)
  }

  /// The field as written; `nil` if it is empty or there is no such column.
  func text(_ column: RunColumn, _ record: DelimitedRecord) -> String? {
    guard let place = columns[column], record.fields.indices.contains(place),
      !record.fields[place].isEmpty
    else { return nil }
    return record.fields[place]
  }

  /// Refuses whole numbers with a point that may group thousands, such as 1.024, unless another
  /// number shows that it is decimal, such as 16.0.
  private static func checkPoints(
    of place: Int, in records: [DelimitedRecord], of columns: RunColumns
  ) throws(RunTableError) {
    let pointed = records.filter {
      $0.fields.indices.contains(place) && $0.fields[place].utf8.contains(UInt8(ascii: "."))
    }
    guard let first = pointed.first,
      pointed.allSatisfy({ WrittenNumber($0.fields[place], decimalMark: .comma) != nil })
    else { return }
    throw columns.error(
      first, .unclearNumber(column: columns.header.fields[place], found: first.fields[place]))
  }

  /// How the numbers of a column are written. A number that can be read in one way only settles it
  /// for all.
  private static func decimalMark(
    of place: Int, in records: [DelimitedRecord], of columns: RunColumns
  ) throws(RunTableError) -> WrittenNumber.DecimalMark {
    var clear: (mark: WrittenNumber.DecimalMark, field: String)?
    var open: (record: DelimitedRecord, field: String)?
    let column = columns.header.fields[place]
    for record in records where record.fields.indices.contains(place) {
      let field = record.fields[place]
      let (point, comma) = (
        WrittenNumber(field), WrittenNumber(field, decimalMark: .comma)
      )
      guard point != comma else { continue }
      if point != nil, comma != nil {
        open = open ?? (record, field)
        continue
      }
      let mark: WrittenNumber.DecimalMark = point == nil ? .comma : .point
      if let clear, clear.mark != mark {
        throw columns.error(record, .twoMarks(column: column, first: clear.field, second: field))
      }
      clear = clear ?? (mark, field)
    }
    if clear == nil, let open {
      throw columns.error(open.record, .unclearNumber(column: column, found: open.field))
    }
    return clear?.mark ?? .point
  }

  func error(
    _ record: DelimitedRecord, _ problem: RunTableError.Problem
  ) -> RunTableError {
    columns.error(record, problem)
  }
}
