import Algebra
import Foundation
import Records
import TestSupport

@testable import Environments
@testable import Learning

func trialSettings(
  _ hyperparameters: Hyperparameters, environments: Int, horizon: Int, learningRate: Double = 1
) -> TrialSettings {
  .sample(
    task: "test", role: .single, numEnvs: environments, numSteps: horizon,
    learningRate: learningRate, hyperparameters, targets: [1], limit: 1_000_000,
    evaluationEpisodes: 64)
}

/// Plain gradient descent, whose step shows the gradient.
func descent(_ algorithm: Algorithm = .policyGradient) -> Hyperparameters {
  Hyperparameters(algorithm, optimizer: .sgd)
}

extension Network {
  /// Random parameters of a size at which nothing is nearly linear.
  func scatter(_ seed: Int, size: Double = 0.6) {
    var random = Seed(seed).stream(.parameters)
    parameters.values = (0..<shape.parameterCount).map { _ in Float(size * random.normal()) }
  }

  var exact: [Double] { parameters.values.map { Double($0) } }
}

/// A rollout of random numbers, and the network's outputs for them.
///
/// - Parameter drift: how far the log-probabilities and values of acting are from those of the
///   present parameters: 0 on fresh data.
func randomRollout(
  _ network: Network, environments: Int, horizon: Int, drift: Double, seed: Int = 1,
  firstCopy: Int = 0
) -> Rollout {
  var random = Seed(seed).stream(.actions)
  let rollout = Rollout(
    firstCopy: firstCopy, environments: environments, horizon: horizon, shape: network.shape)
  let count = rollout.count
  switch rollout.observations {
  case .dense(let rows):
    rows.values = (0..<count * network.shape.inputs).map { _ in Float(random.normal()) }
  case .sparse(let rows): rows.scatter(&random)
  }
  network.forward(
    rollout.observations, into: rollout.activations, at: RowSelection(0..<count))
  let heads = rollout.activations.heads
  for index in 0..<count {
    let action = Int(random.integer(below: Int32(network.shape.actions)))
    rollout.columns.actions[index] = Int32(action)
    rollout.columns.logProbabilities[index] = heads[index, action] + Float(drift * random.normal())
    rollout.columns.values[index] = heads[index, heads.columns - 1] + Float(drift * random.normal())
    rollout.columns.advantages[index] = Float(random.normal())
    rollout.columns.returns[index] = rollout.columns.values[index] + Float(random.normal())
  }
  return rollout
}

extension Rollout {
  /// The same copies in several rollouts.
  ///
  /// - Parameter sizes: copies of each.
  func split(_ network: Network, _ sizes: [Int]) -> [Rollout] {
    var first = 0
    return sizes.map { size in
      let part = Rollout(
        firstCopy: first, environments: size, horizon: horizon, shape: network.shape)
      let rows = first * horizon..<(first + size) * horizon
      part.observations.assign(rowsOf: observations, rows, at: 0)
      network.forward(
        part.observations, into: part.activations, at: RowSelection(0..<rows.count))
      part.columns.assign(columns, rows: rows, at: 0)
      first += size
      return part
    }
  }
}

/// Some rows of a rollout, for the twin.
func samples(_ rollout: Rollout, at indices: [Int]) -> [Twin.Sample] {
  let width = rollout.observations.dense.columns
  let numbers = rollout.observations.dense.values
  var samples: [Twin.Sample] = []
  for index in indices {
    samples.append(
      Twin.Sample(
        observation: numbers[index * width..<(index + 1) * width].map { Double($0) },
        action: Int(rollout.columns.actions[index]),
        logProbability: Double(rollout.columns.logProbabilities[index]),
        value: Double(rollout.columns.values[index]),
        advantage: Double(rollout.columns.advantages[index]),
        target: Double(rollout.columns.returns[index])))
  }
  return samples
}

/// How far one update of a learner moved every parameter.
func movement(
  _ learner: inout Learner, _ rollout: Rollout
) throws -> (movement: [Double], report: UpdateReport) {
  let before = learner.network.exact
  let report = try learner.learn(from: [rollout])
  return (zip(learner.network.exact, before).map { $0 - $1 }, report)
}

extension InputRows {
  /// The rows as numbers.
  var dense: Matrix {
    switch self {
    case .dense(let matrix): matrix
    case .sparse(let rows): rows.dense
    }
  }
}

extension SparseRows {
  /// Fills every row with random ones, as many as it may have or fewer.
  func scatter(_ random: inout RandomStream) {
    withMutableSpan { lists in
      for row in 0..<rows {
        let most = random.integer(below: Int32(capacity) + 1)
        let ones = Set((0..<most).map { _ in Int(random.integer(below: Int32(columns))) })
        lists[row * (1 + capacity)] = UInt16(ones.count)
        for (index, one) in ones.sorted().enumerated() {
          lists[row * (1 + capacity) + 1 + index] = UInt16(one)
        }
      }
    }
  }

  /// All zeros and ones.
  var dense: Matrix {
    let dense = Matrix(rows: rows, columns: columns)
    withMutableSpan { lists in
      for row in 0..<rows {
        let start = row * (1 + capacity)
        for index in 0..<Int(lists[start]) { dense[row, Int(lists[start + 1 + index])] = 1 }
      }
    }
    return dense
  }
}
