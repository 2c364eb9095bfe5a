internal import Algebra
public import Records

/// Gradient norms of every update of a run, by part.
public struct NoiseParts: Sendable {
  public enum Part: Hashable, Sendable {
    /// The gradient that the optimizer follows.
    case total
    /// The parts from surrogate and entropy bonus, and from the value loss.
    case policy, value
    /// The total as preconditioned by the optimizer: √P·g, whose squared norm is gᵀPg, with P as in
    /// `PartMoments`.
    case preconditioned
    /// The total with single observations as shards, from the exact norms of their gradients.
    /// Observations of one environment are correlated.
    case observations
    /// The part of the total that belongs to one layer.
    case layer(String)
  }

  /// Moments of single updates, first update first; shards are whole environments, except for
  /// `.observations`. Empty if the batch is a single shard.
  public internal(set) var moments: [Part: [NoiseMoments]] = [:]
  /// Σ over shards of |dₛ|² and of dₛ·(dₛ one update earlier), with dₛ the deviation of a shard's
  /// gradient from that of the batch: one number per update, and per update but the first.
  public internal(set) var deviationSquares: [Double] = []
  public internal(set) var laggedProducts: [Double] = []
  /// Names of the layers, first layer first.
  public internal(set) var layers: [String] = []
}

/// Measures where the gradient noise of a run comes from. The learner keeps its own moments of the
/// total with or without a probe.
///
/// A probe adds a second backward pass, of the value term alone, and keeps a copy of every shard's
/// gradient. Training with one takes about twice as long.
public final class NoiseProbe {
  public typealias Part = NoiseParts.Part
  public private(set) var parts = NoiseParts()

  private var buffers: Buffers?
  private var squares: [Part: Double] = [:]
  private var observationSquares = 0.0

  private struct Buffers {
    /// The value term's gradient: a shard's, and the batch's so far.
    let valueShard: ParameterSet
    let value: ParameterSet
    let valueGradients: Activations
    let preconditionerRoots: Matrix
    let layers: [(name: String, range: Range<Int>)]
    /// Deviations of the shards, in this update and in the previous one.
    var shards: [Matrix]
    var before: [Matrix]
    var hasBefore = false

    init(_ shape: NetworkShape, shards count: Int) {
      valueShard = ParameterSet(shape)
      value = ParameterSet(shape)
      valueGradients = Activations(shape, rows: Network.blockRows)
      preconditionerRoots = Matrix(rows: 1, columns: shape.parameterCount)
      layers = shape.namedLayers
      func copies() -> [Matrix] {
        (0..<count).map { _ in Matrix(rows: 1, columns: shape.parameterCount) }
      }
      (shards, before) = (copies(), copies())
    }
  }

  public init() {}

  func beginUpdate(_ optimizer: Optimizer, shape: NetworkShape, shards: Int) {
    // Another batch may have another number of shards.
    let known = buffers.flatMap { $0.shards.count == shards ? $0 : nil }
    let buffers = known ?? Buffers(shape, shards: shards)
    parts.layers = buffers.layers.map(\.name)
    buffers.value.vector.fill(0)
    optimizer.writePreconditionerRoots(to: buffers.preconditionerRoots)
    self.buffers = buffers
    squares = [:]
    observationSquares = 0
  }

  /// Adds a block of rows; `gradients` holds what their backward pass wrote.
  func add(
    _ x: InputRows, _ activations: Activations, at rows: RowSelection,
    _ gradients: Activations, _ backward: BackwardPass
  ) {
    guard let buffers else { return }
    observationSquares += backward.squaredNorms(gradients, x, activations, at: rows)
    if backward.network.shape.isPoint { return }
    let own = buffers.valueGradients.rows(RowSelection(0..<rows.count))
    own.setHeads(toValueOf: gradients)
    backward.run(own, x, activations, at: rows, addingTo: buffers.valueShard)
  }

  /// Call it when the gradient of a shard is complete.
  func endShard(_ index: Int, total: ParameterSet) {
    guard let buffers else { return }
    addSquares(of: total.vector, value: buffers.valueShard.vector)
    buffers.shards[index].assign(total.vector)
    _ = buffers.valueShard.vector.addScaledAndClear(to: buffers.value.vector, times: 1)
  }

  /// Call it when the gradient of the batch is complete.
  func endUpdate(shards: Int, shardSize: Int, batchSize: Int, total: ParameterSet) {
    guard var buffers else { return }
    let shardSquares = squares
    squares = [:]
    buffers.value.vector.scale(by: 1 / Float(shards))
    addSquares(of: total.vector, value: buffers.value.vector)
    let single = Double(batchSize) / Double(shards)
    append(
      .observations, size: 1, batchSize,
      observationSquares * single * single / Double(batchSize), squares[.total] ?? 0)
    guard shards > 1 else { return }
    for (part, square) in squares {
      append(part, size: shardSize, batchSize, (shardSquares[part] ?? 0) / Double(shards), square)
    }
    for shard in buffers.shards { shard.add(total.vector, times: -1) }
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
    squares[.preconditioned, default: 0] += total.squaredNorm(
      times: buffers.preconditionerRoots)
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
