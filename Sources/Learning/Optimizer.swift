internal import Algebra
internal import Glibc
internal import Records

/// Adam, SGD with momentum or RMSProp over one flat vector.
struct Optimizer {
  let learningRate: Double
  /// Means of the gradient and of its square, one number per parameter.
  let firstMoment: Matrix
  let secondMoment: Matrix
  var steps = 0
  private let kind: OptimizerKind
  /// Adam's β₁, or the momentum of SGD and RMSProp.
  private let momentum: Double
  /// Adam's β₂, or RMSProp's smoothing.
  private let smoothing: Double
  private let epsilon: Double

  init(_ hyperparameters: Hyperparameters, learningRate: Double, parameters: Int) {
    self.learningRate = learningRate
    firstMoment = Matrix(rows: 1, columns: parameters)
    secondMoment = Matrix(rows: 1, columns: parameters)
    kind = hyperparameters.optimizer
    (momentum, smoothing) = (hyperparameters.momentum, hyperparameters.smoothing)
    epsilon = hyperparameters.epsilon
  }

  mutating func step(_ parameters: Matrix, gradient: Matrix) {
    steps += 1
    switch kind {
    case .adam:
      parameters.stepAdam(
        gradient: gradient, firstMoment: firstMoment, secondMoment: secondMoment, step: steps,
        learningRate: learningRate, beta1: momentum, beta2: smoothing, epsilon: epsilon)
    case .sgd:
      parameters.stepSGD(
        gradient: gradient, velocity: firstMoment, learningRate: learningRate, momentum: momentum)
    case .rmsprop:
      parameters.stepRMSProp(
        gradient: gradient, velocity: firstMoment, secondMoment: secondMoment,
        learningRate: learningRate, momentum: momentum, smoothing: smoothing, epsilon: epsilon)
    }
  }

  /// Writes √P, with P the factor by which the optimizer multiplies each number of the gradient,
  /// from the second moment so far: P = 1/(√v̂ + ε) for Adam and RMSProp, 1 for SGD. Before the
  /// first step it is 1. Numbers whose gradient was 0 at all steps so far count as 0: they have no v,
  /// and 1/ε for a P would outweigh all others.
  func writePreconditionerRoots(to roots: Matrix) {
    let correction: Double
    switch kind {
    case .adam where steps > 0: correction = 1 / (1 - power(smoothing, steps))
    case .rmsprop where steps > 0: correction = 1
    case .adam, .rmsprop, .sgd: return roots.fill(1)
    }
    roots.assignRootsOfFactors(
      secondMoment: secondMoment, correction: correction, epsilon: epsilon)
  }
}
