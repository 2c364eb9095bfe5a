internal import Records

/// Refuses a number that is outside its range or NaN.
func check(_ name: String, _ value: Double?, _ range: ClosedRange<Double>) throws(Refusal) {
  guard let value, !range.contains(value) else { return }
  let low =
    range.lowerBound == .leastNonzeroMagnitude
    ? "above 0" : "at least \(Format.shortest(range.lowerBound))"
  throw .usage(
    "\(name) must be \(low) and at most \(Format.shortest(range.upperBound)), not \(Format.shortest(value))"
  )
}
