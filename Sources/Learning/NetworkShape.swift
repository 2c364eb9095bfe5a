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

  /// A network of dense layers.
  ///
  /// - Parameter hidden: widths of the hidden layers of each tower.
  public init(
    inputs: Int, maxNonzeros: Int? = nil, actions: Int, hidden: LayerSizes,
    activation: Activation, trunks: Trunks
  ) {
    func tower(outputs: Int) -> [any Layer] {
      let widths = [inputs] + hidden.sizes + [outputs]
      return zip(widths, widths.dropFirst()).map { DenseLayer(inputs: $0, outputs: $1) }
    }
    self.init(
      trunks == .shared
        ? [tower(outputs: actions + 1)] : [tower(outputs: actions), tower(outputs: 1)],
      maxNonzeros: maxNonzeros, actions: actions, activation: activation)
  }

  /// - Parameter chains: the layers of the one tower, or of the policy's and of the value's.
  init(_ chains: [[any Layer]], maxNonzeros: Int?, actions: Int, activation: Activation) {
    (self.maxNonzeros, self.actions, self.activation) = (maxNonzeros, actions, activation)
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
      inputs: task.facts.observationSize, maxNonzeros: task.maxNonzeros,
      actions: task.facts.actions.count, hidden: hyperparameters.hidden,
      activation: hyperparameters.activation, trunks: hyperparameters.trunks)
  }

  public var inputs: Int { layers[0].inputs }
  /// Whether it is a point on a bowl. Its loss has a single term, which counts as the policy's.
  var isPoint: Bool { layers[0] is BowlLayer }
  public var trunks: Trunks { towers.count == 1 ? .shared : .separate }
  /// Widths of the hidden layers of each tower.
  public var hidden: LayerSizes {
    LayerSizes(towers[0].layers.dropLast().map { layers[$0].outputs })
  }
  /// The activation as the products apply it.
  var function: Nonlinearity {
    switch activation {
    case .tanh: .tanh
    case .relu: .relu
    }
  }
  /// Outputs of the widest layer.
  public var widestLayer: Int { layers.map(\.outputs).max() ?? 0 }
}

extension NetworkShape {
  /// Operations of a forward pass by convention: 2·inputs·outputs per dense layer and observation.
  func conventionalForward(rows: Int) -> Int { rows * (firstPerRow + deeperPerRow) }

  /// Operations that a forward pass executes.
  ///
  /// - Parameter nonzeros: of all observations together; `nil` if they are dense.
  func executedForward(rows: Int, nonzeros: Int?) -> Int {
    first(rows: rows, nonzeros: nonzeros) + rows * deeperPerRow
  }

  /// Operations that a backward pass executes: the gradient of every layer's parameters, and of
  /// the inputs of all layers but the first ones.
  func executedBackward(rows: Int, nonzeros: Int?) -> Int {
    first(rows: rows, nonzeros: nonzeros) + 2 * rows * deeperPerRow
  }

  private func first(rows: Int, nonzeros: Int?) -> Int {
    nonzeros.map { $0 * firstPerNonzero } ?? rows * firstPerRow
  }
}
