internal import Algebra
internal import Environments

/// A layer of a network. Each kind has a file with its parameters, outputs, gradients, cost and
/// names.
///
/// A layer is stateless. Its parameters are tensors of a `ParameterSet` that the caller passes in,
/// and its gradient is added to the same tensors of another one. Between layers it applies the
/// network's activation, in the same pass as its product.
///
/// To add a kind of layer, write its file and list it in `NetworkShape`.
protocol Layer: AnyObject, Sendable {
  /// Numbers per row of the input, and of the output.
  var inputs: Int { get }
  var outputs: Int { get }
  /// Shapes of the tensors, in their order in the vector of all parameters.
  var tensorShapes: [(rows: Int, columns: Int)] { get }
  /// Operations of the products of a forward pass, per row of numbers. The gradients of the
  /// parameters and of the inputs each cost the same again.
  var operationsPerRow: Int { get }
  /// Operations of a forward pass per nonzero of a sparse row; the mean, if nonzeros differ.
  var operationsPerNonzero: Int { get }
  /// Operations of a forward pass of sparse rows.
  func operations(_ x: SparseRows) -> Int

  /// Draws the parameters of some outputs; all parameters are zero beforehand.
  func initialize(
    _ tensors: [Matrix], outputs: Range<Int>, scale: Double, random: inout RandomStream)

  /// Writes the outputs of every row. Shapes [n × inputs] → [n × outputs].
  ///
  /// - Parameter function: applied to the outputs; `nil` after the last layer.
  func forward(
    _ x: InputRows, _ tensors: [Matrix], applying function: Nonlinearity?, into out: Matrix)

  /// Adds the gradient of the parameters, summed over the rows, to `sum`.
  ///
  /// - Parameters:
  ///   - outputGradient: of the loss with respect to the outputs, [n × outputs].
  ///   - x: the inputs of the forward pass, [n × inputs].
  ///   - tensors: the parameters of the forward pass.
  func addGradient(
    _ outputGradient: Matrix, _ x: InputRows, at tensors: [Matrix], to sum: [Matrix])

  /// Shape of the parameters as `passBack` reads them.
  var transposedShape: (rows: Int, columns: Int) { get }
  func transpose(_ tensors: [Matrix], into transposed: Matrix)

  /// Writes the gradient of the loss with respect to the sums that the layer before applied its
  /// function to, [n × inputs].
  ///
  /// - Parameter inputs: the values of that function.
  func passBack(
    _ outputGradient: Matrix, transposed: Matrix, timesSlopeOf function: Nonlinearity,
    at inputs: Matrix, into inputGradient: Matrix)

  /// Adds the squared norm of the gradient of every single row to `sum`.
  func addSquaredNorms(
    _ outputGradient: Matrix, _ x: InputRows, at tensors: [Matrix], to sum: inout Double)

  /// The parameters of some outputs under PyTorch's names for its layer of the same kind.
  ///
  /// - Parameter start: index of the layer's first parameter in the vector.
  func namedTensors(_ name: String, start: Int, outputs: Range<Int>) -> [NamedTensor]
}

extension Layer {
  var parameterCount: Int { tensorShapes.reduce(0) { $0 + $1.rows * $1.columns } }

  func operations(_ x: SparseRows) -> Int { x.nonzeros * operationsPerNonzero }

  /// By one backward pass per row; a kind with a closed form overrides it.
  func addSquaredNorms(
    _ outputGradient: Matrix, _ x: InputRows, at tensors: [Matrix], to sum: inout Double
  ) {
    let gradient = tensorShapes.map { Matrix(rows: $0.rows, columns: $0.columns) }
    for row in 0..<outputGradient.rows {
      for tensor in gradient { tensor.fill(0) }
      addGradient(
        outputGradient.rows(row..<row + 1), x.rows(row..<row + 1), at: tensors, to: gradient)
      for tensor in gradient { sum += tensor.squaredNorm() }
    }
  }
}
