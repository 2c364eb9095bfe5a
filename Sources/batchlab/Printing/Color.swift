/// Colors and weights of text on a terminal, by their ANSI codes.
enum Color: Int {
  case bold = 1
  case red = 31
  case green = 32
  case yellow = 33

  /// Whether standard output is a terminal with colors, and NO_COLOR is not set
  /// (https://no-color.org).
  static var isWanted: Bool {
    Shell.current.isTerminal && Shell.current.understandsCodes
      && (Shell.current.environment["NO_COLOR"] ?? "").isEmpty
  }

  func around(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}

extension Meaning {
  var color: Color {
    switch self {
    case .usable: .green
    case .open: .yellow
    case .wrong: .red
    }
  }
}
