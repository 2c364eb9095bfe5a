import Foundation
import Records

/// A scale with its ticks.
struct Axis {
  enum Kind { case linear, logarithmic }

  struct Tick {
    var value: Double
    /// `nil` for a minor tick.
    var label: String?
  }

  let kind: Kind
  let low: Double
  let high: Double
  let title: String

  /// A logarithmic axis over the positive values with room around them, at least a factor of three
  /// wide.
  init(logarithmic values: some Sequence<Double>, title: String) {
    // Beyond these, the ends of the axis would leave the range of numbers.
    let logs = values.filter { $0 >= 1e-290 && $0 <= 1e290 }.map { log10($0) }
    var (least, most) = (logs.min() ?? 0, logs.max() ?? 1)
    let missing = max(0.5 - (most - least), 0) / 2
    let room = 0.06 * max(most - least, 0.5) + missing
    (least, most) = (least - room, most + room)
    (kind, low, high, self.title) = (.logarithmic, pow(10, least), pow(10, most), title)
  }

  /// A linear axis over the values, with room around them.
  init(linear values: some Sequence<Double>, title: String) {
    let values = values.filter(\.isFinite)
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    let room = most > least ? 0.05 * (most - least) : max(most.magnitude, 1) / 2
    (kind, low, high, self.title) = (.linear, least - room, most + room, title)
  }

  /// The position of a value, from 0 at the low end to 1 at the high end.
  func share(_ value: Double) -> Double {
    switch kind {
    case .linear: (value - low) / (high - low)
    case .logarithmic: log(max(value, .leastNormalMagnitude) / low) / log(high / low)
    }
  }

  func contains(_ value: Double) -> Bool { value >= low && value <= high }

  /// The nearest value that the axis shows.
  func clamped(_ value: Double) -> Double { min(max(value, low), high) }

  /// The ticks in ascending order, with about `count` labels.
  func ticks(count: Int) -> [Tick] {
    switch kind {
    case .linear: Self.linear(low, high, count: count)
    case .logarithmic: logarithmicTicks(count: count)
    }
  }

  /// Ticks at steps of 1, 2 or 5 times a power of ten.
  private static func linear(_ low: Double, _ high: Double, count: Int) -> [Tick] {
    let rough = (high - low) / Double(max(count, 1))
    let decade = pow(10, floor(log10(rough)))
    let step = decade * ([1, 2, 5, 10].first { $0 * decade >= rough * 0.75 } ?? 10)
    // At the ends of the range of numbers there may be no such step.
    guard let first = Int(exactly: (low / step).rounded(.up)),
      let last = Int(exactly: (high / step).rounded(.down)), first <= last, last - first < 1_000
    else { return [] }
    return (first...last).map {
      // Rounding removes the errors in products of a whole number and a step such as 0.1.
      let value = (Double($0) * step / decade).rounded() * decade
      return Tick(value: value, label: Format.tick(value))
    }
  }

  /// Labels at decades, at 1-2-5 if the axis has few decades, at linear steps if it has less than
  /// one. The other multiples of a power of ten are minor ticks.
  private func logarithmicTicks(count: Int) -> [Tick] {
    let decades = log10(high / low)
    guard decades >= 0.9 else {
      let finer = (count...count + 6).map { Self.linear(low, high, count: $0) }
      return finer.first { $0.count > 2 } ?? finer[0]
    }
    let labelled: [Double] =
      decades * 3 <= Double(count) * 1.15 ? [1, 2, 5] : decades < 2 ? [1, 3] : [1]
    let every = max(Int((decades / Double(count + 1)).rounded(.up)), 1)
    let (first, last) = (Int(floor(log10(low))), Int(floor(log10(high))))
    return (first...last).flatMap { exponent in
      (1...9).compactMap { digit -> Tick? in
        let value = Double(digit) * Self.power(exponent)
        guard contains(value), digit == 1 || decades < 8 else { return nil }
        let isLabelled =
          labelled.contains(Double(digit)) && exponent.isMultiple(of: every)
        return Tick(value: value, label: isLabelled ? Format.tick(value) : nil)
      }
    }
  }

  private static func power(_ exponent: Int) -> Double {
    exponent < 0 ? 1 / pow(10, Double(-exponent)) : pow(10, Double(exponent))
  }
}
