/// Lines on standard error that are rewritten on a terminal, and plain lines elsewhere.
struct StatusLines {
  /// Whether standard error is a terminal whose cursor can be moved.
  static var isTerminal: Bool {
    Shell.current.hasErrorTerminal && Shell.current.understandsCodes
  }
  private var shown = 0

  /// Time between two updates of the lines.
  static var interval: Duration { isTerminal ? .milliseconds(200) : .seconds(10) }

  mutating func show(_ lines: [String]) {
    guard Self.isTerminal else { return lines.forEach(standardError) }
    // Without wrapping, long lines are cut at the edge of the terminal.
    let text = lines.map { "\u{1B}[2K\($0.cleanLine)" }.joined(separator: "\n")
    write("\(backToFirst)\u{1B}[?7l\(text)\u{1B}[?7h")
    shown = lines.count
  }

  /// Removes the lines, to make room for other output.
  mutating func clear() {
    guard shown > 0 else { return }
    write("\(backToFirst)\u{1B}[J")
    shown = 0
  }

  /// Moves the cursor from the end of the last line to the start of the first.
  private var backToFirst: String { shown > 1 ? "\r\u{1B}[\(shown - 1)A" : "\r" }

  private func write(_ text: String) { Shell.current.writeError(text) }
}
