internal import Algebra
public import Records

/// Gradient norms of every update of a run, taken apart.
public struct NoiseParts: Sendable {
  public enum Part: Hashable, Sendable {
    /// What the optimizer follows.
    case total
    /// Surrogate and entropy bonus; the value loss.
    case policy, value
    /// The total after Adam's or RMSProp's division by the root of the second moment.
    case preconditioned
    /// The total, its shards being single observations: exact norms of their gradients,
    /// (|a|² + 1)·|δ|² of every dense layer. Observations of one environment are correlated.
    case observations
    /// The total's numbers in one layer.
    case layer(String)
  }

  /// Moments of single updates, first update first; shards are whole environments, but for
  /// `.observations`. Empty where the batch makes a single shard.
  public internal(set) var moments: [Part: [NoiseMoments]] = [:]
  /// Σ over shards of |dₛ|² and of dₛ·(dₛ one update before), with dₛ the deviation of a shard's
  /// gradient from that of the batch: of all updates, and of all but the first.
  public internal(set) var deviationSquares: [Double] = []
  public internal(set) var laggedProducts: [Double] = []
  /// Names of the layers, first layer first.
  public internal(set) var layers: [String] = []
}

/// Collects the parts of the noise of a run for those who ask where it comes from. The learner
/// keeps its own moments of the total whether it has a probe or not.
///
/// A probe adds a second backward pass, of the value term alone, and keeps a copy of the gradient
/// of every shard: training with one takes about twice as long.
public final class NoiseProbe {
  public typealias Part = NoiseParts.Part
  public private(set) var parts = NoiseParts()

  private var buffers: Buffers?
  private var squares: [Part: Double] = [:]
  private var observationSquares = 0.0

  private struct Buffers {
    /// Of the value term: a shard's, and the batch's so far.
    let valueShard: Network
    let value: Network
    let valueSlopes: Matrix
    let preconditioner: Matrix
    let layers: [(name: String, range: Range<Int>)]
    /// Deviations of the shards, of this update and the one before.
    var shards: [Matrix]
    var before: [Matrix]
    var hasBefore = false

    init(_ shape: NetworkShape, shards count: Int) {
      valueShard = Network(shape)
      value = Network(shape)
      valueSlopes = Matrix(rows: Network.blockRows, columns: shape.actions + 1)
      preconditioner = Matrix(rows: 1, columns: shape.parameterCount)
      layers = shape.namedLayers
      func copies() -> [Matrix] {
        (0..<count).map { _ in Matrix(rows: 1, columns: shape.parameterCount) }
      }
      (shards, before) = (copies(), copies())
    }
  }

  public init() {}

  func beginUpdate(_ optimizer: Optimizer, shape: NetworkShape, shards: Int) {
    let buffers = buffers ?? Buffers(shape, shards: shards)
    parts.layers = buffers.layers.map(\.name)
    buffers.value.parameters.fill(0)
    optimizer.writePreconditioner(to: buffers.preconditioner)
    self.buffers = buffers
    squares = [:]
    observationSquares = 0
  }

  /// A block of samples whose total slopes have just passed down: `scratch` still holds them.
  func take(
    _ rows: Range<Int>, of rollout: borrowing Rollout, slopes: Matrix, network: Network,
    transposed: TransposedWeights, scratch: Activations
  ) {
    guard let buffers else { return }
    let (selection, x) = (RowSelection(rows), rollout.observations.rows(rows))
    observationSquares += network.squaredNorms(
      slopes, x, rollout.activations, at: selection, scratch: scratch)
    let own = buffers.valueSlopes.rows(0..<rows.count)
    own.fill(0)
    let value = slopes.columns - 1
    own.columns(value..<value + 1).assign(slopes.columns(value..<value + 1))
    network.backward(
      own, x, rollout.activations, at: selection, transposed: transposed, scratch: scratch,
      addingTo: buffers.valueShard)
  }

  /// The gradient of a shard is complete.
  func endShard(_ index: Int, total: Network) {
    guard let buffers else { return }
    addSquares(of: total.parameters, value: buffers.valueShard.parameters)
    buffers.shards[index].assign(total.parameters)
    _ = buffers.valueShard.parameters.drain(into: buffers.value.parameters, times: 1)
  }

  /// The gradient of the batch is complete.
  func endUpdate(shards: Int, shardSize: Int, batchSize: Int, total: Network) {
    guard var buffers else { return }
    let shardSquares = squares
    squares = [:]
    buffers.value.parameters.scale(by: 1 / Float(shards))
    addSquares(of: total.parameters, value: buffers.value.parameters)
    let single = Double(batchSize) / Double(shards)
    append(
      .observations, size: 1, batchSize,
      observationSquares * single * single / Double(batchSize), squares[.total] ?? 0)
    guard shards > 1 else { return }
    for (part, square) in squares {
      append(part, size: shardSize, batchSize, (shardSquares[part] ?? 0) / Double(shards), square)
    }
    for shard in buffers.shards { shard.add(total.parameters, times: -1) }
    parts.deviationSquares.append(buffers.shards.reduce(0) { $0 + $1.squaredNorm() })
    if buffers.hasBefore {
      parts.laggedProducts.append(
        zip(buffers.shards, buffers.before).reduce(0) { $0 + $1.0.dot($1.1) })
    }
    swap(&buffers.shards, &buffers.before)
    buffers.hasBefore = true
    self.buffers = buffers
  }

  private func addSquares(of total: Matrix, value: Matrix) {
    guard let buffers else { return }
    let (whole, ofValue) = (total.squaredNorm(), value.squaredNorm())
    squares[.total, default: 0] += whole
    squares[.value, default: 0] += ofValue
    squares[.policy, default: 0] += whole - 2 * total.dot(value) + ofValue
    squares[.preconditioned, default: 0] += total.squaredNorm(times: buffers.preconditioner)
    for layer in buffers.layers {
      squares[.layer(layer.name), default: 0] +=
        total.reshaped(layer.range, rows: 1, columns: layer.range.count).squaredNorm()
    }
  }

  private func append(
    _ part: Part, size: Int, _ batch: Int, _ meanShardSquare: Double, _ square: Double
  ) {
    var moments = NoiseMoments(shardSize: size, batchSize: batch)
    moments.add(meanShardSquare: meanShardSquare, batchSquare: square)
    parts.moments[part, default: []].append(moments)
  }
}

extension Network {
  /// Σ over rows of the squared norm of the row's own gradient, exactly: in a dense layer the
  /// gradient of one row is an outer product, so that its norm is |input|²·|slope|², and |slope|²
  /// that of the bias. What `scratch` holds of the slopes is left of the backward pass.
  fileprivate func squaredNorms(
    _ heads: Matrix, _ x: ObservationRows, _ activations: Activations, at rows: RowSelection,
    scratch: Activations
  ) -> Double {
    var sum = 0.0
    for (index, tower) in towers.enumerated() {
      let depth = tower.layers.count - 1
      for layer in tower.layers.indices {
        let slope =
          layer == depth
          ? heads.columns(tower.heads) : scratch.hidden[index][layer].rows(0..<rows.count)
        let input = layer == 0 ? nil : activations.hidden[index][layer - 1].rows(rows)
        for row in 0..<rows.count {
          let inputSquare = input?.squaredNorm(ofRow: row) ?? x.squaredNorm(ofRow: row)
          sum += (inputSquare + 1) * slope.squaredNorm(ofRow: row)
        }
      }
    }
    return sum
  }
}

extension Matrix {
  fileprivate func squaredNorm(ofRow row: Int) -> Double { rows(row..<row + 1).squaredNorm() }
}

extension ObservationRows {
  fileprivate func squaredNorm(ofRow row: Int) -> Double {
    switch self {
    case .numbers(let rows): rows.squaredNorm(ofRow: row)
    case .ones(let lists): Double(lists.count(ofRow: row))
    }
  }
}
