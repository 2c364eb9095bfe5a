internal import Environments
internal import Foundation
internal import Records

/// Proximal policy optimization (Schulman et al. 2017): several epochs over the rollout, each in
/// shuffled minibatches with an optimizer step on each.
///
/// The gradient of the whole batch before the first step gives the noise moments and is not
/// followed; it counts as executed, but not by convention. It is left out where nobody reads them.
final class PPORule: UpdateRule {
  private let objective: Objective
  private let epochs: Int
  private let minibatches: Int
  private let targetKL: Double?
  /// What minibatches are made of: environments, or rows if there are fewer environments than
  /// minibatches. Every epoch shuffles the order of the previous one.
  private var order: [Int]
  private var shuffling: RandomStream

  init(_ settings: TrialSettings, seed: Seed) {
    let hyperparameters = settings.hyperparameters
    objective = Objective(hyperparameters)
    epochs = hyperparameters.updateEpochs
    minibatches = hyperparameters.numMinibatches
    targetKL = hyperparameters.targetKL
    order = Array(
      0..<(settings.minibatchesAreEnvironments ? settings.numEnvs : settings.batch.value))
    shuffling = seed.stream(.minibatches)
  }

  func update(
    _ learner: inout Learner, from rollouts: [Rollout]
  ) throws(Divergence) -> UpdateSums {
    var sums = UpdateSums(losses: LossTally())
    if learner.needsNoise {
      var unused = LossTally()
      sums.gradientNorm = try learner.differentiateBatch(
        of: rollouts, objective, tally: &unused)
    }
    for _ in 0..<epochs {
      try runEpoch(&learner, rollouts, &sums)
      if let targetKL, sums.approximateKL > targetKL { break }
    }
    return sums
  }

  private func runEpoch(
    _ learner: inout Learner, _ rollouts: [Rollout], _ sums: inout UpdateSums
  ) throws(Divergence) {
    shuffling.shuffle(&order)
    (sums.losses.divergence, sums.losses.oldDivergence) = (0, 0)
    let samplesBefore = sums.losses.samples
    let unitRows = rollouts.rows / order.count
    for minibatch in 0..<minibatches {
      let lower = order.count * minibatch / minibatches
      let upper = order.count * (minibatch + 1) / minibatches
      if lower == upper { continue }
      learner.operations.conventional +=
        3 * learner.network.shape.conventionalForward(rows: (upper - lower) * unitRows)
      try learner.stepOnMinibatch(
        order[lower..<upper], unitRows: unitRows, of: rollouts, objective,
        tally: &sums.losses)
    }
    let samples = Double(max(sums.losses.samples - samplesBefore, 1))
    sums.approximateKL = sums.losses.divergence / samples
    sums.oldApproximateKL = sums.losses.oldDivergence / samples
  }

  var state: [Data] { [Data(order.savedMemory), Data([shuffling].savedMemory)] }

  func restore(_ state: [Data]) throws(StateMismatch) {
    var streams = [shuffling]
    guard state.count == 2, order.restore(savedMemory: [UInt8](state[0])),
      streams.restore(savedMemory: [UInt8](state[1]))
    else { throw StateMismatch() }
    shuffling = streams[0]
  }
}

extension RandomSource {
  /// Shuffles the numbers (Fisher and Yates).
  fileprivate mutating func shuffle(_ numbers: inout [Int]) {
    for index in numbers.indices.dropFirst().reversed() {
      numbers.swapAt(index, Int(integer(below: Int32(index + 1))))
    }
  }
}
