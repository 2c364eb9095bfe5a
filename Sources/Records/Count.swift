/// A whole number with a unit, so that updates and observations can't be mixed up.
public struct Count<Unit>: Comparable, Hashable, Sendable {
  public var value: Int

  public init(_ value: Int) { self.value = value }

  public static var zero: Self { Self(0) }
  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
  public static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
  public static func += (left: inout Self, right: Self) { left.value += right.value }
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
