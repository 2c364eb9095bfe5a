internal import Foundation

/// Colours of tables on a terminal.
enum Colors {
  /// Whether standard output takes them and nobody refuses them (https://no-color.org).
  private static var areWanted: Bool {
    guard Shell.current.isTerminal else { return false }
    let environment = Shell.current.environment
    return (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  private static let bold = 1
  private static let green = 32
  private static let yellow = 33
  private static let red = 31

  /// A number to use, a bound or nothing yet, or something wrong.
  private static let meanings = [
    "fitted": green, "interior": green, "stability-limited": green,
    "lower-bound": yellow, "upper-bound": yellow, "flat": yellow, "too-narrow": yellow,
    "too-few": yellow, "not settled": yellow, "unfinished": yellow,
    "rejected": red, "edge": red, "unreached": red,
  ]

  /// A cell of a table: a verdict in the colour of what it means, anything else as it is.
  static func paint(_ cell: String) -> String {
    guard areWanted, let color = meanings[cell] else { return cell }
    return escaped(cell, color)
  }

  static func paint(heading: String) -> String {
    areWanted ? escaped(heading, bold) : heading
  }

  private static func escaped(_ text: String, _ code: Int) -> String {
    "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
