internal import Algebra
import Environments

/// A batch of experience as columns.
///
/// Layout [environment, step]: step t of environment i is row i · horizon + t, so that a shard of
/// whole environments is contiguous. Columns are allocated once and written in place.
public struct Rollout: ~Copyable {
  public let environments: Int
  public let horizon: Int
  /// [batch × observation size]
  public let observations: InputRows
  /// The network's outputs for the observations while acting.
  public let activations: Activations
  public internal(set) var actions: [Int32]
  /// Log-probability of the action under the policy that took it.
  public internal(set) var logProbabilities: [Float]
  /// Value of the observation under the network that acted.
  var values: [Float]
  var rewards: [Float]
  var endings: [Ending]
  /// Value of the next observation where that is not in this rollout: after a truncation and after
  /// the last step.
  var successorValues: [Float]
  public internal(set) var advantages: [Float]
  /// Targets of the value: advantage + value, before any normalization.
  var returns: [Float]

  /// Observations in the batch.
  public var count: Int { environments * horizon }

  init(environments: Int, horizon: Int, shape: NetworkShape) {
    let count = environments * horizon
    self.environments = environments
    self.horizon = horizon
    observations = InputRows(shape, rows: count)
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

  /// Copies the values from the network's outputs.
  mutating func copyValues(_ successors: borrowing Successors) {
    let (heads, last) = (activations.heads, successors.activations.heads)
    let value = heads.columns - 1
    for row in 0..<count { values[row] = heads[row, value] }
    for copy in 0..<environments {
      successorValues[(copy + 1) * horizon - 1] = last[copy, value]
    }
    for (index, row) in successors.truncated.enumerated() {
      successorValues[row] = last[environments + index, value]
    }
  }

  /// Fills `advantages` and `returns`.
  mutating func estimateAdvantages(gamma: Float, lambda: Float) {
    generalizedAdvantages(
      rewards: rewards, values: values, successorValues: successorValues, endings: endings,
      horizon: horizon, gamma: gamma, lambda: lambda, into: &advantages)
    for index in returns.indices { returns[index] = advantages[index] + values[index] }
  }
}

extension [Worker] {
  /// Rows of all rollouts.
  var rows: Int { reduce(0) { $0 + $1.rollout.count } }

  /// The fraction of the returns' variance that the values explain:
  /// 1 − Var(return − value)/Var(return); `nil` if all returns are equal.
  var explainedVariance: Double? {
    guard rows > 0 else { return nil }
    // Sums of distances from the first values, so that a large mean can't swallow a small variance.
    // They need no division per observation.
    let first = self[0].rollout.returns[0]
    let firstError = first - self[0].rollout.values[0]
    var (sum, squares, errorSum, errorSquares) = (0.0, 0.0, 0.0, 0.0)
    for worker in self {
      for (target, value) in zip(worker.rollout.returns, worker.rollout.values) {
        let distance = Double(target - first)
        let error = Double(target - value - firstError)
        sum += distance
        squares += distance * distance
        errorSum += error
        errorSquares += error * error
      }
    }
    let size = Double(rows)
    let variance = squares - sum * sum / size
    return variance > 0 ? 1 - (errorSquares - errorSum * errorSum / size) / variance : nil
  }
}
