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
  /// The sum, or the largest or smallest number if it is beyond. For stored numbers, which may be of
  /// any size.
  public func adding(_ other: Int) -> Int {
    let (sum, isBeyond) = addingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .min : .max) : sum
  }

  /// The number without its fraction, or the nearest that fits; 0 if it is none. `Int(number)` ends
  /// the process there.
  public init(clamping number: Double) {
    self =
      number.isNaN
      ? 0 : Int(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
  }
}

extension Count: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(Int.self))
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
