public import Algebra
internal import Records

/// One number per parameter of a network: the parameters themselves, or a gradient. The numbers are
/// one row, and each layer's tensors are views of it. Copies share them.
struct ParameterSet {
  /// [1 × parameters]
  let vector: Matrix
  /// [layer][tensor]
  let tensors: [[Matrix]]

  /// - Parameter vector: a row of `shape.parameterCount` numbers; zeros if not given.
  init(_ shape: NetworkShape, vector: Matrix? = nil) {
    let vector = vector ?? Matrix(rows: 1, columns: shape.parameterCount)
    self.vector = vector
    var start = 0
    tensors = shape.layers.map { layer in
      layer.tensorShapes.map { rows, columns in
        defer { start += rows * columns }
        return vector.reshaped(start..<start + rows * columns, rows: rows, columns: columns)
      }
    }
  }
}

/// The outputs of a network's layers for a number of rows, or the gradients of a loss with respect
/// to them. Those of a rollout are kept, so that the first gradient needs no second forward pass.
public struct Activations {
  /// [layer], each [rows × outputs]; hidden layers after their activation, the last ones as columns
  /// of `heads`.
  let outputs: [Matrix]
  /// Log-probabilities of the actions and, in the last column, the value: [rows × actions + 1].
  public let heads: Matrix
  /// The columns of `heads` with the log-probabilities.
  let policy: Matrix

  init(_ shape: NetworkShape, rows: Int) {
    let heads = Matrix(rows: rows, columns: shape.actions + 1)
    self.heads = heads
    policy = heads.columns(0..<shape.actions)
    outputs = shape.towers.flatMap { tower in
      tower.layers.dropLast().map { Matrix(rows: rows, columns: shape.layers[$0].outputs) }
        + [heads.columns(tower.heads)]
    }
  }

  private init(outputs: [Matrix], heads: Matrix, policy: Matrix) {
    (self.outputs, self.heads, self.policy) = (outputs, heads, policy)
  }

  /// Sets the gradients of the heads to those of the value alone.
  func setHeads(toValueOf gradients: Activations) {
    let value = heads.columns - 1
    heads.fill(0)
    heads.columns(value..<value + 1).assign(gradients.heads.columns(value..<value + 1))
  }

  /// Some of the rows. Unlike a slice of a matrix, it allocates an array.
  func rows(_ selection: RowSelection) -> Activations {
    Activations(
      outputs: outputs.map { $0.rows(selection) }, heads: heads.rows(selection),
      policy: policy.rows(selection))
  }
}

/// Every `step`-th row from `first` on.
struct RowSelection {
  var first: Int
  var step = 1
  var count: Int

  init(_ range: Range<Int>) {
    first = range.lowerBound
    count = range.count
  }

  init(first: Int, step: Int, count: Int) {
    self.first = first
    self.step = step
    self.count = count
  }
}

extension Matrix {
  func rows(_ selection: RowSelection) -> Matrix {
    rows(from: selection.first, by: selection.step, count: selection.count)
  }
}

/// A policy-and-value network. Copies share the parameters.
public struct Network {
  /// Rows that go through all layers together.
  static let blockRows = WorkDivision.blockRows

  public let shape: NetworkShape
  let parameterSet: ParameterSet
  /// All parameters as one row.
  public var parameters: Matrix { parameterSet.vector }

  /// - Parameter parameters: a row of `shape.parameterCount` numbers; zeros if not given.
  public init(_ shape: NetworkShape, parameters: Matrix? = nil) {
    self.shape = shape
    parameterSet = ParameterSet(shape, vector: parameters)
  }

  /// Writes log-probabilities and values of the observations `x`, one per row, into the selected
  /// rows of `activations`.
  ///
  /// - Returns: the operations that were executed.
  @discardableResult
  func forward(_ x: InputRows, into activations: Activations, at rows: RowSelection) -> Int {
    for first in stride(from: 0, to: rows.count, by: Self.blockRows) {
      let count = min(Self.blockRows, rows.count - first)
      forwardBlock(
        x.rows(from: first, by: 1, count: count), into: activations,
        at: RowSelection(first: rows.first + first * rows.step, step: rows.step, count: count))
    }
    return shape.executedForward(x, rows: rows.count)
  }

  private func forwardBlock(
    _ x: InputRows, into activations: Activations, at rows: RowSelection
  ) {
    // By index, because with few rows the cost of passing layers around is noticeable.
    for tower in shape.towers.indices {
      let layers = shape.towers[tower].layers
      var input = x
      for layer in layers {
        let output = activations.outputs[layer].rows(rows)
        shape.layers[layer].forward(
          input, parameterSet.tensors[layer],
          applying: layer < layers.upperBound - 1 ? shape.function : nil, into: output)
        input = .dense(output)
      }
    }
    activations.policy.rows(rows).applyLogSoftmax()
  }
}

/// The backward pass of a network. It reads transposed weights, which are updated once per change
/// of the parameters.
struct BackwardPass {
  let network: Network
  /// [layer]; empty for the first layer of a tower, whose inputs need no gradient.
  private let transposed: [Matrix]

  init(_ network: Network) {
    self.network = network
    let shape = network.shape
    transposed = shape.towers.flatMap { tower in
      tower.layers.map { layer in
        let (rows, columns) = shape.layers[layer].transposedShape
        return layer == tower.layers.lowerBound
          ? Matrix(rows: 0, columns: 0) : Matrix(rows: rows, columns: columns)
      }
    }
  }

  /// Updates the transposed weights after a change of the parameters.
  func update() {
    for tower in network.shape.towers {
      for layer in tower.layers.dropFirst() {
        network.shape.layers[layer].transpose(
          network.parameterSet.tensors[layer], into: transposed[layer])
      }
    }
  }

  /// Adds the gradient of the parameters to `sum`.
  ///
  /// - Parameters:
  ///   - gradients: `heads` holds those of the loss with respect to logits and value; those with
  ///     respect to the other outputs are written.
  ///   - x: the observations.
  ///   - activations: the outputs of the forward pass for them, at `rows`.
  /// - Returns: the operations that were executed.
  @discardableResult
  func run(
    _ gradients: Activations, _ x: InputRows, _ activations: Activations, at rows: RowSelection,
    addingTo sum: ParameterSet
  ) -> Int {
    let shape = network.shape
    for tower in shape.towers.indices {
      let layers = shape.towers[tower].layers
      for layer in layers.reversed() {
        let outputGradient = gradients.outputs[layer]
        guard layer > layers.lowerBound else {
          shape.layers[layer].addGradient(
            outputGradient, x, at: network.parameterSet.tensors[layer], to: sum.tensors[layer])
          break
        }
        let input = activations.outputs[layer - 1].rows(rows)
        shape.layers[layer].addGradient(
          outputGradient, .dense(input), at: network.parameterSet.tensors[layer],
          to: sum.tensors[layer])
        shape.layers[layer].passBack(
          outputGradient, transposed: transposed[layer],
          timesSlopeOf: shape.function, at: input, into: gradients.outputs[layer - 1])
      }
    }
    return shape.executedBackward(x, rows: rows.count)
  }

  /// Σ over rows of the squared norm of the row's own gradient, from what `run` wrote to
  /// `gradients` for the same rows.
  func squaredNorms(
    _ gradients: Activations, _ x: InputRows, _ activations: Activations, at rows: RowSelection
  ) -> Double {
    var sum = 0.0
    for tower in network.shape.towers {
      for layer in tower.layers {
        network.shape.layers[layer].addSquaredNorms(
          gradients.outputs[layer],
          layer == tower.layers.lowerBound ? x : .dense(activations.outputs[layer - 1].rows(rows)),
          at: network.parameterSet.tensors[layer], to: &sum)
      }
    }
    return sum
  }
}
