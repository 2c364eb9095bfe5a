/// Operations of the network's products: a multiplication is one, an addition another.
///
/// Activations, losses, advantages and the optimizer are left out, as is usual.
public struct Operations: Codable, Hashable, Sendable {
  /// By the convention of "AI and Compute" (OpenAI 2018): 2·inputs·outputs for each dense layer and
  /// observation that passes forward and twice as much backward, whatever really happens.
  public var conventional: Int
  /// Of the products that were executed: no slopes of the first layer's inputs, no second forward
  /// pass where the rollout's is kept, and where an observation is a list of ones the first layer
  /// is the sum of their rows. PPO's gradient for the noise moments is in it.
  public var executed: Int

  public init(conventional: Int = 0, executed: Int = 0) {
    self.conventional = conventional
    self.executed = executed
  }

  public static func + (left: Self, right: Self) -> Self {
    Self(
      conventional: left.conventional + right.conventional,
      executed: left.executed + right.executed)
  }

  public static func += (left: inout Self, right: Self) { left = left + right }
}

/// Operations in a day at 10¹⁵ a second.
public let operationsPerPetaflopDay = 8.64e19
