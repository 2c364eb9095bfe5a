internal import Algebra
internal import Benchmark

/// Parameters of a network 64-64 with 64 inputs and 4 outputs.
private let parameterCount = 8_580

/// What touches every activation of a block of 64 rows once, or every parameter.
func elementwiseKernels() {
  let activations = Matrix.mixed(rows: 64, columns: 64)
  kernel("tanh-64x64") { activations.apply(.tanh) }

  // Near 0 tanh has slope 1, so that the slopes stay what they are however often it is applied.
  let slopes = Matrix.mixed(rows: 64, columns: 64)
  let small = Matrix(rows: 64, columns: 64)
  small.fill(1e-6)
  kernel("tanh-slope-64x64") { slopes.multiplyBySlope(of: .tanh, at: small) }

  let parameters = Matrix.mixed(rows: 1, columns: parameterCount)
  let gradient = Matrix.mixed(rows: 1, columns: parameterCount)
  let mean = Matrix(rows: 1, columns: parameterCount)
  let square = Matrix(rows: 1, columns: parameterCount)
  kernel("adam-\(parameterCount)", scale: .one) {
    parameters.stepAdam(
      gradient: gradient, firstMoment: mean, secondMoment: square, step: 100,
      learningRate: 1e-6, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
  }
  kernel("squared-norm-\(parameterCount)") { blackHole(gradient.squaredNorm()) }

  // Drained, the shard is zero; the pass over it is the same.
  let shard = Matrix.mixed(rows: 1, columns: parameterCount)
  let sum = Matrix(rows: 1, columns: parameterCount)
  kernel("add-scaled-and-clear-\(parameterCount)", scale: .one) {
    blackHole(shard.addScaledAndClear(to: sum, times: 0.5))
  }
}
