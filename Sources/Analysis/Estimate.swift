public import Records

/// A number with its 95% interval. Both ends are `nil` if nothing says how far off it may be. A number
/// that is only bounded has no value and one end.
public struct Estimate: Codable, Hashable, Sendable {
  @Nullable public var value: Double?
  @Nullable public var low: Double?
  @Nullable public var high: Double?

  /// Numbers that are not finite become `nil`.
  public init(value: Double?, low: Double? = nil, high: Double? = nil) {
    self.value = value.flatMap { $0.isFinite ? $0 : nil }
    self.low = low.flatMap { $0.isFinite ? $0 : nil }
    self.high = high.flatMap { $0.isFinite ? $0 : nil }
  }

  /// The same in another unit.
  public func times(_ factor: Double) -> Estimate {
    Estimate(
      value: value.map { $0 * factor }, low: low.map { $0 * factor },
      high: high.map { $0 * factor })
  }

  /// Whether both ends of the interval are at most a factor from the value.
  func isWithin(_ factor: Double) -> Bool {
    guard let value, let low, let high else { return false }
    return low * factor >= value && high <= value * factor
  }

  /// Whether a number lies beyond an end of the interval.
  func excludes(_ number: Double) -> Bool {
    low.map { number < $0 } ?? false || high.map { number > $0 } ?? false
  }

  /// A quantity that is only known to lie above `low` or below `high`; `nil` without either.
  static func bound(above low: Double? = nil, below high: Double? = nil) -> Estimate? {
    let bound = Estimate(value: nil, low: low, high: high)
    return bound.low == nil && bound.high == nil ? nil : bound
  }
}

extension Format {
  /// A value with its interval, "> x" or "< x" for a bound, "–" if it is not known.
  public static func interval(_ estimate: Estimate?) -> String {
    guard let value = estimate?.value else {
      if let low = estimate?.low { return "> \(number(low))" }
      return estimate?.high.map { "< \(number($0))" } ?? "–"
    }
    guard estimate?.low != nil || estimate?.high != nil else { return number(value) }
    return "\(number(value)) [\(number(estimate?.low)), \(number(estimate?.high))]"
  }

  /// The ends of a range, "–" if it is not known.
  public static func range(_ estimate: Estimate?) -> String {
    guard let estimate else { return "–" }
    return "\(number(estimate.low)) … \(number(estimate.high))"
  }
}
