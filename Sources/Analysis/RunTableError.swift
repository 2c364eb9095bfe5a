internal import Records

/// Why a table of runs could not be read: the file, the line, and what was expected.
public struct RunTableError: Error, Hashable, Sendable, CustomStringConvertible {
  enum Problem: Hashable, Sendable {
    /// All lines are blank.
    case noHeader
    /// The first line is not a header but this.
    case otherHeader(String)
    /// There is nothing below the header.
    case noRuns
    /// A required column is missing; `nearest` is the most similar name in the header.
    case missingColumn(String, nearest: String?)
    case repeatedColumn(String)
    case fieldCount(found: Int, expected: Int)
    /// A field that can't be read.
    case value(column: String, expected: String, found: String)
    /// Updates × batch differs from observations by more than 1e-6 of their size.
    case disagreement(updates: Double, batch: Double, observations: Double)
    case openQuote
    case textAfterQuote(String)
  }

  /// The name of the file.
  var name: String
  /// Counted from 1; for a record of several lines the first of them.
  var line: Int
  var problem: Problem

  public var description: String { "\(name):\(line): \(problem.sentence)" }

  /// The beginning of a text, printed on one line.
  static func shown(_ line: String) -> String {
    let printed = line.unicodeScalars.map {
      $0.properties.generalCategory == .control ? "·" : "\($0)"
    }
    return printed.prefix(40).joined() + (printed.count > 40 ? "…" : "")
  }
}

extension RunTableError.Problem {
  var sentence: String {
    switch self {
    case .noHeader:
      "expected a header with the columns batch and updates (or observations)"
    case .otherHeader(let line):
      """
      expected comma-separated values with a header that names the columns batch and updates \
      (or observations), found '\(RunTableError.shown(line))'
      """
    case .noRuns:
      "expected a run on each line below the header, found none"
    case .missingColumn(let column, let nearest):
      "the header has no column \(column)" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .repeatedColumn(let column):
      "the header has the column \(column) twice"
    case .fieldCount(let found, let expected):
      "expected \(expected) fields as in the header, found \(found)"
    case .value(let column, let expected, let found):
      "\(column) must be \(expected), not '\(found)'"
    case .disagreement(let updates, let batch, let observations):
      """
      observations must be updates × batch to within 1e-6, but \(Format.shortest(updates)) × \
      \(Format.shortest(batch)) is not \(Format.shortest(observations))
      """
    case .openQuote:
      "a quoted field is never closed"
    case .textAfterQuote(let field):
      "expected a comma after the quoted field '\(field)'"
    }
  }
}
