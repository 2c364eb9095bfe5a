/// How the observations of a batch are spread over environments and steps.
public struct RolloutShape: Hashable, Sendable {
  public var numEnvs: Int
  /// Steps per environment and rollout.
  public var numSteps: Int
  /// Whether the batch is smaller than the task's horizon. A single environment then plays as many
  /// steps as the batch has, advantages look less far ahead than at other batches, and the cell
  /// never enters a fit (`TrialRow.isMeasurement`).
  public var isShortened: Bool

  /// - Parameter batch: in observations; a multiple of the horizon, or less than it.
  public init(batch: Int, horizon: Int) {
    isShortened = batch < horizon
    numSteps = isShortened ? batch : horizon
    numEnvs = batch / numSteps
  }
}
