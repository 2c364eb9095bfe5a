internal import Algebra
internal import Benchmark

/// Heads of a block of 64 rows: three actions and, in the last column, the value.
func policyHead() {
  let (rows, actions) = (64, 3)
  let heads = Matrix.mixed(rows: rows, columns: actions + 1)
  let logits = heads.columns(0..<actions)
  // The log-softmax of log-probabilities is the same again, so repeated calls do equal work.
  kernel("log-softmax-64x3") { logits.applyLogSoftmax() }

  let units = (0..<rows).map { (Float($0) + 0.5) / Float(rows) }
  var chosen = [Int32](repeating: 0, count: rows)
  var logProbabilities = [Float](repeating: 0, count: rows)
  logits.applyLogSoftmax()
  kernel("draw-actions-64x3") {
    heads.drawActions(
      actions, units: units, into: &chosen, logProbabilities: &logProbabilities)
  }

  let taken = (0..<rows).map { Int32($0 % actions) }
  let gradients = Matrix(rows: rows, columns: actions + 1)
  kernel("logit-gradients-64x3") {
    blackHole(
      heads.writeLogitGradients(
        actions: actions, chosen: taken, policyWeights: units, entropyWeight: 0.01,
        weight: 1 / Float(rows), into: gradients))
  }
}
