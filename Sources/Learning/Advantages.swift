internal import Algebra
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

extension [Rollout] {
  /// Scales the advantages to mean 0 and deviation 1 (plus 10⁻⁸, as is usual), with one mean and
  /// one deviation for the whole batch, so that shards stay comparable.
  func normalizeAdvantages(threads: Int) {
    let count = Double(rows)
    let mean = sum(threads: threads) { $0.advantages.reduce(0) { $0 + Double($1) } } / count
    let square =
      sum(threads: threads) { columns in
        columns.advantages.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      } / count
    let scale = Float(1 / (square.squareRoot() + 1e-8))
    inParallel(self.count, threads: threads) { index, _ in
      self[index].scaleAdvantages(mean: Float(mean), by: scale)
    }
  }

  /// The sum of a number of each rollout, added in their order.
  private func sum<Number: AdditiveArithmetic>(
    threads: Int, _ term: (SampleColumns) -> Number
  ) -> Number {
    orderedSum(count, threads: threads, from: .zero, add: +=) { term(self[$0].columns) }
  }

  /// The fraction of the returns' variance that the values explain:
  /// 1 − Var(return − value)/Var(return); `nil` if all returns are equal.
  func explainedVariance(threads: Int) -> Double? {
    guard rows > 0 else { return nil }
    // Sums of distances from the first values, so that a large mean can't swallow a small variance.
    // They need no division per observation.
    let first = self[0].columns.returns[0]
    let firstError = first - self[0].columns.values[0]
    // Of distances, their squares, errors, and their squares.
    let sums = sum(threads: threads) { columns in
      var sums = SIMD4<Double>()
      for (target, value) in zip(columns.returns, columns.values) {
        let distance = Double(target - first)
        let error = Double(target - value - firstError)
        sums += SIMD4(distance, distance * distance, error, error * error)
      }
      return Sums(values: sums)
    }.values
    let size = Double(rows)
    let variance = sums.y - sums.x * sums.x / size
    return variance > 0 ? 1 - (sums.w - sums.z * sums.z / size) / variance : nil
  }
}

private struct Sums: AdditiveArithmetic {
  static var zero: Sums { Sums(values: SIMD4()) }
  var values: SIMD4<Double>

  static func + (left: Sums, right: Sums) -> Sums { Sums(values: left.values + right.values) }
  static func - (left: Sums, right: Sums) -> Sums { Sums(values: left.values - right.values) }
}

extension Rollout {
  fileprivate func scaleAdvantages(mean: Float, by scale: Float) {
    for index in columns.advantages.indices {
      columns.advantages[index] = (columns.advantages[index] - mean) * scale
    }
  }
}
