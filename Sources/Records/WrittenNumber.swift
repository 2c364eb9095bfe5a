/// A decimal number as people and programs write it: `1e5`, `10_000`, `10,240`, `0.5M`, `2k`, `−1`.
///
/// Commas, apostrophes or no-break spaces before every three digits, or underscores between digits,
/// separate thousands. `k`, `M`, `G` and `T` stand for 10³, 10⁶, 10⁹ and 10¹²; a minus may be a
/// hyphen or U+2212. Hexadecimal digits, infinities and "nan" are not read. The digits are kept, so
/// whole numbers are exact.
public struct WrittenNumber: Hashable, Sendable {
  /// The mark before the fraction. The other mark may group thousands.
  public enum DecimalMark: Hashable, Sendable {
    case point
    case comma

    fileprivate var character: Character { self == .point ? "." : "," }
    /// The other mark, no-break spaces and apostrophes. A plain space could stand
    /// between two numbers.
    fileprivate var groupings: [Character] {
      [self == .point ? "," : ".", "\u{A0}", "\u{202F}", "'", "’"]
    }
  }

  private var isNegative = false
  /// Without leading or trailing zeros; empty for zero.
  private var digits: Substring
  /// The number is `digits` × 10^`exponent`.
  private var exponent: Int

  /// Reads a number; `nil` if the text is not one.
  public init?(_ text: some StringProtocol, decimalMark mark: DecimalMark = .point) {
    var rest = Substring(text)
    if let sign = rest.first, "+-−".contains(sign) {
      isNegative = sign != "+"
      rest.removeFirst()
    }
    exponent = 0
    if let unit = rest.last.flatMap({ Self.units[$0] }) {
      exponent = unit
      rest.removeLast()
    } else if let end = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      // Sums with larger exponents could overflow.
      guard let power = Int(rest[rest.index(after: end)...]), power.magnitude < 1_000_000_000
      else { return nil }
      exponent = power
      rest = rest[..<end]
    }
    let parts = rest.split(
      separator: mark.character, maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : ""
    guard let whole = Self.ungrouped(parts[0], by: mark.groupings),
      let decimals = Self.joined(fraction), !(whole + decimals).isEmpty
    else { return nil }
    exponent -= decimals.utf8.count
    digits = (whole + decimals).drop { $0 == "0" }
    while digits.last == "0" {
      digits.removeLast()
      exponent += 1
    }
    if digits.isEmpty { (isNegative, exponent) = (false, 0) }
  }

  /// The value of a text of digits with at most one decimal point between them, as most numbers of a
  /// long table are; `nil` for any other text.
  public static func plainValue(_ text: String) -> Double? {
    var (points, last) = (0, UInt8(ascii: "."))
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") {
        if points == 1 || last == byte { return nil }
        points = 1
      } else if !isDigit(byte) {
        return nil
      }
      last = byte
    }
    return last == UInt8(ascii: ".") ? nil : Double(text)
  }

  /// The nearest floating-point number; `nil` if there is no finite one.
  public var value: Double? {
    guard !digits.isEmpty else { return 0 }
    let sign = isNegative ? "-" : ""
    return Double("\(sign)\(digits)e\(exponent)").flatMap { $0.isFinite ? $0 : nil }
  }

  /// The number, exactly; `nil` if it has a fraction or doesn't fit.
  public var whole: Int? {
    guard !digits.isEmpty else { return 0 }
    guard exponent >= 0, digits.utf8.count + exponent < 20 else { return nil }
    return Int((isNegative ? "-" : "") + digits + String(repeating: "0", count: exponent))
  }

  private static let units: [Character: Int] = ["k": 3, "K": 3, "M": 6, "G": 9, "T": 12]

  /// The digits before the decimal mark, grouped by one of the marks or not at all.
  private static func ungrouped(_ text: Substring, by marks: [Character]) -> String? {
    guard let mark = text.first(where: marks.contains) else { return joined(text) }
    let groups = text.split(separator: mark, omittingEmptySubsequences: false)
    guard (1...3).contains(groups[0].utf8.count), groups[0].first != "0",
      groups.dropFirst().allSatisfy({ $0.utf8.count == 3 }),
      groups.allSatisfy({ $0.utf8.allSatisfy(isDigit) })
    else { return nil }
    return groups.joined()
  }

  /// Digits without the underscores between them; `nil` if anything else is there.
  private static func joined(_ text: Substring) -> String? {
    guard !text.isEmpty else { return "" }
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else { return nil }
    return parts.joined()
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
