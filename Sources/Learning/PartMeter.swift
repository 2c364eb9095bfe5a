internal import Algebra
internal import Records

/// Squared norms of the parts of a gradient, named as in `PartMoments`.
struct PartSquares {
  var policy = 0.0
  var value = 0.0
  var preconditioned = 0.0

  static func += (left: inout Self, right: Self) {
    left.policy += right.policy
    left.value += right.value
    left.preconditioned += right.preconditioned
  }
}

/// Measures parts of the gradients of shards and batch.
///
/// With separate trunks, the policy term affects one half of the parameters and the value term the
/// other. With a shared trunk the value term needs a backward pass of its own, and the policy term
/// is the rest. All of a point's gradient on a bowl counts as the policy term.
final class PartMeter {
  private let policy: Range<Int>
  private let valueTower: Range<Int>
  /// √P.
  private let roots: Matrix
  /// With a shared trunk, the value term's gradient of the batch.
  let value: ParameterSet?

  /// Whether the value term needs a backward pass of its own.
  private static func isShared(_ shape: NetworkShape) -> Bool {
    shape.trunks == .shared && !shape.isPoint
  }

  init(_ shape: NetworkShape) {
    let end =
      shape.trunks == .shared
      ? shape.parameterCount : shape.starts[shape.towers[1].layers.lowerBound]
    (policy, valueTower) = (0..<end, end..<shape.parameterCount)
    roots = Matrix(rows: 1, columns: shape.parameterCount)
    value = Self.isShared(shape) ? ParameterSet(shape) : nil
  }

  /// Call it before the gradients of an update.
  func begin(_ optimizer: Optimizer) {
    optimizer.writePreconditionerRoots(to: roots)
    value?.vector.fill(0)
  }

  /// - Parameter value: with a shared trunk, the part from the value term.
  func squares(of gradient: ParameterSet, value: ParameterSet?) -> PartSquares {
    precondition((value == nil) == (self.value == nil))
    let all = gradient.vector
    var squares = PartSquares(preconditioned: all.squaredNorm(times: roots))
    if let value = value?.vector {
      squares.value = value.squaredNorm()
      squares.policy = all.squaredNorm() - 2 * all.dot(value) + squares.value
    } else {
      squares.value = all.columns(valueTower).squaredNorm()
      squares.policy = all.columns(policy).squaredNorm()
    }
    return squares
  }
}

extension PartMeter {
  /// k, such that measuring every k-th update takes about a fiftieth of the training time at
  /// batches of 1,024 observations or more, and a twentieth below; a power of two.
  ///
  /// Rough costs on one core, in nanoseconds: 0.4 for each number of a gradient that is read, 1 for
  /// each number of an optimizer that is read, 0.3 for each number of a shard's gradient that is
  /// added, and 0.15 per observation for each weight that it uses. A list of ones uses only some
  /// weights of a first layer.
  static func interval(for settings: TrialSettings, _ shape: NetworkShape) -> Int {
    let (numbers, batch) = (Double(shape.parameterCount), Double(settings.batch.value))
    let (shards, hyperparameters) = (Double(settings.shards), settings.hyperparameters)
    let passes =
      hyperparameters.algorithm == .ppo ? 1 + 4 / 3 * Double(hyperparameters.updateEpochs) : 1
    let weights = Double(shape.usualForward / 2)
    let training = passes * batch * weights * 0.15 + numbers * (1 + 0.3 * shards)
    var measuring = numbers * (1 + 0.4 * (shards + 1))
    if isShared(shape) { measuring += batch * weights * 0.1 + numbers * shards }
    let share = batch >= 1_024 ? 0.02 : 0.05
    var interval = 1
    while measuring / Double(interval) > share * training { interval *= 2 }
    return interval
  }
}

extension PartMoments {
  /// - Parameters:
  ///   - shards: sums over `count` shards.
  ///   - batch: those of the gradient of the batch.
  mutating func add(shards: PartSquares, count: Int, batch: PartSquares) {
    let share = 1 / Double(count)
    add(
      policy: (shards.policy * share, batch.policy), value: (shards.value * share, batch.value),
      preconditioned: (shards.preconditioned * share, batch.preconditioned))
  }
}
