internal import Algebra
import Environments
import Records

/// A gradient is not finite, as happens once a parameter isn't.
public struct Divergence: Error, Equatable {}

/// The result of an update.
public struct UpdateReport: Sendable {
  /// Means over the observations that the update used, each counted once per epoch.
  public var policyLoss: Double
  public var valueLoss: Double
  public var entropy: Double
  /// Mean of r − 1 − log r over the last epoch.
  public var approximateKL: Double
  /// Mean of −log r over the last epoch: CleanRL's older estimate of the same.
  public var oldApproximateKL: Double
  /// Fraction of the ratios outside 1 ± clip.
  public var clipFraction: Double
  /// Norm of the gradient of the whole batch before any step or clipping.
  public var gradientNorm: Double
  /// 1 − Var(return − value)/Var(return) over the rollout; `nil` if all returns are equal.
  public var explainedVariance: Double?
  var optimizerSteps: Int
}

/// Improves a network's parameters from rollouts, by the update rule of its settings.
///
/// The gradient of the whole batch is summed shard by shard; a shard is a contiguous block of whole
/// environments, and the norms of the shards' gradients are the noise moments. Everything happens
/// in a fixed order.
public struct Learner: ~Copyable {
  public let network: Network
  /// Noise sums from the first update on; `nil` with a single shard.
  var noise: NoiseMoments?
  /// Receives the time that the parts of an update take.
  public var times: PartTimes?
  /// Receives the norms of the parts of every update's gradient.
  var probe: NoiseProbe?
  /// Operations of the gradients so far.
  var operations = Operations()
  public var learningRate: Double { optimizer.learningRate }
  /// Steps of the optimizer so far.
  var optimizerSteps: OptimizerSteps { OptimizerSteps(optimizer.steps) }

  let rule: any UpdateRule
  var optimizer: Optimizer
  private let shards: Int
  private let maxGradNorm: Double?
  private let backward: BackwardPass
  private let gradient: ParameterSet

  init(shape: NetworkShape, settings: TrialSettings, seed: Seed) {
    network = Network(shape)
    network.initialize(from: seed)
    rule = updateRule(for: settings, seed: seed)
    optimizer = Optimizer(
      settings.hyperparameters, learningRate: settings.learningRate,
      parameters: shape.parameterCount)
    shards = settings.shards
    maxGradNorm = settings.hyperparameters.maxGradNorm
    backward = BackwardPass(network)
    gradient = ParameterSet(shape)
    noise =
      shards > 1
      ? NoiseMoments(
        shardSize: settings.batch.value / shards, batchSize: settings.batch.value) : nil
  }

  /// One update from the rollouts of the workers.
  ///
  /// - Throws: `Divergence` if a gradient is not finite; its step is not taken.
  mutating func learn(from workers: [Worker]) throws(Divergence) -> UpdateReport {
    times?.start()
    let stepsBefore = optimizer.steps
    let sums = try rule.update(&self, from: workers)
    let samples = Double(max(sums.losses.samples, 1))
    return UpdateReport(
      policyLoss: sums.losses.policyLoss / samples, valueLoss: sums.losses.valueLoss / samples,
      entropy: sums.losses.entropy / samples, approximateKL: sums.approximateKL,
      oldApproximateKL: sums.oldApproximateKL,
      clipFraction: Double(sums.losses.clipped) / samples, gradientNorm: sums.gradientNorm,
      explainedVariance: workers.explainedVariance,
      optimizerSteps: optimizer.steps - stepsBefore)
  }
}

// The steps that update rules are made of.
extension Learner {
  /// Sets the gradient to that of the whole batch, from the rollouts' own activations, and adds its
  /// norm and those of the shards to the noise moments.
  ///
  /// - Returns: the norm of the gradient.
  mutating func differentiateBatch(
    of workers: [Worker], _ objective: Objective, tally: inout LossTally
  ) throws(Divergence) -> Double {
    let (batch, size) = (workers.rows, workers.rows / shards)
    gradient.vector.fill(0)
    backward.update()
    probe?.beginUpdate(optimizer, shape: network.shape, shards: shards)
    var (shard, shardSquares) = (0, 0.0)
    for worker in workers {
      precondition(worker.rollout.count.isMultiple(of: size), "a worker plays whole shards")
      for first in stride(from: 0, to: worker.rollout.count, by: size) {
        let sum = shards == 1 ? gradient : worker.gradient
        operations.executed += worker.addGradient(
          of: first..<first + size, objective, backward, to: sum, tally: &tally, probe: probe)
        probe?.endShard(shard, total: sum)
        shard += 1
        guard shards > 1 else { continue }
        shardSquares += sum.vector.addScaledAndClear(to: gradient.vector, times: 1 / Float(shards))
      }
    }
    let square = gradient.vector.squaredNorm()
    noise?.add(meanShardSquare: shardSquares / Double(shards), batchSquare: square)
    probe?.endUpdate(shards: shards, shardSize: size, batchSize: batch, total: gradient)
    times?.lap(.backward)
    guard square.isFinite else { throw Divergence() }
    return square.squareRoot()
  }

  /// Sets the gradient to that of a minibatch under the current parameters, and follows it.
  ///
  /// - Parameter units: the minibatch's units, each of `unitRows` rows; unit 0 starts at row 0.
  mutating func stepOnMinibatch(
    _ units: ArraySlice<Int>, unitRows: Int, of workers: [Worker], _ objective: Objective,
    tally: inout LossTally
  ) throws(Divergence) {
    gradient.vector.fill(0)
    backward.update()
    for worker in workers {
      let sum = workers.count == 1 ? gradient : worker.gradient
      operations.executed += worker.addGradient(
        ofUnits: units, unitRows: unitRows, weight: 1 / Float(units.count * unitRows), objective,
        backward, to: sum, tally: &tally, times: times)
      if workers.count > 1 { _ = sum.vector.addScaledAndClear(to: gradient.vector, times: 1) }
    }
    let norm = gradient.vector.squaredNorm().squareRoot()
    guard norm.isFinite else { throw Divergence() }
    step(norm: norm)
  }

  /// Follows the gradient, whose norm is `norm`, after clipping it to `max_grad_norm`.
  mutating func step(norm: Double) {
    if let maxGradNorm, norm > maxGradNorm {
      gradient.vector.scale(by: Float(maxGradNorm / norm))
    }
    optimizer.step(network.parameters, gradient: gradient.vector)
    times?.lap(.optimizer)
  }
}
