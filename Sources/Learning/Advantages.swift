internal import Environments
public import Records

/// How advantages are estimated from a rollout.
public struct AdvantageEstimation: Sendable {
  var gamma: Float
  var lambda: Float
  /// Whether they are scaled to mean 0 and deviation 1 over the whole batch.
  var isNormalized: Bool

  /// Looks the settings up, which takes too long to be done at every update.
  public init(_ hyperparameters: Hyperparameters) {
    gamma = Float(hyperparameters.gamma)
    lambda = Float(hyperparameters.gaeLambda)
    isNormalized = hyperparameters.normAdv
  }

  init(gamma: Float, lambda: Float, isNormalized: Bool = false) {
    (self.gamma, self.lambda, self.isNormalized) = (gamma, lambda, isNormalized)
  }
}

/// Generalized advantage estimates, A = δ + γλ·(the next A); any ending cuts the chain
/// (Schulman et al. 2016, eq. 16). Layout [environment, step]; unit: reward.
///
/// δ = r + γ·V(next) − V, where V(next) is 0 after a termination, and the value of the last
/// observation of the episode after a truncation.
///
/// - Parameter successorValues: read after truncations and after each environment's last step.
func generalizedAdvantages(
  rewards: [Float], values: [Float], successorValues: [Float], endings: [Ending], horizon: Int,
  gamma: Float, lambda: Float, into advantages: inout [Float]
) {
  for first in stride(from: 0, to: rewards.count, by: horizon) {
    var following: Float = 0
    for row in (first..<first + horizon).reversed() {
      let isLast = row == first + horizon - 1
      let next: Float
      switch endings[row] {
      case .terminated: next = 0
      case .truncated: next = successorValues[row]
      case .none: next = isLast ? successorValues[row] : values[row + 1]
      }
      if endings[row] != .none { following = 0 }
      following = rewards[row] + gamma * next - values[row] + gamma * lambda * following
      advantages[row] = following
    }
  }
}

extension [Worker] {
  /// Scales the advantages to mean 0 and deviation 1 (plus 10⁻⁸, as is usual), with one mean and
  /// one deviation for the whole batch, so that shards stay comparable.
  func normalizeAdvantages() {
    let count = Double(rows)
    func sum(_ term: (Double) -> Double) -> Double {
      reduce(0) { sum, worker in
        worker.rollout.advantages.reduce(sum) { $0 + term(Double($1)) }
      }
    }
    let mean = sum { $0 } / count
    let square = sum { ($0 - mean) * ($0 - mean) } / count
    let scale = Float(1 / (square.squareRoot() + 1e-8))
    for worker in self { worker.rollout.scaleAdvantages(mean: Float(mean), by: scale) }
  }
}

extension Rollout {
  fileprivate mutating func scaleAdvantages(mean: Float, by scale: Float) {
    for index in advantages.indices { advantages[index] = (advantages[index] - mean) * scale }
  }
}
