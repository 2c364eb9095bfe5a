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
  /// Norm of the gradient of the whole batch before any step or clipping; `nil` if it was not
  /// computed.
  public var gradientNorm: Double?
  /// 1 − Var(return − value)/Var(return) over the rollout; `nil` if all returns are equal.
  public var explainedVariance: Double?
  var optimizerSteps: Int
}

/// Improves a network's parameters from rollouts, by the update rule of its settings.
///
/// The gradient of the whole batch is summed shard by shard; a shard is a contiguous block of whole
/// environments, and the norms of the shards' gradients are the noise moments. That of a minibatch
/// is summed over its parts from different shards. Threads share the shards or parts, and their
/// gradients are added in the order of the shards, so the number of threads does not affect results.
public struct Learner: ~Copyable {
  public let network: Network
  /// Noise sums from the first update on; `nil` with a single shard, or if nobody needs them.
  var noise: NoiseMoments?
  /// The same of parts of the gradient; `nil` if no row records them.
  var partMoments: PartMoments?
  /// Parts are measured at the updates of `PartMoments.isMeasured`; `nil` if they are not.
  let partInterval: Int?
  /// Receives the time that the parts of an update take.
  public var times: PartTimes?
  /// Receives the norms of the parts of every update's gradient.
  var probe: NoiseProbe?
  /// Operations of the gradients so far.
  var operations = Operations()
  public var learningRate: Double { optimizer.learningRate }
  /// Steps of the optimizer so far.
  var optimizerSteps: OptimizerSteps { OptimizerSteps(optimizer.steps) }

  /// The most threads that differentiate at the same time. They don't affect results.
  public var threads = 1
  let rule: any UpdateRule
  var optimizer: Optimizer
  let shards: Int
  private let measuresNoise: Bool
  private let division: WorkDivision
  private let maxGradNorm: Double?
  private let backward: BackwardPass
  private let gradient: ParameterSet
  private let parts: GradientParts
  private let meter: PartMeter?

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
    meter = settings.measuresParts ? PartMeter(shape) : nil
    parts = GradientParts(shape, withValue: meter?.value != nil)
    (measuresNoise, division) = (settings.measuresNoise, settings.division)
    partInterval = settings.measuresParts ? PartMeter.interval(for: settings, shape) : nil
    let (count, batch) = (settings.shards, settings.batch.value)
    let isSummed =
      count > 1
      && (settings.measuresNoise || settings.hyperparameters.algorithm == .policyGradient)
    partMoments =
      settings.measuresParts ? PartMoments(shardSize: batch / count, batchSize: batch) : nil
    noise = isSummed ? NoiseMoments(shardSize: batch / count, batchSize: batch) : nil
  }

  /// Measures the parts of the next gradient of a batch; `nil` if they are not.
  private var dueMeter: PartMeter? {
    guard let partInterval, let noise,
      PartMoments.isMeasured(noise.updates + 1, interval: partInterval)
    else { return nil }
    return meter
  }

  /// Whether somebody reads the noise moments, or asks for the parts of the gradient.
  var needsNoise: Bool { measuresNoise || probe != nil }

  /// One update from the rollouts of all copies.
  ///
  /// - Throws: `Divergence` if a gradient is not finite; its step is not taken.
  mutating func learn(from rollouts: [Rollout]) throws(Divergence) -> UpdateReport {
    times?.start()
    let stepsBefore = optimizer.steps
    let sums = try rule.update(&self, from: rollouts)
    let samples = Double(max(sums.losses.samples, 1))
    return UpdateReport(
      policyLoss: sums.losses.policyLoss / samples, valueLoss: sums.losses.valueLoss / samples,
      entropy: sums.losses.entropy / samples, approximateKL: sums.approximateKL,
      oldApproximateKL: sums.oldApproximateKL,
      clipFraction: Double(sums.losses.clipped) / samples, gradientNorm: sums.gradientNorm,
      explainedVariance: rollouts.explainedVariance(threads: threads),
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
    of rollouts: [Rollout], _ objective: Objective, tally: inout LossTally
  ) throws(Divergence) -> Double {
    let (batch, size) = (rollouts.rows, rollouts.rows / shards)
    backward.update()
    probe?.beginUpdate(optimizer, shape: network.shape, shards: shards)
    let (backward, probe, meter) = (backward, probe, dueMeter)
    meter?.begin(optimizer)
    let sums = parts.sum(
      shards, times: 1 / Float(shards), to: gradient,
      threads: probe == nil && times == nil ? threads : 1, meter: meter
    ) { shard, workspace, sum, tally in
      let executed = workspace.addGradient(
        of: shard * size..<(shard + 1) * size, in: rollouts, objective, backward, to: sum,
        tally: &tally, probe: probe)
      probe?.endShard(shard, total: sum)
      return executed
    }
    tally.add(sums.tally)
    operations.executed += sums.executed
    let square = gradient.vector.squaredNorm()
    noise?.add(meanShardSquare: sums.squares / Double(shards), batchSquare: square)
    if let meter {
      partMoments?.add(
        shards: sums.terms, count: shards, batch: meter.squares(of: gradient, value: meter.value))
    }
    probe?.endUpdate(shards: shards, shardSize: size, batchSize: batch, total: gradient)
    times?.lap(.backward)
    guard square.isFinite else { throw Divergence() }
    return square.squareRoot()
  }

  /// Sets the gradient to that of a minibatch under the current parameters, and follows it.
  ///
  /// - Parameter units: in the minibatch's order, each of `unitRows` rows; unit 0 starts at row 0.
  mutating func stepOnMinibatch(
    _ units: ArraySlice<Int>, unitRows: Int, of rollouts: [Rollout], _ objective: Objective,
    tally: inout LossTally
  ) throws(Divergence) {
    backward.update()
    let count = division.gradientParts
    parts.distribute(units, unitRows: unitRows, of: rollouts, among: count)
    let (backward, times, parts) = (backward, times, parts)
    let weight = 1 / Float(units.count * unitRows)
    let sums = parts.sum(
      count, times: 1, to: gradient, threads: times == nil ? threads : 1, timing: times
    ) { part, workspace, sum, tally in
      workspace.addGradient(
        of: parts.rows[part], in: rollouts, weight: weight, objective, backward, to: sum,
        tally: &tally, times: times)
    }
    tally.add(sums.tally)
    operations.executed += sums.executed
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
