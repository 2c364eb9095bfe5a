/// How the observations of a batch are spread over environments and steps.
public struct RolloutShape: Hashable, Sendable {
  public var numEnvs: Int
  /// Steps per environment and rollout.
  public var numSteps: Int
  /// The batch is smaller than the task's horizon, so a single environment plays for as many steps
  /// as the batch has. Advantages then look less far ahead than at other batches, and the cell
  /// never enters a fit (`TrialRow.isMeasurement`).
  public var isShortened: Bool

  /// - Parameter batch: in observations; a multiple of the horizon, or less than it.
  public init(batch: Int, horizon: Int) {
    isShortened = batch < horizon
    numSteps = isShortened ? batch : horizon
    numEnvs = batch / numSteps
  }
}
