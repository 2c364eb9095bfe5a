/// Operations of the network's products; a multiplication and an addition count as two.
///
/// Activations, losses, advantages and the optimizer are not counted, as is usual.
public struct Operations: Codable, Hashable, Sendable {
  /// Operations by the convention of "AI and Compute" (OpenAI 2018): 2·inputs·outputs for each
  /// dense layer and observation forward and twice as much backward, whatever is actually computed.
  public var conventional: Int
  /// Operations of the products that were executed. There is no gradient for the first layer's
  /// inputs, and no second forward pass if the rollout's activations are kept. If observations are
  /// lists of ones, the first layer sums rows. PPO's gradient for the noise moments is included.
  public var executed: Int

  /// Whether both are numbers that a run can come to.
  public var arePlausible: Bool {
    let range = 0...Int.mostOperations
    return range.contains(conventional) && range.contains(executed)
  }

  public init(conventional: Int = 0, executed: Int = 0) {
    self.conventional = conventional
    self.executed = executed
  }

  public static func + (left: Self, right: Self) -> Self {
    Self(
      conventional: left.conventional.adding(right.conventional),
      executed: left.executed.adding(right.executed))
  }

  public static func += (left: inout Self, right: Self) { left = left + right }
}

/// Operations in a day at 10¹⁵ a second.
public let operationsPerPetaflopDay = 8.64e19
