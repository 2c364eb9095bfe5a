extension Matrix {
  /// The numbers of a column in up to 16 rows from `first` on, one row per lane.
  @inline(__always)
  fileprivate func gather(_ column: Int, rows first: Int, count: Int) -> Lanes {
    let p = unsafe start(ofRow: first) + column
    let s = stride
    if count == Lanes.scalarCount {
      return unsafe Lanes(
        p[0], p[s], p[2 * s], p[3 * s], p[4 * s], p[5 * s], p[6 * s], p[7 * s], p[8 * s],
        p[9 * s], p[10 * s], p[11 * s], p[12 * s], p[13 * s], p[14 * s], p[15 * s])
    }
    // The contents of unused lanes don't matter, and setting single lanes is slow.
    func at(_ lane: Int) -> Float { unsafe p[min(lane, count - 1) * s] }
    return Lanes(
      at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), at(11),
      at(12), at(13), at(14), at(15))
  }

  @inline(__always)
  fileprivate func scatter(_ lanes: Lanes, _ column: Int, rows first: Int, count: Int) {
    let p = unsafe start(ofRow: first) + column
    if count == Lanes.scalarCount {
      for lane in 0..<Lanes.scalarCount { unsafe p[lane * stride] = lanes[lane] }
    } else {
      for lane in 0..<count { unsafe p[lane * stride] = lanes[lane] }
    }
  }

  /// Calls `body` with the first row and the size of every group of up to 16 rows.
  @inline(__always)
  fileprivate func forEachGroup(_ body: (Int, Int) -> Void) {
    var first = 0
    while first < rows {
      body(first, min(Lanes.scalarCount, rows - first))
      first += Lanes.scalarCount
    }
  }
}

/// Up to 16 consecutive numbers, one per lane.
@inline(__always)
private func lanes<Number: SIMDScalar & BitwiseCopyable>(
  of numbers: [Number], from first: Int, count: Int
) -> SIMD16<Number> {
  if count == SIMD16<Number>.scalarCount {
    return unsafe numbers.withUnsafeBytes { bytes in
      unsafe bytes.loadUnaligned(
        fromByteOffset: first * MemoryLayout<Number>.stride, as: SIMD16<Number>.self)
    }
  }
  func at(_ lane: Int) -> Number { numbers[first + min(lane, count - 1)] }
  return SIMD16(
    at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), at(11), at(12),
    at(13), at(14), at(15))
}

// Heads are narrow: a row of 3 actions fills a fifth of a register, and loading it as a whole
// right after it was stored in parts stalls. So 16 rows are handled at once, one per lane: in a
// profile of pong's trials the share of the log-probabilities fell from 22 % to 2 %.
extension Matrix {
  /// Replaces every row of logits z by its log-probabilities z − log Σ exp z.
  public func applyLogSoftmax() {
    forEachGroup { first, count in
      var highest = gather(0, rows: first, count: count)
      for column in 1..<max(columns, 1) {
        let lanes = gather(column, rows: first, count: count)
        highest.replace(with: lanes, where: lanes .> highest)
      }
      var sum = Lanes()
      for column in 0..<columns {
        sum += exponential(gather(column, rows: first, count: count) - highest)
      }
      let shift = highest + logarithm(sum)
      for column in 0..<columns {
        scatter(
          gather(column, rows: first, count: count) - shift, column, rows: first, count: count)
      }
    }
  }

  /// Draws an action for every row, whose first `actions` columns are log-probabilities, by the
  /// inverse of their cumulative sum.
  ///
  /// - Parameters:
  ///   - units: a unit real per row.
  ///   - drawn: receives the action of every row.
  ///   - logProbabilities: receives their log-probabilities.
  public func drawActions(
    _ actions: Int, units: [Float], into drawn: inout [Int32], logProbabilities: inout [Float]
  ) {
    precondition(actions >= 1 && actions <= columns && units.count >= rows)
    precondition(drawn.count >= rows && logProbabilities.count >= rows)
    forEachGroup { first, count in
      var rest = lanes(of: units, from: first, count: count)
      // The cumulative sums that lie at or below the unit are the actions passed over.
      var passed = Lanes()
      for action in 0..<actions - 1 {
        rest -= exponential(gather(action, rows: first, count: count))
        passed += Lanes(repeating: 1).replacing(with: Lanes(), where: rest .< 0)
      }
      for lane in 0..<count {
        let action = Int(passed[lane])
        drawn[first + lane] = Int32(truncatingIfNeeded: action)
        logProbabilities[first + lane] = unsafe start(ofRow: first + lane)[action]
      }
    }
  }

  /// Writes, for rows of log-probabilities, how far that of the chosen action is above an earlier
  /// one, log r, and r itself.
  ///
  /// - Parameters:
  ///   - chosen: an action per row, from index `first` on.
  ///   - before: the earlier log-probability of that action, from index `first` on.
  public func writeRatios(
    chosen: [Int32], before: [Float], from first: Int, logRatios: inout [Float],
    ratios: inout [Float]
  ) {
    precondition(chosen.count >= first + rows && before.count >= first + rows)
    precondition(logRatios.count >= rows && ratios.count >= rows)
    forEachGroup { row, count in
      func at(_ lane: Int) -> Float {
        let own = row + min(lane, count - 1)
        return self[own, Int(chosen[first + own])]
      }
      let now = Lanes(
        at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), at(11),
        at(12), at(13), at(14), at(15))
      let logs = now - lanes(of: before, from: first + row, count: count)
      let exponentials = exponential(logs)
      for lane in 0..<count {
        logRatios[row + lane] = logs[lane]
        ratios[row + lane] = exponentials[lane]
      }
    }
  }

  /// Writes the gradient of a loss with respect to the logits, for rows whose first `actions`
  /// columns are log-probabilities:
  /// w·(weight_π·(1[a = chosen] − π_a) + `entropyWeight`·π_a·(log π_a + H)), H the row's entropy.
  ///
  /// - Parameters:
  ///   - chosen: an action per row, from index `start` on.
  ///   - policyWeights: per row, weight_π: the derivative of the loss with respect to
  ///     log π(chosen).
  ///   - weight: w.
  ///   - gradients: as many rows, of which the first `actions` columns are written.
  /// - Returns: the sum of the entropies.
  public func writeLogitGradients(
    actions: Int, chosen: [Int32], from start: Int = 0, policyWeights: [Float],
    entropyWeight: Float, weight: Float, into gradients: Matrix
  ) -> Double {
    precondition(actions <= columns && actions <= gradients.columns && gradients.rows == rows)
    precondition(chosen.count >= start + rows && policyWeights.count >= rows)
    var total = 0.0
    forEachGroup { first, count in
      let policyWeight = lanes(of: policyWeights, from: first, count: count)
      let taken = Lanes(lanes(of: chosen, from: start + first, count: count))
      var entropy = Lanes()
      for action in 0..<actions {
        let logs = gather(action, rows: first, count: count)
        entropy -= exponential(logs) * logs
      }
      for action in 0..<actions {
        let logs = gather(action, rows: first, count: count)
        let towardsEntropy = (logs + entropy) * entropyWeight
        var gradient = exponential(logs) * (towardsEntropy - policyWeight)
        gradient.replace(with: gradient + policyWeight, where: taken .== Float(action))
        gradients.scatter(gradient * weight, action, rows: first, count: count)
      }
      if count < Lanes.scalarCount {
        for lane in count..<Lanes.scalarCount { entropy[lane] = 0 }
      }
      total += Double(entropy.total)
    }
    return total
  }
}
