/// A record of delimited text, with the number of the line on which it begins, from 1.
struct DelimitedRecord {
  var line: Int
  var fields: [String]

  /// Whether it says nothing: it is empty, or of separators only, or a rule such as `|---|:--|`.
  var isBlank: Bool {
    // The first character usually decides.
    guard fields.allSatisfy({ $0.allSatisfy { ",;|\t-:+=".contains($0) } }) else { return false }
    return fields.contains { $0.contains("--") || $0.contains(":-") || $0.contains("-:") }
      || fields.allSatisfy { $0.allSatisfy { ",;|\t".contains($0) } }
  }
}

/// Separated values as in RFC 4180: fields may be quoted, a quote inside is doubled, lines end in
/// LF, CRLF or CR, and a byte-order mark is skipped. Space around a field is dropped.
struct DelimitedText {
  /// Those that are tried, the usual one first.
  static let separators: [Unicode.Scalar] = [",", ";", "\t", "|"]

  private var scalars: String.UnicodeScalarView.SubSequence
  private var line = 1
  private let name: String
  let separator: Unicode.Scalar

  init(_ text: String, name: String, separator: Unicode.Scalar = ",") {
    (self.name, self.separator) = (name, separator)
    scalars = text.unicodeScalars[...]
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
  }

  /// The next record that is not blank; `nil` at the end of the text.
  mutating func next() throws(RunTableError) -> DelimitedRecord? {
    while !scalars.isEmpty {
      let record = try self.record()
      if !record.isBlank { return record }
    }
    return nil
  }

  /// Skips a first line such as `sep=;`, which tells Excel the separator, and returns that.
  mutating func skipSeparatorLine() -> Unicode.Scalar? {
    let line = firstLine.filter { $0 != "\"" && $0 != " " }
    guard line.lowercased().hasPrefix("sep="),
      let separator = line.unicodeScalars.dropFirst(4).first,
      Self.separators.contains(separator)
    else { return nil }
    _ = try? record()
    return separator
  }

  /// The first line that is not empty, as written.
  var firstLine: String {
    let isEnd: (Unicode.Scalar) -> Bool = { $0 == "\n" || $0 == "\r" }
    return String(String.UnicodeScalarView(scalars.drop(while: isEnd).prefix { !isEnd($0) }))
  }

  private mutating func record() throws(RunTableError) -> DelimitedRecord {
    var record = DelimitedRecord(line: line, fields: [])
    while true {
      record.fields.append(try field(of: record.line))
      guard let end = scalars.popFirst() else { return record }
      if end == separator { continue }
      if end == "\r", scalars.first == "\n" { scalars.removeFirst() }
      line += 1
      return record
    }
  }

  /// One field. The comma or line end after it is left in the text.
  private mutating func field(of start: Int) throws(RunTableError) -> String {
    skipSpace()
    guard scalars.first == "\"" else {
      var bare = String.UnicodeScalarView()
      while let scalar = scalars.first, !ends(scalar) {
        bare.append(scalar)
        scalars.removeFirst()
      }
      while let last = bare.last, isSpace(last) { bare.removeLast() }
      return String(bare)
    }
    scalars.removeFirst()
    var quoted = String.UnicodeScalarView()
    while let scalar = scalars.popFirst() {
      if scalar != "\"" {
        if scalar == "\n" || (scalar == "\r" && scalars.first != "\n") { line += 1 }
        quoted.append(scalar)
      } else if scalars.first == "\"" {
        scalars.removeFirst()
        quoted.append("\"")
      } else {
        skipSpace()
        if let next = scalars.first, !ends(next) {
          throw RunTableError(
            name: name, line: start,
            problem: .textAfterQuote(String(quoted), separator: separator))
        }
        return String(quoted)
      }
    }
    throw RunTableError(name: name, line: start, problem: .openQuote)
  }

  private mutating func skipSpace() {
    while let scalar = scalars.first, isSpace(scalar) { scalars.removeFirst() }
  }

  private func ends(_ scalar: Unicode.Scalar) -> Bool {
    scalar == separator || scalar == "\n" || scalar == "\r"
  }

  private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" && separator != "\t"
  }
}
