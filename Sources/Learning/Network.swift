public import Algebra
public import Environments
public import Records

/// The shape of a policy-and-value network of dense layers over one flat vector of parameters.
///
/// A tower is a chain of dense layers from the observation to some of the columns of the heads:
/// with shared trunks one tower ends in all of them, with separate trunks the policy's tower
/// ends in the logits and the value's in the last column. In the vector each layer stands as
/// its weights [inputs × outputs], row by row, and then its bias, tower after tower.
public struct NetworkShape: Hashable, Sendable {
  struct Layer: Hashable, Sendable {
    var inputs: Int
    var outputs: Int
    /// Where its weights begin in the vector; the bias follows them.
    var offset: Int

    var weights: Range<Int> { offset..<offset + inputs * outputs }
    var bias: Range<Int> { weights.upperBound..<weights.upperBound + outputs }
  }

  struct Tower: Hashable, Sendable {
    var layers: [Layer]
    /// Columns of the heads that it ends in.
    var heads: Range<Int>
  }

  public let inputs: Int
  /// Where inputs come as lists of ones, how many ones there are at most; `nil`: as numbers.
  public let mostActiveInputs: Int?
  public let actions: Int
  public let activation: Activation
  public let parameterCount: Int
  let towers: [Tower]
  /// Weights and outputs of the first layers, and weights of all others.
  private let firstWeights: Int
  private let firstOutputs: Int
  private let deeperWeights: Int

  public init(
    inputs: Int, mostActiveInputs: Int? = nil, actions: Int, hidden: LayerSizes,
    activation: Activation, trunks: Trunks
  ) {
    self.inputs = inputs
    self.mostActiveInputs = mostActiveInputs
    self.actions = actions
    self.activation = activation
    var offset = 0
    func tower(to heads: Range<Int>) -> Tower {
      let widths = [inputs] + hidden.sizes + [heads.count]
      let layers = zip(widths, widths.dropFirst()).map { from, to in
        let layer = Layer(inputs: from, outputs: to, offset: offset)
        offset = layer.bias.upperBound
        return layer
      }
      return Tower(layers: layers, heads: heads)
    }
    towers =
      trunks == .shared
      ? [tower(to: 0..<actions + 1)]
      : [tower(to: 0..<actions), tower(to: actions..<actions + 1)]
    parameterCount = offset
    let firsts = towers.map { $0.layers[0] }
    firstWeights = firsts.reduce(0) { $0 + $1.weights.count }
    firstOutputs = firsts.reduce(0) { $0 + $1.outputs }
    deeperWeights = towers.reduce(0) { sum, tower in
      tower.layers.dropFirst().reduce(sum) { $0 + $1.weights.count }
    }
  }

  /// Widths of the hidden layers of each tower.
  public var hidden: LayerSizes { LayerSizes(towers[0].layers.dropLast().map(\.outputs)) }
  public var trunks: Trunks { towers.count == 1 ? .shared : .separate }
}

extension NetworkShape {
  /// The network that a trial of a task trains.
  public init(_ hyperparameters: Hyperparameters, for task: CatalogueEntry) {
    self.init(
      inputs: task.facts.observationSize, mostActiveInputs: task.mostActiveFeatures,
      actions: task.facts.actions.count, hidden: hyperparameters.hidden,
      activation: hyperparameters.activation, trunks: hyperparameters.trunks)
  }

  /// Outputs of the widest layer.
  public var widestLayer: Int {
    towers.flatMap { $0.layers.map(\.outputs) }.max() ?? 0
  }
}

extension NetworkShape {
  /// Operations of a forward pass by convention: 2·inputs·outputs for each layer and observation.
  public func conventionalForward(rows: Int) -> Int {
    2 * rows * (firstWeights + deeperWeights)
  }

  /// Operations that a forward pass executes.
  ///
  /// - Parameter ones: how many the observations list together; `nil`: they are numbers.
  func executedForward(rows: Int, ones: Int?) -> Int {
    first(rows: rows, ones: ones) + 2 * rows * deeperWeights
  }

  /// Operations that a backward pass executes: every layer's gradient, and the slopes of the inputs
  /// of all but the first ones.
  func executedBackward(rows: Int, ones: Int?) -> Int {
    first(rows: rows, ones: ones) + 4 * rows * deeperWeights
  }

  private func first(rows: Int, ones: Int?) -> Int {
    ones.map { $0 * firstOutputs } ?? 2 * rows * firstWeights
  }
}

/// A network's parameters, or anything else that has one number per parameter, seen layer by
/// layer. Copies share the numbers.
public struct Network {
  struct Dense {
    /// [inputs × outputs]
    var weights: Matrix
    /// [1 × outputs]
    var bias: Matrix
  }

  struct Tower {
    var layers: [Dense]
    var heads: Range<Int>
  }

  public let shape: NetworkShape
  /// All parameters as one row.
  public let parameters: Matrix
  let towers: [Tower]

  /// - Parameter parameters: a row of `shape.parameterCount` numbers; zeros if not given.
  public init(_ shape: NetworkShape, parameters: Matrix? = nil) {
    let parameters = parameters ?? Matrix(rows: 1, columns: shape.parameterCount)
    self.shape = shape
    self.parameters = parameters
    towers = shape.towers.map { tower in
      let layers = tower.layers.map { layer in
        Dense(
          weights: parameters.reshaped(layer.weights, rows: layer.inputs, columns: layer.outputs),
          bias: parameters.reshaped(layer.bias, rows: 1, columns: layer.outputs))
      }
      return Tower(layers: layers, heads: tower.heads)
    }
  }
}

/// What the layers of a network gave for a number of rows: kept from the rollout, so that the
/// first gradient needs no second forward pass.
public struct Activations {
  /// Outputs of the hidden layers, [tower][layer], each [rows × width].
  let hidden: [[Matrix]]
  /// Log-probabilities of the actions and, in the last column, the value: [rows × actions + 1].
  public let heads: Matrix

  public init(_ shape: NetworkShape, rows: Int) {
    hidden = shape.towers.map { tower in
      tower.layers.dropLast().map { Matrix(rows: rows, columns: $0.outputs) }
    }
    heads = Matrix(rows: rows, columns: shape.actions + 1)
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

/// The weights of all layers but the first, transposed [tower][layer]: slopes then pass down by
/// plain products (OpenBLAS is up to 60 times slower with the right factor transposed, and the
/// lab's own kernel knows no other form).
struct TransposedWeights {
  private let layers: [[Matrix]]

  init(_ shape: NetworkShape) {
    layers = shape.towers.map { tower in
      tower.layers.dropFirst().map { Matrix(rows: $0.outputs, columns: $0.inputs) }
    }
  }

  func assign(_ network: Network) {
    for (tower, own) in zip(network.towers, layers) {
      for (layer, transposed) in zip(tower.layers.dropFirst(), own) {
        transposed.assign(transposed: layer.weights)
      }
    }
  }

  subscript(tower: Int, layer: Int) -> Matrix { layers[tower][layer - 1] }
}

extension Network {
  /// Rows that go through all layers together, so that a block stays in the cache.
  static let blockRows = 64

  /// Forward pass: log-probabilities and values of the observations `x`, one per row, into the
  /// selected rows of `activations`.
  ///
  /// - Returns: the operations that it executed.
  @discardableResult
  func forward(
    _ x: ObservationRows, into activations: Activations, at rows: RowSelection
  ) -> Int {
    for first in stride(from: 0, to: rows.count, by: Self.blockRows) {
      let count = min(Self.blockRows, rows.count - first)
      forwardBlock(
        x.rows(from: first, by: 1, count: count), into: activations,
        at: RowSelection(first: rows.first + first * rows.step, step: rows.step, count: count))
    }
    return shape.executedForward(rows: rows.count, ones: x.ones)
  }

  private func forwardBlock(
    _ x: ObservationRows, into activations: Activations, at rows: RowSelection
  ) {
    let heads = activations.heads.rows(rows)
    // By index: at a few rows, what it costs to hand layers about shows.
    for tower in towers.indices {
      let depth = towers[tower].layers.count - 1
      func output(_ layer: Int) -> Matrix {
        layer < depth
          ? activations.hidden[tower][layer].rows(rows) : heads.columns(towers[tower].heads)
      }
      var last = output(0)
      x.multiply(
        towers[tower].layers[0].weights, plus: towers[tower].layers[0].bias, into: last)
      for layer in 1..<depth + 1 {
        last.apply(shape.activation)
        let next = output(layer)
        multiply(
          last, towers[tower].layers[layer].weights, plus: towers[tower].layers[layer].bias,
          into: next)
        last = next
      }
    }
    heads.columns(0..<shape.actions).applyLogSoftmax()
  }

  /// Backward pass: adds the gradient of the parameters to `gradient`.
  ///
  /// - Parameters:
  ///   - heads: slopes of the loss with respect to logits and value, [rows × actions + 1].
  ///   - x: the observations, and `activations` at `rows`: what the forward pass gave for them.
  ///   - transposed: this network's.
  ///   - scratch: room for at least as many rows.
  /// - Returns: the operations that it executed.
  @discardableResult
  func backward(
    _ heads: Matrix, _ x: ObservationRows, _ activations: Activations, at rows: RowSelection,
    transposed: TransposedWeights, scratch: Activations, addingTo gradient: Network
  ) -> Int {
    for (index, tower) in towers.enumerated() {
      var slope = heads.columns(tower.heads)
      for layer in tower.layers.indices.reversed() {
        let own = gradient.towers[index].layers[layer]
        own.bias.add(rowsOf: slope)
        if layer == 0 {
          x.addTransposedProduct(slope, to: own.weights)
          break
        }
        let input = activations.hidden[index][layer - 1].rows(rows)
        addProduct(ofTransposed: input, slope, to: own.weights)
        let below = scratch.hidden[index][layer - 1].rows(0..<rows.count)
        multiply(slope, transposed[index, layer], into: below)
        below.multiplyBySlope(of: shape.activation, at: input)
        slope = below
      }
    }
    return shape.executedBackward(rows: rows.count, ones: x.ones)
  }
}

extension Matrix {
  fileprivate func apply(_ activation: Activation) {
    switch activation {
    case .tanh: applyTanh()
    case .relu: applyReLU()
    }
  }

  fileprivate func multiplyBySlope(of activation: Activation, at values: Matrix) {
    switch activation {
    case .tanh: multiplyByTanhSlope(at: values)
    case .relu: multiplyByReLUSlope(at: values)
    }
  }
}
