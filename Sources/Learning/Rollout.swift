internal import Algebra
public import Environments

/// One batch of experience as columns.
///
/// Layout [environment, step]: the place of step t of environment i is i · horizon + t, so that
/// a shard of whole environments is one contiguous block. All columns are written in place and
/// none is allocated again.
public struct Rollout: ~Copyable {
  public let environments: Int
  public let horizon: Int
  /// [batch × observation size]
  public let observations: ObservationRows
  /// What the network gave for the observations while acting.
  public let activations: Activations
  public internal(set) var actions: [Int32]
  /// Log-probability of the action under the policy that took it.
  public internal(set) var logProbabilities: [Float]
  /// Value of the observation under the network that acted.
  public internal(set) var values: [Float]
  public internal(set) var rewards: [Float]
  public internal(set) var endings: [Ending]
  /// Value of the observation that followed, where it is no row of this rollout: after a
  /// truncation and after the last step.
  public internal(set) var successorValues: [Float]
  public internal(set) var advantages: [Float]
  /// Targets of the value: advantage + value, before any normalization.
  public internal(set) var returns: [Float]

  /// Observations in the batch.
  public var count: Int { environments * horizon }

  public init(environments: Int, horizon: Int, shape: NetworkShape) {
    let count = environments * horizon
    self.environments = environments
    self.horizon = horizon
    observations = ObservationRows(shape, rows: count)
    activations = Activations(shape, rows: count)
    actions = Array(repeating: 0, count: count)
    logProbabilities = Array(repeating: 0, count: count)
    values = Array(repeating: 0, count: count)
    rewards = Array(repeating: 0, count: count)
    endings = Array(repeating: .none, count: count)
    successorValues = Array(repeating: 0, count: count)
    advantages = Array(repeating: 0, count: count)
    returns = Array(repeating: 0, count: count)
  }

  /// How much of the returns' variance the values explain: 1 − Var(return − value)/Var(return);
  /// `nil` where returns are all the same.
  var explainedVariance: Double? {
    guard count > 0 else { return nil }
    // Sums of distances from the first ones, so that no large mean swallows a small variance, and
    // without a division for each observation.
    let (first, firstError) = (returns[0], returns[0] - values[0])
    var (sum, squares, errorSum, errorSquares) = (0.0, 0.0, 0.0, 0.0)
    for place in 0..<count {
      let distance = Double(returns[place] - first)
      let error = Double(returns[place] - values[place] - firstError)
      sum += distance
      squares += distance * distance
      errorSum += error
      errorSquares += error * error
    }
    let size = Double(count)
    let variance = squares - sum * sum / size
    return variance > 0 ? 1 - (errorSquares - errorSum * errorSum / size) / variance : nil
  }

  /// Fills `advantages` and `returns`.
  ///
  /// - Parameter normalized: scale the advantages to mean 0 and deviation 1, with one mean and
  ///   one deviation over the whole batch, so that shards stay comparable.
  mutating func estimateAdvantages(gamma: Float, lambda: Float, normalized: Bool) {
    generalizedAdvantages(
      rewards: rewards, values: values, successorValues: successorValues, endings: endings,
      horizon: horizon, gamma: gamma, lambda: lambda, into: &advantages)
    for index in returns.indices { returns[index] = advantages[index] + values[index] }
    if normalized { normalize(&advantages) }
  }
}

/// Generalized advantage estimates, A = δ + γλ·(the next A); any ending cuts the chain
/// (Schulman et al. 2016, eq. 16). Layout [environment, step]; unit: reward.
///
/// δ = r + γ·V(next) − V, where V(next) is 0 after a termination, and the value of the last
/// observation of the episode after a truncation.
///
/// - Parameter successorValues: read after truncations and after the last step of a row.
func generalizedAdvantages(
  rewards: [Float], values: [Float], successorValues: [Float], endings: [Ending], horizon: Int,
  gamma: Float, lambda: Float, into advantages: inout [Float]
) {
  for first in stride(from: 0, to: rewards.count, by: horizon) {
    var following: Float = 0
    for place in (first..<first + horizon).reversed() {
      let isLast = place == first + horizon - 1
      let next: Float
      switch endings[place] {
      case .terminated: next = 0
      case .truncated: next = successorValues[place]
      case .none: next = isLast ? successorValues[place] : values[place + 1]
      }
      if endings[place] != .none { following = 0 }
      following = rewards[place] + gamma * next - values[place] + gamma * lambda * following
      advantages[place] = following
    }
  }
}

/// Scales to mean 0 and deviation 1 (the deviation plus 10⁻⁸, as is usual).
func normalize(_ numbers: inout [Float]) {
  let count = Double(numbers.count)
  let mean = numbers.reduce(0.0) { $0 + Double($1) } / count
  let square = numbers.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
  let scale = Float(1 / (square.squareRoot() + 1e-8))
  for index in numbers.indices { numbers[index] = (numbers[index] - Float(mean)) * scale }
}
