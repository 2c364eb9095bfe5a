internal import Algebra
public import Environments
public import Records

/// The shape of a policy-and-value network over one flat vector of parameters.
///
/// A tower is a chain of layers from the observation to some columns of the heads: with a shared
/// trunk, one tower ends in all of them; with separate trunks, the policy's tower ends in the
/// logits and the value's in the last column. The parameters of the layers follow one another,
/// tower after tower.
public struct NetworkShape: Sendable {
  struct Tower {
    /// Indices in `layers`.
    let layers: Range<Int>
    /// Columns of the heads that it ends in.
    let heads: Range<Int>
  }

  /// Upper bound on the nonzeros of an observation that is read as a list; `nil` if it is dense.
  let maxNonzeros: Int?
  public let actions: Int
  public let activation: Activation
  public let parameterCount: Int
  let layers: [any Layer]
  let towers: [Tower]
  /// Index of each layer's first parameter.
  let starts: [Int]
  /// Operations of a forward pass: of the first layers by row and by nonzero, of all others by row.
  private let firstPerRow: Int
  private let firstPerNonzero: Int
  private let deeperPerRow: Int
  /// The hidden layers of each tower, as a plan writes them, and the order of the observations that
  /// convolutions read.
  public let hidden: NetworkLayers
  public let planes: PlaneLayout?

  /// A network of dense layers.
  ///
  /// - Parameter hidden: widths of the hidden layers of each tower.
  public init(
    inputs: Int, maxNonzeros: Int? = nil, actions: Int, hidden: LayerSizes,
    activation: Activation, trunks: Trunks
  ) {
    self.init(
      inputs: inputs, planes: nil, maxNonzeros: maxNonzeros, actions: actions,
      hidden: NetworkLayers(hidden), activation: activation, trunks: trunks)
  }

  /// - Parameters:
  ///   - planes: the order of the observations; needed by convolutions only.
  ///   - hidden: the hidden layers of each tower. Convolutions must fit the planes.
  public init(
    inputs: Int, planes: PlaneLayout?, maxNonzeros: Int? = nil, actions: Int,
    hidden: NetworkLayers, activation: Activation, trunks: Trunks
  ) {
    func tower(outputs: Int) -> [any Layer] {
      let builder = TowerBuilder(inputs: inputs, planes: planes, areLists: maxNonzeros != nil)
      return builder.layers(hidden, outputs: outputs)
    }
    self.init(
      trunks == .shared
        ? [tower(outputs: actions + 1)] : [tower(outputs: actions), tower(outputs: 1)],
      maxNonzeros: maxNonzeros, actions: actions, hidden: hidden,
      planes: hidden.hasConvolutions ? planes : nil, activation: activation)
  }

  /// - Parameter chains: the layers of the one tower, or of the policy's and of the value's.
  init(
    _ chains: [[any Layer]], maxNonzeros: Int?, actions: Int,
    hidden: NetworkLayers = NetworkLayers([]), planes: PlaneLayout? = nil, activation: Activation
  ) {
    (self.maxNonzeros, self.actions, self.activation) = (maxNonzeros, actions, activation)
    (self.hidden, self.planes) = (hidden, planes)
    let layers = Array(chains.joined())
    self.layers = layers
    var (start, layer, head) = (0, 0, 0)
    starts = layers.map { layer in
      defer { start += layer.parameterCount }
      return start
    }
    parameterCount = start
    towers = chains.map { chain in
      defer { (layer, head) = (layer + chain.count, head + chain[chain.count - 1].outputs) }
      return Tower(
        layers: layer..<layer + chain.count, heads: head..<head + chain[chain.count - 1].outputs)
    }
    let firsts = chains.map { $0[0] }
    firstPerRow = firsts.reduce(0) { $0 + $1.operationsPerRow }
    firstPerNonzero = firsts.reduce(0) { $0 + $1.operationsPerNonzero }
    deeperPerRow = layers.reduce(0) { $0 + $1.operationsPerRow } - firstPerRow
  }

  /// The network that a trial of a task trains, or the point on its bowl.
  public init(_ hyperparameters: Hyperparameters, for task: CatalogueEntry) {
    if let bowl = task.facts.bowl {
      let actions = task.facts.actions.count
      let point = BowlLayer(bowl, dimensions: task.facts.observationSize, actions: actions)
      self.init(
        [[point]], maxNonzeros: nil, actions: actions, activation: hyperparameters.activation)
      return
    }
    self.init(
      inputs: task.facts.observationSize, planes: task.facts.planes,
      maxNonzeros: task.maxNonzeros, actions: task.facts.actions.count,
      hidden: hyperparameters.layers,
      activation: hyperparameters.activation, trunks: hyperparameters.trunks)
  }

  public var inputs: Int { layers[0].inputs }
  /// Whether it is a point on a bowl. Its loss has a single term, which counts as the policy's.
  var isPoint: Bool { layers[0] is BowlLayer }
  public var trunks: Trunks { towers.count == 1 ? .shared : .separate }
  /// The activation as the products apply it.
  var function: Nonlinearity {
    switch activation {
    case .tanh: .tanh
    case .relu: .relu
    }
  }
  /// Outputs of the widest layer that is no convolution.
  public var widestLayer: Int {
    layers.filter { !($0 is ConvLayer) }.map(\.outputs).max() ?? 0
  }
}

extension NetworkShape {
  /// Operations of a forward pass by convention: 2·inputs·outputs per dense layer and observation.
  func conventionalForward(rows: Int) -> Int { rows * (firstPerRow + deeperPerRow) }

  /// Operations that a forward pass of rows of observations executes.
  func executedForward(_ x: InputRows, rows: Int) -> Int {
    first(x, rows: rows) + rows * deeperPerRow
  }

  /// Operations that a backward pass executes: the gradient of every layer's parameters, and of
  /// the inputs of all layers but the first ones.
  func executedBackward(_ x: InputRows, rows: Int) -> Int {
    first(x, rows: rows) + 2 * rows * deeperPerRow
  }

  private func first(_ x: InputRows, rows: Int) -> Int {
    guard case .sparse(let x) = x else { return rows * firstPerRow }
    return towers.reduce(0) { $0 + layers[$1.layers.lowerBound].operations(x) }
  }

  /// About the operations of a forward pass of a row, half of the nonzeros that it may have.
  var usualForward: Int {
    let first = maxNonzeros.map { max($0 / 2, 1) * firstPerNonzero } ?? firstPerRow
    return first + deeperPerRow
  }
}

/// Makes the layers of a tower.
private struct TowerBuilder {
  let inputs: Int
  let planes: PlaneLayout?
  /// Whether the observations are lists of ones.
  let areLists: Bool

  func layers(_ hidden: NetworkLayers, outputs: Int) -> [any Layer] {
    var made: [any Layer] = []
    for layer in hidden.layers {
      switch layer {
      case .dense(let width): made.append(dense(after: made.last, width))
      case .convolution(let own): made.append(convolution(after: made.last, own))
      }
    }
    return made + [dense(after: made.last, outputs)]
  }

  private func dense(after last: (any Layer)?, _ width: Int) -> DenseLayer {
    DenseLayer(
      inputs: last?.outputs ?? inputs, outputs: width,
      channels: (last as? ConvLayer)?.channels ?? 1)
  }

  private func convolution(
    after last: (any Layer)?, _ own: NetworkLayers.Convolution
  ) -> ConvLayer {
    if let last = last as? ConvLayer {
      let grid = PatchGrid(
        height: last.grid.rows, width: last.grid.columns, channels: last.channels, own)
      return ConvLayer(grid, channels: own.outputs)
    }
    guard let planes, last == nil else { preconditionFailure("a convolution reads planes") }
    return ConvLayer(planes, own, areLists: areLists)
  }
}
