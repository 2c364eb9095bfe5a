internal import Algebra
public import Environments
public import Records

/// A gradient stopped being finite, as it does once a parameter has.
public struct Divergence: Error, Equatable {}

/// What an update did.
public struct UpdateReport: Sendable {
  /// Means over the observations that the update looked at (each once per epoch).
  public var policyLoss: Double
  public var valueLoss: Double
  public var entropy: Double
  /// Mean of r − 1 − log r over the last epoch.
  public var approximateKL: Double
  /// Mean of −log r over the last epoch: CleanRL's older estimate of the same.
  public var oldApproximateKL: Double
  /// Share of ratios outside of 1 ± clip.
  public var clipFraction: Double
  /// Norm of the first gradient of the update, before any clipping.
  public var gradientNorm: Double
  /// 1 − Var(return − value)/Var(return) over the rollout; `nil` where returns are all the same.
  public var explainedVariance: Double?
  public var optimizerSteps: Int
}

/// Turns rollouts into better parameters: policy gradient (A2C form) or PPO.
///
/// The gradient of the whole batch is summed shard by shard, each shard a contiguous block of
/// whole environments, and the norms of the shards are the noise moments. PPO takes them from
/// one such gradient before its first step. All of it happens in a fixed order.
public struct Learner: ~Copyable {
  public let hyperparameters: Hyperparameters
  public let network: Network
  /// Noise sums from the first update on; `nil` with a single shard.
  public internal(set) var noise: NoiseMoments?
  /// Receives the time that the parts of an update take.
  public var times: PartTimes?
  /// Receives the norms of the parts of every update's gradient.
  public var probe: NoiseProbe?
  /// Operations of the gradients so far.
  public internal(set) var operations = Operations()
  public var learningRate: Double { optimizer.learningRate }
  /// Steps of the optimizer so far.
  public var optimizerSteps: OptimizerSteps { OptimizerSteps(optimizer.steps) }

  private let shards: Int
  private let objective: Objective
  var optimizer: Optimizer
  private let gradient: Network
  /// Zero but while a shard is summed.
  private let shardGradient: Network
  private let transposed: TransposedWeights
  private let scratch: Activations
  private var lossScratch: LossScratch
  private let slopes: Matrix
  private let gathered: ObservationRows
  private let gatheredActivations: Activations
  /// Those of the rows of a block in the rollout.
  private var places: [Int]
  var order: [Int]
  var shuffling: RandomStream

  public init(shape: NetworkShape, settings: TrialSettings, seed: Seed) {
    hyperparameters = settings.hyperparameters
    network = Network(shape)
    network.initialize(from: seed)
    shards = settings.shards
    objective = Objective(settings.hyperparameters)
    optimizer = Optimizer(
      settings.hyperparameters, learningRate: settings.learningRate,
      parameters: shape.parameterCount)
    gradient = Network(shape)
    shardGradient = Network(shape)
    let block = min(Network.blockRows, settings.batch.value)
    transposed = TransposedWeights(shape)
    scratch = Activations(shape, rows: block)
    lossScratch = LossScratch(rows: block)
    slopes = Matrix(rows: block, columns: shape.actions + 1)
    let isGathering = settings.hyperparameters.algorithm == .ppo
    gathered = ObservationRows(shape, rows: isGathering ? block : 0)
    gatheredActivations = Activations(shape, rows: isGathering ? block : 0)
    places = Array(repeating: 0, count: isGathering ? block : 0)
    let units =
      settings.minibatchesAreEnvironments ? settings.numEnvs : settings.batch.value
    order = isGathering ? Array(0..<units) : []
    shuffling = seed.stream(.minibatches)
    noise =
      shards > 1
      ? NoiseMoments(
        shardSize: settings.batch.value / shards, batchSize: settings.batch.value) : nil
  }

  /// One update: one optimizer step of policy gradient, or PPO's epochs of minibatches.
  ///
  /// - Throws: `Divergence` if a gradient is not finite; the parameters are then as they were
  ///   before the step that it was for.
  public mutating func learn(from rollout: borrowing Rollout) throws(Divergence) -> UpdateReport {
    times?.start()
    var tally = LossTally()
    let square = accumulateShards(of: rollout, tally: &tally)
    times?.lap(.backward)
    guard square.isFinite else { throw Divergence() }
    let stepsBefore = optimizer.steps
    var (divergence, oldDivergence) = (0.0, 0.0)
    switch hyperparameters.algorithm {
    case .policyGradient:
      step(square: square)
    case .ppo:
      tally = LossTally()
      (divergence, oldDivergence) = try learnInEpochs(from: rollout, tally: &tally)
    }
    let samples = Double(max(tally.samples, 1))
    return UpdateReport(
      policyLoss: tally.policyLoss / samples, valueLoss: tally.valueLoss / samples,
      entropy: tally.entropy / samples, approximateKL: divergence,
      oldApproximateKL: oldDivergence,
      clipFraction: Double(tally.clipped) / samples, gradientNorm: square.squareRoot(),
      explainedVariance: rollout.explainedVariance, optimizerSteps: optimizer.steps - stepsBefore)
  }

  /// Sets `gradient` to that of the whole batch, from the rollout's own activations; adds its
  /// norm and those of the shards to the noise moments.
  ///
  /// - Returns: the squared norm of the gradient.
  private mutating func accumulateShards(
    of rollout: borrowing Rollout, tally: inout LossTally
  ) -> Double {
    let size = rollout.count / shards
    if hyperparameters.algorithm == .policyGradient {
      operations.conventional += 3 * network.shape.conventionalForward(rows: rollout.count)
    }
    gradient.parameters.fill(0)
    transposed.assign(network)
    probe?.beginUpdate(optimizer, shape: network.shape, shards: shards)
    var shardSquares = 0.0
    for shard in 0..<shards {
      let target = shards == 1 ? gradient : shardGradient
      let end = (shard + 1) * size
      for first in stride(from: shard * size, to: end, by: Network.blockRows) {
        let rows = first..<min(first + Network.blockRows, end)
        objective.slopes(
          of: rows, in: rollout, heads: rollout.activations.heads, first: first,
          weight: 1 / Float(size), into: slopes, scratch: &lossScratch, tally: &tally)
        operations.executed += network.backward(
          slopes.rows(0..<rows.count), rollout.observations.rows(rows), rollout.activations,
          at: RowSelection(rows), transposed: transposed, scratch: scratch, addingTo: target)
        probe?.take(
          rows, of: rollout, slopes: slopes.rows(0..<rows.count), network: network,
          transposed: transposed, scratch: scratch)
      }
      probe?.endShard(shard, total: target)
      guard shards > 1 else { break }
      shardSquares += shardGradient.parameters.drain(
        into: gradient.parameters, times: 1 / Float(shards))
    }
    let square = gradient.parameters.squaredNorm()
    noise?.add(meanShardSquare: shardSquares / Double(shards), batchSquare: square)
    probe?.endUpdate(shards: shards, shardSize: size, batchSize: rollout.count, total: gradient)
    return square
  }

  /// Follows `gradient`, whose squared norm is `square`, after clipping it if that is asked for.
  private mutating func step(square: Double) {
    if let limit = hyperparameters.maxGradNorm, square > limit * limit {
      gradient.parameters.scale(by: Float(limit / square.squareRoot()))
    }
    optimizer.step(network.parameters, gradient: gradient.parameters)
    times?.lap(.optimizer)
  }

  /// - Returns: two estimates of the KL divergence over the last epoch, by r − 1 − log r and −log r.
  private mutating func learnInEpochs(
    from rollout: borrowing Rollout, tally: inout LossTally
  ) throws(Divergence) -> (divergence: Double, old: Double) {
    var (divergence, old) = (0.0, 0.0)
    for _ in 0..<hyperparameters.updateEpochs {
      shuffling.shuffle(&order)
      (tally.divergence, tally.oldDivergence) = (0, 0)
      let samplesBefore = tally.samples
      for minibatch in 0..<hyperparameters.numMinibatches {
        let lower = order.count * minibatch / hyperparameters.numMinibatches
        let upper = order.count * (minibatch + 1) / hyperparameters.numMinibatches
        if lower == upper { continue }
        accumulate(order[lower..<upper], of: rollout, tally: &tally)
        let square = gradient.parameters.squaredNorm()
        guard square.isFinite else { throw Divergence() }
        step(square: square)
      }
      let samples = Double(max(tally.samples - samplesBefore, 1))
      (divergence, old) = (tally.divergence / samples, tally.oldDivergence / samples)
      if let target = hyperparameters.targetKL, divergence > target { break }
    }
    return (divergence, old)
  }

  /// Sets `gradient` to that of a minibatch under the present parameters.
  ///
  /// - Parameter units: environments, or places where environments are fewer than minibatches.
  private mutating func accumulate(
    _ units: ArraySlice<Int>, of rollout: borrowing Rollout, tally: inout LossTally
  ) {
    let unit = rollout.count / order.count
    let count = units.count * unit
    operations.conventional += 3 * network.shape.conventionalForward(rows: count)
    gradient.parameters.fill(0)
    transposed.assign(network)
    for first in stride(from: 0, to: count, by: Network.blockRows) {
      let rows = min(Network.blockRows, count - first)
      let start = units.startIndex
      for row in 0..<rows {
        let (chosen, inside) = (first + row).quotientAndRemainder(dividingBy: unit)
        places[row] = units[start + chosen] * unit + inside
      }
      let places = places[..<rows]
      gathered.assign(rowsOf: rollout.observations, at: places)
      let block = RowSelection(0..<rows)
      operations.executed += network.forward(
        gathered.rows(0..<rows), into: gatheredActivations, at: block)
      times?.lap(.forward)
      objective.slopes(
        of: places, in: rollout, heads: gatheredActivations.heads, first: 0,
        weight: 1 / Float(count), into: slopes, scratch: &lossScratch, tally: &tally)
      operations.executed += network.backward(
        slopes.rows(0..<rows), gathered.rows(0..<rows), gatheredActivations, at: block,
        transposed: transposed, scratch: scratch, addingTo: gradient)
      times?.lap(.backward)
    }
  }
}

extension RandomSource {
  /// Puts the numbers in a random order (Fisher and Yates).
  mutating func shuffle(_ numbers: inout [Int]) {
    for index in numbers.indices.dropFirst().reversed() {
      numbers.swapAt(index, Int(integer(below: Int32(index + 1))))
    }
  }
}
