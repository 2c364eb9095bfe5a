/// A whole number with a unit, so that updates and observations can't be mixed up.
public struct Count<Unit>: Comparable, Hashable, Sendable {
  public var value: Int

  public init(_ value: Int) { self.value = value }

  public static var zero: Self { Self(0) }
  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
  public static func + (left: Self, right: Self) -> Self { Self(left.value.adding(right.value)) }
  public static func += (left: inout Self, right: Self) { left = left + right }
}

extension Int {
  /// The largest count that is stored: doubles hold all up to it.
  public static let largestCount = 1 << 53 - 1
  /// The largest number of operations that is stored.
  static let mostOperations = 1_000_000_000_000_000_000

  /// The sum, or the largest or smallest integer if it overflows. For stored numbers, which may have
  /// any size.
  public func adding(_ other: Int) -> Int {
    let (sum, isBeyond) = addingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .min : .max) : sum
  }

  /// The number without its fraction, clamped to the range of Int; 0 for NaN. `Int(number)` would
  /// crash there.
  public init(clamping number: Double) {
    self =
      number.isNaN
      ? 0 : Int(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
  }
}

extension Count: Codable {
  /// Refuses what no run counts to, so that no arithmetic on stored counts overflows.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self.init(try container.decode(Int.self))
    guard (0...Int.largestCount).contains(value) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(value) is no count")
    }
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}

public enum ObservationUnit {}
public enum UpdateUnit {}
public enum OptimizerStepUnit {}

/// Environment steps that the learner trained on: the data axis, E.
public typealias Observations = Count<ObservationUnit>
/// Rollouts learned from one after another: the sequential axis of the law, S.
public typealias Updates = Count<UpdateUnit>
/// Steps of the optimizer: one for each update of policy gradient, epochs × minibatches for PPO.
public typealias OptimizerSteps = Count<OptimizerStepUnit>
