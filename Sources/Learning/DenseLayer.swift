internal import Algebra
internal import Environments

/// A dense layer, y = x·W + b: weights [inputs × outputs], row by row, and then the bias.
final class DenseLayer: Layer {
  let inputs: Int
  let outputs: Int
  /// Channels of the convolution before this layer; 1 if there is none.
  private let channels: Int

  init(inputs: Int, outputs: Int, channels: Int = 1) {
    (self.inputs, self.outputs, self.channels) = (inputs, outputs, channels)
  }

  var tensorShapes: [(rows: Int, columns: Int)] { [(inputs, outputs), (1, outputs)] }
  var operationsPerRow: Int { 2 * inputs * outputs }
  /// A forward pass sums rows of W.
  var operationsPerNonzero: Int { outputs }

  /// Orthogonal weights; the bias stays 0.
  func initialize(
    _ tensors: [Matrix], outputs: Range<Int>, scale: Double, random: inout RandomStream
  ) {
    tensors[0].columns(outputs).fillOrthogonal(scale: scale, random: &random)
  }

  func forward(
    _ x: InputRows, _ tensors: [Matrix], applying function: Nonlinearity?, into out: Matrix
  ) {
    switch x {
    case .dense(let x):
      multiply(x, tensors[0], plus: tensors[1], applying: function, into: out)
    case .sparse(let x):
      multiply(x, tensors[0], plus: tensors[1], applying: function, into: out)
    }
  }

  func addGradient(
    _ outputGradient: Matrix, _ x: InputRows, at tensors: [Matrix], to sum: [Matrix]
  ) {
    sum[1].add(rowsOf: outputGradient)
    switch x {
    case .dense(let x): addProduct(ofTransposed: x, outputGradient, to: sum[0])
    case .sparse(let x): addProduct(ofTransposed: x, outputGradient, to: sum[0])
    }
  }

  /// Wᵀ, so that the gradient passes back by a plain product: OpenBLAS is up to 60 times slower
  /// with the right factor transposed, and the lab's own kernel can't do it.
  var transposedShape: (rows: Int, columns: Int) { (outputs, inputs) }

  func transpose(_ tensors: [Matrix], into transposed: Matrix) {
    transposed.assign(transposed: tensors[0])
  }

  func passBack(
    _ outputGradient: Matrix, transposed: Matrix, timesSlopeOf function: Nonlinearity,
    at inputs: Matrix, into inputGradient: Matrix
  ) {
    multiply(outputGradient, transposed, timesSlopeOf: function, at: inputs, into: inputGradient)
  }

  /// The gradient of one row is an outer product, so its squared norm is (|x|² + 1)·|δ|² exactly.
  func addSquaredNorms(
    _ outputGradient: Matrix, _ x: InputRows, at tensors: [Matrix], to sum: inout Double
  ) {
    for row in 0..<outputGradient.rows {
      sum += (x.squaredNorm(ofRow: row) + 1) * outputGradient.squaredNorm(ofRow: row)
    }
  }

  /// PyTorch's `Linear`: weights are [outputs, inputs]. Its `Flatten` makes the outputs of a
  /// convolution [channel][y][x].
  func namedTensors(_ name: String, start: Int, outputs own: Range<Int>) -> [NamedTensor] {
    [
      NamedTensor(
        name: "\(name).weight", shape: [own.count, inputs], start: start + own.lowerBound,
        extents: [own.count, channels, inputs / channels],
        strides: [1, outputs, channels * outputs]),
      NamedTensor(
        name: "\(name).bias", shape: [own.count],
        start: start + inputs * outputs + own.lowerBound, strides: [1]),
    ]
  }
}
