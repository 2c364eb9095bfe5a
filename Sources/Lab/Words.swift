/// A number without a needless ".0", for sentences.
func plain(_ value: Double) -> String {
  value == value.rounded() && abs(value) <= 0x1p53 ? "\(Int(value))" : "\(value)"
}
