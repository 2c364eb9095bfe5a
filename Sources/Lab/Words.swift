/// Numbers in sentences, as tables have them.

/// A whole number with its thousands separated.
func grouped(_ value: Int) -> String {
  var digits = Array("\(value)")
  for place in stride(from: digits.count - 3, to: value < 0 ? 1 : 0, by: -3) {
    digits.insert(",", at: place)
  }
  return String(digits)
}

/// A number without a needless ".0".
func plain(_ value: Double) -> String {
  value == value.rounded() && abs(value) <= 0x1p53 ? "\(Int(value))" : "\(value)"
}
