internal import Algebra
internal import Glibc
internal import Records

/// Adam, SGD with momentum or RMSProp over one flat vector.
struct Optimizer {
  let hyperparameters: Hyperparameters
  let learningRate: Double
  /// First and second moments, one number per parameter.
  let mean: Matrix
  let square: Matrix
  var steps = 0

  init(_ hyperparameters: Hyperparameters, learningRate: Double, parameters: Int) {
    self.hyperparameters = hyperparameters
    self.learningRate = learningRate
    mean = Matrix(rows: 1, columns: parameters)
    square = Matrix(rows: 1, columns: parameters)
  }

  mutating func step(_ parameters: Matrix, gradient: Matrix) {
    steps += 1
    switch hyperparameters.optimizer {
    case .adam:
      parameters.stepAdam(
        gradient: gradient, mean: mean, square: square, step: steps, learningRate: learningRate,
        beta1: hyperparameters.momentum, beta2: hyperparameters.smoothing,
        epsilon: hyperparameters.epsilon)
    case .sgd:
      parameters.stepSGD(
        gradient: gradient, mean: mean, learningRate: learningRate,
        momentum: hyperparameters.momentum)
    case .rmsprop:
      parameters.stepRMSProp(
        gradient: gradient, mean: mean, square: square, learningRate: learningRate,
        momentum: hyperparameters.momentum, smoothing: hyperparameters.smoothing,
        epsilon: hyperparameters.epsilon)
    }
  }

  /// What the next step multiplies a gradient by, number by number, but for the learning rate and
  /// momentum: 1/(√v̂ + ε) of Adam and RMSProp, 1 of SGD. Before the first step there is no v: then
  /// it is 1 as well.
  func writePreconditioner(to factors: Matrix) {
    guard hyperparameters.optimizer != .sgd, steps > 0 else { return factors.fill(1) }
    let isAdam = hyperparameters.optimizer == .adam
    let correction = isAdam ? 1 - pow(hyperparameters.smoothing, Double(steps)) : 1
    for index in 0..<square.columns {
      let root = (Double(square[0, index]) / correction).squareRoot()
      factors[0, index] = Float(1 / (root + hyperparameters.epsilon))
    }
  }
}
