import Foundation

/// Formats numbers and words for people, the same way on every machine and in every output.
public enum Format {
  /// A count with its noun: 1 trial, 12,708 trials.
  public static func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// Words as in a sentence: a, b and c.
  public static func list(_ words: [String]) -> String {
    words.count < 2
      ? words.joined()
      : words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
  }

  /// A whole number with its thousands separated: 12,708.
  public static func grouped(_ value: Int) -> String { grouped("\(value)") }

  /// The shortest decimal with its thousands separated: 12,708.5.
  public static func grouped(_ value: Double) -> String {
    let text = shortest(value)
    return text.contains("e") ? text : grouped(text)
  }

  /// The shortest decimal that reads back as the same number, without ".0": 0.9, 0, -13.
  public static func shortest(_ value: Double) -> String {
    let text = (value == 0 ? 0 : value).description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Three significant digits with the thousands separated: 1,230, 0.500, 0.0123; 1.23e12 where
  /// that would be long, "–" without a number.
  public static func number(_ value: Double?) -> String {
    guard let value, !value.isNaN, value != -.infinity else { return "–" }
    guard value.isFinite else { return "∞" }
    guard value != 0 else { return "0" }
    guard value.magnitude > tiny else { return shortest(value) }
    var digits = 2 - Int(floor(log10(value.magnitude)))
    // Rounding may add a digit, as from 9.996 to 10.
    if (value.magnitude * pow(10, Double(digits))).rounded() >= 1000 { digits -= 1 }
    if digits > 6 || digits < -9 { return scientific(value) }
    if digits > 0 { return decimal(value, places: digits) }
    let unit = pow(10, Double(-digits))
    return sign(value) + grouped(Int((value.magnitude / unit).rounded() * unit))
  }

  /// At most three significant digits, without trailing zeros: 1,230, 0.5.
  public static func brief(_ value: Double) -> String {
    guard value.magnitude > tiny, value.isFinite else { return shortest(value) }
    let places = 2 - floor(log10(value.magnitude))
    let unit = pow(10, places.magnitude)
    return grouped(
      places > 0 ? (value * unit).rounded() / unit : (value / unit).rounded() * unit)
  }

  /// A label on an axis, with k, M, G or T for thousands, millions and so on: 0.5, 20k, 3M.
  public static func tick(_ value: Double) -> String {
    let magnitude = value.magnitude
    guard value.isFinite, magnitude > tiny || value == 0 else { return shortest(value) }
    for (unit, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
    where magnitude >= unit * 0.9999 {
      return magnitude >= 1e15 ? scientific(value) : trimmed(value / unit) + suffix
    }
    return magnitude > 0 && magnitude < 0.9999e-4 ? scientific(value) : trimmed(value)
  }

  /// A score, with its standard error if it has one: 0.42, 0.42 ± 0.03.
  public static func score(_ value: Double, error: Double? = nil) -> String {
    guard value.isFinite else { return "–" }
    return String(format: "%.2f", value) + (error.map { String(format: " ± %.2f", $0) } ?? "")
  }

  /// A share in whole percent: 42 %.
  public static func percent(_ share: Double) -> String {
    share.magnitude < huge ? "\(Int((share * 100).rounded())) %" : "–"
  }

  /// A duration: 4.2 s, 42 s, 12 min, 3.4 h.
  public static func seconds(_ value: Double) -> String {
    guard value.magnitude < huge else { return "–" }
    if value < 90 { return String(format: value < 10 ? "%.1f s" : "%.0f s", value) }
    let minutes = Int((value / 60).rounded())
    return minutes < 90 ? "\(minutes) min" : String(format: "%.1f h", value / 3600)
  }

  /// A duration to be compared with others, in three digits: 0.0123 s, 12.3 min, 4.56 h.
  public static func time(_ seconds: Double?) -> String {
    guard let seconds, !seconds.isNaN else { return "–" }
    if seconds < 90 { return "\(number(seconds)) s" }
    return seconds < 5400 ? "\(number(seconds / 60)) min" : "\(number(seconds / 3600)) h"
  }

  /// A file size: 12.3 kB, 4.56 MB.
  public static func bytes(_ value: Double) -> String {
    value < 999_500 ? "\(number(value / 1e3)) kB" : "\(number(value / 1e6)) MB"
  }

  /// A word for a shell, quoted if necessary.
  public static func shellWord(_ word: String) -> String {
    !word.isEmpty && word.allSatisfy(isPlain)
      ? word : "'" + word.replacingOccurrences(of: "'", with: #"'\''"#) + "'"
  }

  /// Whether a character has no meaning of its own in a shell.
  public static func isPlain(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "-_./,:=".contains(character)
  }
}

extension Format {
  /// Below this, powers of ten leave the range of numbers.
  private static let tiny = 1e-300
  /// From here on, whole numbers leave the range of `Int`; not a number is no less than it.
  private static let huge = 1e15

  private static func grouped(_ decimal: String) -> String {
    var digits = Array(decimal)
    let end = digits.firstIndex(of: ".") ?? digits.count
    for place in stride(from: end - 3, to: decimal.hasPrefix("-") ? 1 : 0, by: -3) {
      digits.insert(",", at: place)
    }
    return String(digits)
  }

  private static func sign(_ value: Double) -> String { value < 0 ? "−" : "" }

  private static func decimal(_ value: Double, places: Int) -> String {
    let unit = Int(pow(10, Double(places)))
    let scaled = Int((value.magnitude * Double(unit)).rounded())
    let (whole, rest) = (scaled / unit, scaled % unit)
    let zeros = String(repeating: "0", count: places - "\(rest)".count)
    return sign(value) + "\(whole).\(zeros)\(rest)"
  }

  /// Up to six decimals.
  private static func trimmed(_ value: Double) -> String {
    var text = decimal(value, places: 6)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  private static func scientific(_ value: Double) -> String {
    let exponent = Int(floor(log10(value.magnitude)))
    return trimmed((value / pow(10, Double(exponent)) * 100).rounded() / 100) + "e\(exponent)"
  }
}
