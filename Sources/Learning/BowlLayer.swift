internal import Algebra
internal import Environments
internal import Glibc

/// The point on a bowl in place of a network's weights: the only layer of a task that has a bowl.
///
/// Its value output is 1, and its tasks pay 0, so the value term ½(V − R)² of every observation has
/// slope 1 (times `vf_coef`) and passes on ∂V/∂x. This layer defines ∂V/∂x as the noisy gradient
/// h·(x + s·ξ) that the observation ξ shows. So the bowl's gradient comes out of the same rollouts,
/// shards, moments and optimizer as a network's. It has no products to count.
final class BowlLayer: Layer {
  private let bowl: Bowl
  /// Dimensions.
  let inputs: Int
  /// Actions and the value.
  let outputs: Int

  init(_ bowl: Bowl, dimensions: Int, actions: Int) {
    (self.bowl, inputs, outputs) = (bowl, dimensions, actions + 1)
  }

  /// The point as a row.
  var tensorShapes: [(rows: Int, columns: Int)] { [(1, inputs)] }
  var operationsPerRow: Int { 0 }
  var operationsPerNonzero: Int { 0 }

  private var value: Int { outputs - 1 }

  /// A uniformly random direction at distance `scale`, drawn with the value's output.
  func initialize(
    _ tensors: [Matrix], outputs: Range<Int>, scale: Double, random: inout RandomStream
  ) {
    guard outputs.contains(value) else { return }
    tensors[0].fillOrthogonal(scale: scale, random: &random)
  }

  func forward(
    _ x: InputRows, _ tensors: [Matrix], applying function: Nonlinearity?, into out: Matrix
  ) {
    out.columns(0..<value).fill(0)
    out.columns(value..<outputs).fill(1)
  }

  /// Adds Σ δ·h·(x + s·ξ), with δ the value's column of `outputGradient`.
  func addGradient(
    _ outputGradient: Matrix, _ x: InputRows, at tensors: [Matrix], to sum: [Matrix]
  ) {
    guard case .dense(let noise) = x else { preconditionFailure("noise is a dense row") }
    let (curvature, deviation) = (Float(bowl.curvature), Float(bowl.curvature * bowl.noise))
    var weights: Float = 0
    for row in 0..<noise.rows {
      let weight = outputGradient[row, value]
      weights += weight
      sum[0].add(noise.rows(row..<row + 1), times: deviation * weight)
    }
    sum[0].add(tensors[0], times: curvature * weights)
  }

  var transposedShape: (rows: Int, columns: Int) { (0, 0) }
  func transpose(_ tensors: [Matrix], into transposed: Matrix) {}

  func passBack(
    _ outputGradient: Matrix, transposed: Matrix, timesSlopeOf function: Nonlinearity,
    at inputs: Matrix, into inputGradient: Matrix
  ) {
    preconditionFailure("no layer comes before a bowl")
  }

  func namedTensors(_ name: String, start: Int, outputs own: Range<Int>) -> [NamedTensor] {
    own.contains(value)
      ? [NamedTensor(name: "\(name).point", shape: [inputs], start: start, strides: [1])] : []
  }
}

extension Network {
  /// The score of the point on a bowl, −log₂(L/L₀) = −log₂|x|², limited to the task's range of
  /// scores; `nil` for the network of a task without a bowl. Unit: halvings of the loss.
  func bowlScore(of task: CatalogueEntry) -> Double? {
    guard shape.isPoint else { return nil }
    let (score, range) = (-log2(parameters.squaredNorm()), task.facts.scoreRange)
    return score.isNaN ? range.lowerBound : min(max(score, range.lowerBound), range.upperBound)
  }
}
