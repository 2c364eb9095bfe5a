internal import Algebra
import Environments

/// The experience of some consecutive copies of a task in one update, as columns.
///
/// Layout [environment, step]: step t of environment i is row i · horizon + t, so that the rows of
/// whole environments are contiguous. Columns are allocated once and written in place.
public final class Rollout {
  /// Index of its first copy among all copies.
  let firstCopy: Int
  public let environments: Int
  public let horizon: Int
  /// [rows × observation size]
  public let observations: InputRows
  /// The network's outputs for the observations while acting.
  public let activations: Activations
  public internal(set) var columns: SampleColumns
  var rewards: [Float]
  var endings: [Ending]
  /// Value of the next observation where that is not in this rollout: after a truncation and after
  /// the last step.
  var successorValues: [Float]

  /// Rows: the number of observations.
  public var count: Int { environments * horizon }

  init(firstCopy: Int = 0, environments: Int, horizon: Int, shape: NetworkShape) {
    let count = environments * horizon
    self.firstCopy = firstCopy
    self.environments = environments
    self.horizon = horizon
    observations = InputRows(shape, rows: count)
    activations = Activations(shape, rows: count)
    columns = SampleColumns(rows: count)
    rewards = Array(repeating: 0, count: count)
    endings = Array(repeating: .none, count: count)
    successorValues = Array(repeating: 0, count: count)
  }

  /// Copies the values from the network's outputs.
  func copyValues(_ successors: Successors) {
    let (heads, last) = (activations.heads, successors.activations.heads)
    let value = heads.columns - 1
    for row in 0..<count { columns.values[row] = heads[row, value] }
    for copy in 0..<environments {
      successorValues[(copy + 1) * horizon - 1] = last[copy, value]
    }
    for (index, row) in successors.truncated.enumerated() {
      successorValues[row] = last[environments + index, value]
    }
  }

  /// Fills the advantages and the returns.
  func estimateAdvantages(gamma: Float, lambda: Float) {
    generalizedAdvantages(
      rewards: rewards, values: columns.values, successorValues: successorValues,
      endings: endings, horizon: horizon, gamma: gamma, lambda: lambda,
      into: &columns.advantages)
    for index in columns.returns.indices {
      columns.returns[index] = columns.advantages[index] + columns.values[index]
    }
  }
}

/// What a loss needs to know of each observation besides the network's outputs.
public struct SampleColumns: Sendable {
  public internal(set) var actions: [Int32]
  /// Log-probability of the action under the policy that took it.
  public internal(set) var logProbabilities: [Float]
  /// Value of the observation under the network that acted.
  public internal(set) var values: [Float]
  public internal(set) var advantages: [Float]
  /// Targets of the value: advantage + value, before any normalization.
  public internal(set) var returns: [Float]

  init(rows: Int) {
    actions = Array(repeating: 0, count: rows)
    logProbabilities = Array(repeating: 0, count: rows)
    values = Array(repeating: 0, count: rows)
    advantages = Array(repeating: 0, count: rows)
    returns = Array(repeating: 0, count: rows)
  }

  /// Copies some rows of other columns, from row `first` on.
  mutating func assign(_ other: SampleColumns, rows: Range<Int>, at first: Int) {
    let shift = first - rows.lowerBound
    for row in rows {
      actions[row + shift] = other.actions[row]
      logProbabilities[row + shift] = other.logProbabilities[row]
      values[row + shift] = other.values[row]
      advantages[row + shift] = other.advantages[row]
      returns[row + shift] = other.returns[row]
    }
  }
}

/// Consecutive rows of a rollout.
struct RolloutRows {
  /// Index of the rollout.
  var rollout: Int
  var rows: Range<Int>
}

extension [Rollout] {
  /// Rows of all rollouts.
  var rows: Int { reduce(0) { $0 + $1.count } }

  /// Index of the rollout with a copy.
  func index(ofCopy copy: Int) -> Int {
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if self[middle].firstCopy <= copy { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// Calls `body` with the index of each rollout that has some of these rows, counted over all
  /// rollouts, and with its own rows among them.
  func forEachPart(of rows: Range<Int>, _ body: (Int, Range<Int>) -> Void) {
    guard !isEmpty, !rows.isEmpty else { return }
    var index = index(ofCopy: rows.lowerBound / self[0].horizon)
    var next = rows.lowerBound
    while next < rows.upperBound, index < count {
      let first = self[index].firstCopy * self[index].horizon
      let end = Swift.min(rows.upperBound, first + self[index].count)
      body(index, next - first..<end - first)
      (next, index) = (end, index + 1)
    }
  }
}
