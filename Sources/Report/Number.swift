public import Analysis
import Foundation

/// Numbers as figures, the page and the command write them, the same on every machine.
public enum Number {
  /// A coordinate to a tenth, without a needless ".0".
  static func coordinate(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let text = "\(abs(tenths) / 10)"
    let rest = abs(tenths) % 10
    return (tenths < 0 ? "-" : "") + text + (rest == 0 ? "" : ".\(rest)")
  }

  /// Three significant digits with thousands separated, such as 1,230 or 0.0123; 1.23e12 where
  /// that would be long.
  public static func text(_ value: Double) -> String {
    guard value.isFinite else { return value > 0 ? "∞" : "–" }
    guard value != 0 else { return "0" }
    var digits = 2 - Int(floor(log10(value.magnitude)))
    // Rounding may lead to another digit, as from 9.996 to 10.
    if (value.magnitude * pow(10, Double(digits))).rounded() >= 1000 { digits -= 1 }
    if digits > 6 || digits < -9 { return scientific(value) }
    if digits > 0 { return plain(value, decimals: digits) }
    let unit = pow(10, Double(-digits))
    return grouped((value / unit).rounded() * unit)
  }

  /// A value with its interval, "> x" or "< x" for a bound. An end that the interval does not have
  /// is "–".
  public static func text(_ estimate: Estimate?) -> String {
    guard let estimate else { return "–" }
    func end(_ value: Double?) -> String { value.map { text($0) } ?? "–" }
    guard let value = estimate.value else {
      if let low = estimate.low { return "> \(text(low))" }
      return estimate.high.map { "< \(text($0))" } ?? "–"
    }
    guard estimate.low != nil || estimate.high != nil else { return text(value) }
    return "\(text(value)) [\(end(estimate.low)), \(end(estimate.high))]"
  }

  /// A tick: the shortest decimal, with k, M, G or T for thousands and on, such as 0.5, 20k, 3M.
  static func tick(_ value: Double) -> String {
    let magnitude = value.magnitude
    for (unit, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
    where magnitude >= unit * 0.9999 {
      return magnitude >= 1e15 ? scientific(value) : trimmed(value / unit) + suffix
    }
    return magnitude > 0 && magnitude < 0.9999e-4 ? scientific(value) : trimmed(value)
  }

  /// A whole number with its thousands separated.
  public static func grouped(_ value: Double) -> String {
    let digits = Array("\(Int(value.magnitude))")
    var text = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// The number with up to six decimals.
  private static func trimmed(_ value: Double) -> String {
    var text = plain(value, decimals: 6)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  private static func plain(_ value: Double, decimals: Int) -> String {
    let unit = pow(10, Double(decimals))
    let scaled = Int((value.magnitude * unit).rounded())
    let (whole, rest) = (scaled / Int(unit), scaled % Int(unit))
    let zeros = String(repeating: "0", count: decimals - "\(rest)".count)
    return (value < 0 ? "−" : "") + "\(whole).\(zeros)\(rest)"
  }

  private static func scientific(_ value: Double) -> String {
    let exponent = Int(floor(log10(value.magnitude)))
    return trimmed((value / pow(10, Double(exponent)) * 100).rounded() / 100) + "e\(exponent)"
  }
}
