internal import Algebra
internal import Glibc
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
  ///   - samples: indices in the rollout, one per row of `heads` from row `first` on.
  ///   - heads: log-probabilities and values under the current parameters.
  ///   - headGradients: receives a row per observation, from row 0 on.
  func writeGradients(
    of samples: some RandomAccessCollection<Int>, in rollout: borrowing Rollout, heads: Matrix,
    first: Int, weight: Float, to headGradients: Matrix, scratch: inout LossScratch,
    tally: inout LossTally
  ) {
    let actions = heads.columns - 1
    for (offset, index) in samples.enumerated() {
      let row = first + offset
      let logRatio = heads[row, Int(rollout.actions[index])] - rollout.logProbabilities[index]
      let ratio = logRatio == 0 ? 1 : expf(logRatio)
      let advantage = rollout.advantages[index]
      let limited = clip.map { min(max(ratio, 1 - $0), 1 + $0) } ?? ratio
      // Where the clipped branch is the larger one it is constant, and so is the loss.
      let isClipped = -advantage * limited > -advantage * ratio
      scratch.actions[offset] = rollout.actions[index]
      scratch.policyWeights[offset] = isClipped ? 0 : -advantage * ratio
      let (valueLoss, valueGradient) = value(
        heads[row, actions], before: rollout.values[index], target: rollout.returns[index])
      headGradients[offset, actions] = weight * valueCoefficient * valueGradient

      tally.policyLoss -= Double(advantage * (isClipped ? limited : ratio))
      tally.valueLoss += Double(valueLoss)
      tally.divergence += Double(ratio - 1 - logRatio)
      tally.oldDivergence -= Double(logRatio)
      if let clip, abs(ratio - 1) > clip { tally.clipped += 1 }
    }
    tally.samples += samples.count
    tally.entropy += heads.rows(first..<first + samples.count).writeLogitGradients(
      actions: actions, chosen: scratch.actions, policyWeights: scratch.policyWeights,
      entropyWeight: entropyCoefficient, weight: weight,
      into: headGradients.rows(0..<samples.count))
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

/// What the gradient with respect to the logits needs to know of each observation of a block.
struct LossScratch {
  var actions: [Int32]
  /// The derivative of the surrogate with respect to log π(action).
  var policyWeights: [Float]

  init(rows: Int) {
    actions = Array(repeating: 0, count: rows)
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
