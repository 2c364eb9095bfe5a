internal import Glibc

/// Rows of logits or log-probabilities, a register's worth of actions at a time. A register may
/// reach past the row's end: what it finds there counts for nothing, and is not written.
private let actionLanes: SIMD16<Int32> = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

/// Calls `body` with the first action of every register and which of its lanes are actions.
@inline(__always)
private func forEachRegister(of actions: Int, _ body: (Int, SIMDMask<SIMD16<Int32>>) -> Void) {
  var first = 0
  repeat {
    body(first, actionLanes .< Int32(truncatingIfNeeded: actions - first))
    first += Lanes.scalarCount
  } while first < actions
}

@inline(__always)
private func loadActions(
  _ pointer: UnsafeMutablePointer<Float>, where isAction: SIMDMask<SIMD16<Int32>>,
  else rest: Float
) -> Lanes {
  unsafe Lanes(repeating: rest).replacing(with: load(Lanes.self, pointer), where: isAction)
}

extension Matrix {
  /// Replaces every row of logits z by its log-probabilities z − log Σ exp z.
  public func applyLogSoftmax() {
    for row in 0..<rows {
      let z = unsafe start(ofRow: row)
      var highest = -Float.infinity
      forEachRegister(of: columns) { first, isAction in
        let lanes = unsafe loadActions(z + first, where: isAction, else: -.infinity)
        highest = max(highest, lanes.largest)
      }
      var sum: Float = 0
      forEachRegister(of: columns) { first, isAction in
        let lanes = unsafe loadActions(z + first, where: isAction, else: -.infinity)
        sum += exponential(lanes - highest).total
      }
      let shift = highest + logf(sum)
      for column in 0..<columns { unsafe z[column] -= shift }
    }
  }

  /// The action that a unit real draws from a row whose first `actions` columns are
  /// log-probabilities, by the inverse of their cumulative sum.
  public func action(ofRow row: Int, actions: Int, at unit: Float) -> Int {
    precondition(row >= 0 && row < rows && actions >= 1 && actions <= columns)
    let logProbabilities = unsafe start(ofRow: row)
    var rest = unit
    for first in Swift.stride(from: 0, to: actions, by: Lanes.scalarCount) {
      let probabilities = unsafe exponential(load(Lanes.self, logProbabilities + first))
      for lane in 0..<min(Lanes.scalarCount, actions - first) {
        rest -= probabilities[lane]
        if rest < 0 { return first + lane }
      }
    }
    return actions - 1
  }

  /// Writes the slopes of −`pull`-weighted log π(`chosen`) and of the entropy H at the logits
  /// into `slopes`: w·(`pull`·(1[a = chosen] − π_a) + `entropyWeight`·π_a·(log π_a + H)).
  ///
  /// - Parameters:
  ///   - row: of this matrix, whose first `actions` columns are log-probabilities.
  ///   - own: the row of `slopes` that receives them.
  ///   - weight: w.
  /// - Returns: the entropy H.
  public func policySlopes(
    ofRow row: Int, actions: Int, chosen: Int, pull: Float, entropyWeight: Float, weight: Float,
    into slopes: Matrix, row own: Int
  ) -> Float {
    precondition(row >= 0 && row < rows && own >= 0 && own < slopes.rows)
    precondition(actions <= columns && actions <= slopes.columns && 0..<actions ~= chosen)
    let from = unsafe start(ofRow: row)
    let to = unsafe slopes.start(ofRow: own)
    var entropy: Float = 0
    var probabilities = Lanes()
    forEachRegister(of: actions) { first, isAction in
      let logs = unsafe loadActions(from + first, where: isAction, else: 0)
      probabilities = exponential(logs)
      entropy -= (probabilities * logs).total
    }
    forEachRegister(of: actions) { first, isAction in
      let logs = unsafe loadActions(from + first, where: isAction, else: 0)
      if actions > Lanes.scalarCount { probabilities = exponential(logs) }
      let towardsEntropy = (logs + entropy) * entropyWeight
      let lanes = probabilities * (towardsEntropy - pull) * weight
      unsafe SingleStrip(lanes).write(to: to + first, count: actions - first)
    }
    unsafe to[chosen] += weight * pull
    return entropy
  }
}
