internal import Algebra
internal import Records

/// The loss of an observation and its gradient with respect to the network's heads.
///
/// loss = surrogate + `vf_coef`·½(V − R)² − `ent_coef`·H, averaged over observations. With ratio
/// r = π(a)/π_old(a) and advantage A, the surrogate is −A·r, or max(−A·r, −A·clip(r, 1 ± c)) with a
/// clip (Schulman et al. 2017, eq. 7). On fresh data r = 1, and the gradient of −A·r is that of
/// −A·log π: policy gradient is the same objective without a clip, used once. With value clipping,
/// ½(V − R)² becomes the larger of itself and the same term at V_old + clip(V − V_old, ±c).
struct Objective {
  let entropyCoefficient: Float
  let valueCoefficient: Float
  let clip: Float?
  let clipsValue: Bool

  init(_ hyperparameters: Hyperparameters) {
    entropyCoefficient = Float(hyperparameters.entCoef)
    valueCoefficient = Float(hyperparameters.vfCoef)
    clip = hyperparameters.clipCoef.map { Float($0) }
    clipsValue = hyperparameters.clipVloss && hyperparameters.clipCoef != nil
  }

  /// Writes ∂(Σ loss · `weight`)/∂(logits, value) of some observations.
  ///
  /// - Parameters:
  ///   - samples: the observations, from row `first` on.
  ///   - heads: log-probabilities and values under the current parameters, a row for each.
  ///   - headGradients: receives a row for each.
  func writeGradients(
    of samples: SampleColumns, from first: Int, heads: Matrix, weight: Float,
    to headGradients: Matrix, scratch: inout LossScratch, tally: inout LossTally
  ) {
    let (count, actions) = (heads.rows, heads.columns - 1)
    heads.writeRatios(
      chosen: samples.actions, before: samples.logProbabilities, from: first,
      logRatios: &scratch.logRatios, ratios: &scratch.ratios)
    for row in 0..<count {
      let (logRatio, ratio) = (scratch.logRatios[row], scratch.ratios[row])
      let advantage = samples.advantages[first + row]
      let limited = clip.map { min(max(ratio, 1 - $0), 1 + $0) } ?? ratio
      // Where the clipped branch is the larger one it is constant, and so is the loss.
      let isClipped = -advantage * limited > -advantage * ratio
      scratch.policyWeights[row] = isClipped ? 0 : -advantage * ratio
      let (valueLoss, valueGradient) = value(
        heads[row, actions], before: samples.values[first + row],
        target: samples.returns[first + row])
      headGradients[row, actions] = weight * valueCoefficient * valueGradient

      tally.policyLoss -= Double(advantage * (isClipped ? limited : ratio))
      tally.valueLoss += Double(valueLoss)
      tally.divergence += Double(ratio - 1 - logRatio)
      tally.oldDivergence -= Double(logRatio)
      if let clip, abs(ratio - 1) > clip { tally.clipped += 1 }
    }
    tally.samples += count
    tally.entropy += heads.writeLogitGradients(
      actions: actions, chosen: samples.actions, from: first,
      policyWeights: scratch.policyWeights, entropyWeight: entropyCoefficient, weight: weight,
      into: headGradients)
  }

  private func value(
    _ value: Float, before: Float, target: Float
  ) -> (loss: Float, gradient: Float) {
    let error = value - target
    guard clipsValue, let clip else { return (error * error / 2, error) }
    let change = min(max(value - before, -clip), clip)
    let clippedError = before + change - target
    guard clippedError * clippedError > error * error else { return (error * error / 2, error) }
    let isConstant = change != value - before
    return (clippedError * clippedError / 2, isConstant ? 0 : clippedError)
  }
}

/// Numbers of each observation of a block on the way to its gradient.
struct LossScratch {
  /// log r and r.
  var logRatios: [Float]
  var ratios: [Float]
  /// The derivative of the surrogate with respect to log π(action).
  var policyWeights: [Float]

  init(rows: Int) {
    logRatios = Array(repeating: 0, count: rows)
    ratios = Array(repeating: 0, count: rows)
    policyWeights = Array(repeating: 0, count: rows)
  }
}

/// Sums over the observations that an update used, each counted once per epoch.
struct LossTally {
  var samples = 0
  var policyLoss = 0.0
  var valueLoss = 0.0
  var entropy = 0.0
  /// Σ (r − 1 − log r), whose mean estimates the KL divergence from the old policy.
  var divergence = 0.0
  /// Σ −log r, whose mean estimates the same with more noise.
  var oldDivergence = 0.0
  var clipped = 0
}

extension LossTally {
  /// Adds the sums over other observations.
  mutating func add(_ other: LossTally) {
    samples += other.samples
    policyLoss += other.policyLoss
    valueLoss += other.valueLoss
    entropy += other.entropy
    divergence += other.divergence
    oldDivergence += other.oldDivergence
    clipped += other.clipped
  }
}
