internal import Analysis
internal import Foundation
internal import Records
internal import Report

/// Numbers and tables as people read them.
enum Text {
  /// Three significant digits with thousands separated.
  static func number(_ value: Double?) -> String { value.map { Number.text($0) } ?? "–" }

  /// A whole number with its thousands separated.
  static func grouped(_ value: Int) -> String { Records.grouped(value) }

  /// A count with its noun: 1 task, 17 tasks.
  static func counted(_ count: Int, _ noun: String) -> String { Records.counted(count, noun) }

  /// A batch of anybody's table, which may be no whole number.
  static func batch(_ value: Double) -> String {
    value == value.rounded() && value.magnitude <= 0x1p53 ? grouped(Int(value)) : "\(value)"
  }

  static func seconds(_ value: Double) -> String {
    if value < 90 { return String(format: value < 10 ? "%.1f s" : "%.0f s", value) }
    let minutes = Int((value / 60).rounded())
    return minutes < 90 ? "\(minutes) min" : String(format: "%.1f h", value / 3600)
  }

  static func bytes(_ value: Double) -> String {
    value < 999_500 ? "\(number(value / 1e3)) kB" : "\(number(value / 1e6)) MB"
  }

  /// A value with its interval, "> x" or "< x" for a one-sided bound.
  static func interval(_ estimate: Estimate?) -> String { Number.text(estimate) }

  /// A batch, or the exchange rate that one follows.
  static func size(_ size: CellSize) -> String {
    size.exchangeRate.map { "r \(short($0))" } ?? grouped(size.batch)
  }

  /// A word as a shell takes it, quoted where it must be.
  static func shellWord(_ word: String) -> String {
    !word.isEmpty && word.allSatisfy(isPlain)
      ? word : "'" + word.replacingOccurrences(of: "'", with: #"'\''"#) + "'"
  }

  /// Does a character have no meaning of its own in a shell?
  static func isPlain(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "-_./,:=".contains(character)
  }

  /// A bar on a logarithmic scale, a block for each factor of two below the largest down to 2⁻¹⁶.
  static func bar(_ value: Double?, largest: Double) -> String {
    guard let value, value > 0, largest > 0 else { return "" }
    return String(repeating: "█", count: max(17 + Int(log2(value / largest).rounded()), 0))
  }

  /// Columns under their headings, as wide as their widest entry. Numbers stand on the right.
  static func table(_ header: [String], _ rows: [[String]], left: Set<Int> = [0]) -> String {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    let lines = ([header, widths.map { String(repeating: "─", count: $0) }] + rows).map { row in
      header.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        let cell = Colors.paint(row[column])
        return left.contains(column) ? cell + space : space + cell
      }.joined(separator: "  ")
    }.map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    return ([Colors.paint(heading: lines[0])] + lines[1...]).joined(separator: "\n")
  }
}
