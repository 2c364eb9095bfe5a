internal import Analysis
internal import Records

/// Tables for people.
enum Table {
  /// Prints the table on standard output.
  static func show(_ header: [String], _ rows: [[any TableCell]], left: Set<Int> = [0]) {
    Shell.current.write(text(header, rows, left: left) + "\n")
  }

  /// Columns under their headings, as wide as their widest cell. Numbers are right-aligned.
  ///
  /// - Parameter left: columns of words, which are left-aligned.
  static func text(
    _ header: [String], _ rows: [[any TableCell]], left: Set<Int> = [0],
    inColor: Bool = Color.isWanted
  ) -> String {
    let lines = ([header] + rows).map { cells in
      header.indices.map { (text: cells[$0].text.cleanCell, meaning: cells[$0].meaning) }
    }
    let widths = header.indices.map { column in lines.map { $0[column].text.columns }.max() ?? 0 }
    func line(_ cells: [(text: String, meaning: Meaning?)]) -> String {
      let columns = header.indices.map { column in
        let cell = cells[column]
        let space = String(repeating: " ", count: widths[column] - cell.text.columns)
        let color = inColor ? cell.meaning?.color : nil
        let text = color?.around(cell.text) ?? cell.text
        return left.contains(column) ? text + space : space + text
      }
      return columns.joined(separator: "  ").trimmingTrailingSpaces
    }
    let heading = line(lines[0])
    let rule = line(widths.map { (String(repeating: "─", count: $0), nil) })
    return ([inColor ? Color.bold.around(heading) : heading, rule] + lines.dropFirst().map(line))
      .joined(separator: "\n")
  }
}

/// A cell of a table: its text, and the meaning that colors it, if any.
protocol TableCell {
  var text: String { get }
  var meaning: Meaning? { get }
}

/// What a cell says about a result.
enum Meaning {
  /// A number that can be used.
  case usable
  /// A bound, or nothing yet.
  case open
  /// No number, because something is wrong.
  case wrong
}

extension String: TableCell {
  var text: String { self }
  var meaning: Meaning? { nil }
}

/// Words with a meaning.
struct MeaningfulText: TableCell {
  var text: String
  var meaning: Meaning?

  init(_ text: String, _ meaning: Meaning) { (self.text, self.meaning) = (text, meaning) }
}

extension Verdict: TableCell {
  var text: String { rawValue }
  var meaning: Meaning? {
    switch self {
    case .fitted, .estimated: .usable
    case .lowerBound, .upperBound, .flat, .tooNarrow, .tooFew, .tooNoisy: .open
    case .rejected, .grouped: .wrong
    }
  }
}

extension RateVerdict: TableCell {
  var text: String { rawValue }
  var meaning: Meaning? {
    switch self {
    case .interior, .stabilityLimited: .usable
    case .untuned: .open
    case .edge, .unreached: .wrong
    }
  }
}

extension CellSize: TableCell {
  /// The batch, or the exchange rate that the batch follows.
  var text: String {
    exchangeRate.map { "r \(Format.shortest($0))" } ?? Format.grouped(batch)
  }
  var meaning: Meaning? { nil }
}

extension String {
  var trimmingTrailingSpaces: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
