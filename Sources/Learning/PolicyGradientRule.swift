internal import Foundation
internal import Records

/// Policy gradient in its A2C form: one optimizer step along the gradient of the whole batch.
final class PolicyGradientRule: UpdateRule {
  private let objective: Objective

  init(_ settings: TrialSettings) { objective = Objective(settings.hyperparameters) }

  func update(
    _ learner: inout Learner, from rollouts: [Rollout]
  ) throws(Divergence) -> UpdateSums {
    var losses = LossTally()
    learner.operations.conventional +=
      3 * learner.network.shape.conventionalForward(rows: rollouts.rows)
    let norm = try learner.differentiateBatch(of: rollouts, objective, tally: &losses)
    learner.step(norm: norm)
    return UpdateSums(losses: losses, gradientNorm: norm)
  }

  var state: [Data] { [] }
  func restore(_ state: [Data]) throws(StateMismatch) {}
}
