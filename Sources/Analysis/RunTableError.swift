internal import Records

/// Why a table of runs could not be read: the file, the line, and what was expected.
public struct RunTableError: Error, Hashable, Sendable, CustomStringConvertible {
  enum Problem: Hashable, Sendable {
    /// Neither UTF-8 nor UTF-16 with a byte-order mark.
    case encoding
    /// All lines are blank.
    case noHeader
    /// The first line is not a header but this.
    case otherHeader(String)
    /// There is nothing below the header.
    case noRuns
    /// One of these columns is required; the offer is the most similar title in the header.
    case missingColumn([RunColumn], ColumnOffer?)
    case repeatedColumn(String)
    /// Titles that mean the same.
    case twoColumns([String], of: String)
    /// A column that the user named.
    case noSuchColumn(String, nearest: String?)
    /// A column that may be updates or observations, and there is no other.
    case unclearCounts(String)
    /// A standard error of updates or of observations.
    case unclearError
    /// Standard errors of both kinds.
    case twoErrors
    case fieldCount(found: Int, expected: Int)
    /// A field that can't be read.
    case value(column: String, expected: String, found: String)
    /// Where commas group thousands.
    case decimalComma(column: String, found: String)
    /// No number of the column says whether its comma or point is a decimal mark.
    case unclearNumber(column: String, found: String)
    case twoMarks(column: String, first: String, second: String)
    /// Updates × batch differs from observations by more than 1e-6 of their size.
    case disagreement(columns: [String], updates: Double, batch: Double, observations: Double)
    case otherBatch(column: String, batch: Double, environments: Double, steps: Double)
    /// A run that reached its target without updates.
    case noUpdates
    /// A run that never reached its target; a title that may say how far it got.
    case noLimit(unclear: String?)
    /// Another line has the same key; the title of the seeds, and other columns in which the lines
    /// differ.
    case twoResults(earlier: Int, seed: String, others: [String])
    /// A second line of a batch where values have standard errors.
    case secondValue(batch: Double, earlier: Int)
    case noError
    case openQuote
    case textAfterQuote(String, separator: Unicode.Scalar)
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
    case .encoding:
      "the text is neither UTF-8 nor UTF-16 with a byte-order mark"
    case .noHeader:
      "expected a header with the columns batch and updates (or observations)"
    case .otherHeader(let line):
      """
      expected a table with a header that names the columns batch and updates \
      (or observations), found '\(RunTableError.shown(line))'
      """
    case .noRuns:
      "expected a run on each line below the header, found none"
    case .missingColumn(let columns, let offer):
      missing(columns, offer)
    case .repeatedColumn(let column):
      "the header has the column \(column) twice"
    case .twoColumns(let titles, let column):
      """
      \(titles.joined(separator: " and ")) could both be the column \(column); choose one, as in \
      --columns \(column)=\(Format.shellWord(titles[0]))
      """
    case .noSuchColumn(let column, let nearest):
      "the header has no column '\(column)', which --columns names"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .unclearCounts(let column):
      """
      \(column) may be updates or observations; say which with --columns \
      updates=\(Format.shellWord(column)) or --columns observations=\(Format.shellWord(column))
      """
    case .unclearError:
      """
      standard_error may be that of updates or of observations; give log_standard_error, that of \
      the logarithm of either
      """
    case .twoErrors:
      "the header has standard_error and log_standard_error; one is enough"
    case .fieldCount(let found, let expected):
      "expected \(expected) fields as in the header, found \(found)"
    case .value(let column, let expected, let found):
      "\(column) must be \(expected), not '\(RunTableError.shown(found))'"
    case .decimalComma(let column, let found):
      """
      \(column) is '\(found)', but a comma is a decimal mark only where semicolons separate the \
      columns; here it groups thousands
      """
    case .unclearNumber(let column, let found):
      """
      \(column) '\(found)' may be a decimal number or a number with grouped thousands, and no \
      other number in the column settles it; write it without the mark, or with more or fewer than \
      three decimals
      """
    case .twoMarks(let column, let first, let second):
      "\(column) is '\(second)' here and '\(first)' above; the decimal mark must be the same"
    case .disagreement(let columns, let updates, let batch, let observations):
      """
      \(columns[1]) must be \(columns[0]) × batch to within 1e-6, but \(Format.shortest(updates)) \
      × \(Format.shortest(batch)) is not \(Format.shortest(observations))
      """
    case .otherBatch(let column, let batch, let environments, let steps):
      """
      \(column) must be num_envs × num_steps, but \(Format.shortest(environments)) × \
      \(Format.shortest(steps)) is not \(Format.shortest(batch)); if it is right, add --columns \
      batch=\(Format.shellWord(column))
      """
    case .noUpdates:
      "censored says that the run reached its target, but there is no number of updates"
    case .noLimit(let unclear):
      """
      the run never reached its target, so it must say how far it got, in a column total_updates \
      or total_observations
      """
        + (unclear.map { title in
          let word = Format.shellWord(title)
          return "; if \(word) says that, add --columns total_updates=\(word) or --columns"
            + " total_observations=\(word)"
        } ?? "")
    case .twoResults(let earlier, let seed, let others):
      "line \(earlier) has a different result for the same task, target, batch and \(seed)"
        + (others.isEmpty
          ? ""
          : "; the lines also differ in \(others.prefix(4).joined(separator: ", ")): keep only one"
            + " kind of run, or add the difference to the task's name")
    case .secondValue(let batch, let earlier):
      """
      batch \(Format.shortest(batch)) is also in line \(earlier), but with standard errors a batch \
      has one value
      """
    case .noError:
      "the standard error is missing; other lines of the same task and target have one"
    case .openQuote:
      "a quoted field is never closed"
    case .textAfterQuote(let field, let separator):
      "expected \(words(separator)) after the quoted field '\(RunTableError.shown(field))'"
    }
  }

  private func missing(_ columns: [RunColumn], _ offer: ColumnOffer?) -> String {
    let names = columns.map(\.rawValue).joined(separator: " or ")
    guard let offer else {
      return
        "the header has no column \(names); if it has another name, add --columns"
        + " \(columns[0].rawValue)=NAME"
    }
    return """
      the header has no column \(names); did you mean '\(offer.title)'? Then add \
      --columns \(offer.column.rawValue)=\(Format.shellWord(offer.title))
      """
  }

  private func words(_ separator: Unicode.Scalar) -> String {
    switch separator {
    case ";": "a semicolon"
    case "\t": "a tab"
    case "|": "a bar"
    default: "a comma"
    }
  }
}
