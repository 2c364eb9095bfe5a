internal import Environments
internal import Foundation
internal import Records

/// How a learner gets from a rollout to better parameters: which gradients it follows, in which
/// order and how often, and which of its operations count by convention. One file per rule.
///
/// To add a rule, write its file and list it in `updateRule(for:seed:)`.
protocol UpdateRule: AnyObject {
  /// One update, made of the learner's steps.
  func update(
    _ learner: inout Learner, from rollouts: [Rollout]
  ) throws(Divergence) -> UpdateSums

  /// What the rule carries from one update to the next, for a checkpoint.
  var state: [Data] { get }
  /// Continues from a saved state.
  func restore(_ state: [Data]) throws(StateMismatch)
}

/// The rule of a trial's algorithm.
///
/// - Parameter seed: the rule draws from its streams.
func updateRule(for settings: TrialSettings, seed: Seed) -> any UpdateRule {
  switch settings.hyperparameters.algorithm {
  case .policyGradient: PolicyGradientRule(settings)
  case .ppo: PPORule(settings, seed: seed)
  }
}

/// What an update rule reports.
struct UpdateSums {
  var losses: LossTally
  /// Norm of the gradient of the whole batch before any step; `nil` if it was not computed.
  var gradientNorm: Double?
  /// Means over the last epoch of r − 1 − log r and of −log r.
  var approximateKL = 0.0
  var oldApproximateKL = 0.0
}
