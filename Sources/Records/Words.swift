/// Numbers in sentences, as tables have them.

/// A count with its noun: 1 trial, 12,708 trials.
public func counted(_ count: Int, _ noun: String) -> String {
  "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// A whole number with its thousands separated.
public func grouped(_ value: Int) -> String { grouped(decimal: "\(value)") }

/// A decimal number with the thousands before its point separated.
public func grouped(decimal text: String) -> String {
  var digits = Array(text)
  let end = digits.firstIndex(of: ".") ?? digits.count
  for place in stride(from: end - 3, to: text.hasPrefix("-") ? 1 : 0, by: -3) {
    digits.insert(",", at: place)
  }
  return String(digits)
}
