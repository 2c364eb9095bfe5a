internal import Algebra

/// Sums a gradient over parts of a batch, on one thread or several, with the same bits: every part
/// is summed by itself, and the parts are added in their order.
final class GradientParts {
  /// The rows of each part of a minibatch.
  private(set) var rows: [[RolloutRows]] = []
  private let shape: NetworkShape
  /// By thread.
  private var workspaces: [Workspace] = []
  /// By part; only with several threads.
  private var sums: [PartSum] = []

  /// Sums over a part, or over all parts.
  struct Outcome {
    var tally = LossTally()
    /// Operations that were executed.
    var executed = 0
    /// Σ over parts of the squared norm of the part's gradient.
    var squares = 0.0
  }

  private final class PartSum {
    let gradient: ParameterSet
    var outcome = Outcome()

    init(_ shape: NetworkShape) { gradient = ParameterSet(shape) }
  }

  init(_ shape: NetworkShape) { self.shape = shape }

  /// Distributes the units of a minibatch among parts by the copies that they come from, in the
  /// minibatch's order.
  ///
  /// - Parameter unitRows: rows of a unit; unit 0 starts at row 0 of all rollouts.
  func distribute(
    _ units: ArraySlice<Int>, unitRows: Int, of rollouts: [Rollout], among count: Int
  ) {
    while rows.count < count { rows.append([]) }
    for part in rows.indices {
      rows[part].removeAll(keepingCapacity: true)
      // Minibatches differ by one unit, and all could come from the copies of one part.
      rows[part].reserveCapacity(units.count + 1)
    }
    let (horizon, copies) = (rollouts[0].horizon, rollouts.rows / rollouts[0].horizon)
    for unit in units {
      let first = unit * unitRows
      let copy = first / horizon
      let index = rollouts.index(ofCopy: copy)
      let own = first - rollouts[index].firstCopy * horizon
      rows[copy * count / copies].append(RolloutRows(rollout: index, rows: own..<own + unitRows))
    }
  }

  /// Sets `total` to the sum of the gradients of `count` parts, times a factor.
  ///
  /// - Parameter differentiate: adds the gradient of a part to the given one, which is zero, and its
  ///   losses to a tally; returns the operations that it executed.
  func sum(
    _ count: Int, times factor: Float, to total: ParameterSet, threads: Int,
    _ differentiate: (Int, Workspace, ParameterSet, inout LossTally) -> Int
  ) -> Outcome {
    let threads = min(threads, count)
    while workspaces.count < max(threads, 1) { workspaces.append(Workspace(shape)) }
    total.vector.fill(0)
    return threads > 1
      ? sumInParallel(count, times: factor, to: total, threads: threads, differentiate)
      : sumInTurn(count, times: factor, to: total, differentiate)
  }

  private func sumInTurn(
    _ count: Int, times factor: Float, to total: ParameterSet,
    _ differentiate: (Int, Workspace, ParameterSet, inout LossTally) -> Int
  ) -> Outcome {
    let workspace = workspaces[0]
    var all = Outcome()
    guard count > 1 || factor != 1 else {
      all.executed = differentiate(0, workspace, total, &all.tally)
      return all
    }
    for part in 0..<count {
      var tally = LossTally()
      all.executed += differentiate(part, workspace, workspace.gradient, &tally)
      all.tally.add(tally)
      all.squares += workspace.gradient.vector.addScaledAndClear(
        to: total.vector, times: factor)
    }
    return all
  }

  private func sumInParallel(
    _ count: Int, times factor: Float, to total: ParameterSet, threads: Int,
    _ differentiate: (Int, Workspace, ParameterSet, inout LossTally) -> Int
  ) -> Outcome {
    while sums.count < count { sums.append(PartSum(shape)) }
    let (sums, workspaces) = (sums, workspaces)
    inParallel(count, threads: threads) { part, thread in
      let sum = sums[part]
      sum.outcome = Outcome()
      sum.outcome.executed = differentiate(
        part, workspaces[thread], sum.gradient, &sum.outcome.tally)
      sum.outcome.squares = sum.gradient.vector.squaredNorm()
    }
    // Every number is a sum over the parts, so ranges of numbers can be summed at the same time.
    let (numbers, range) = (total.vector.columns, Self.numbersPerThread)
    inParallel((numbers + range - 1) / range, threads: threads) { index, _ in
      let own = index * range..<min((index + 1) * range, numbers)
      for part in 0..<count {
        _ = sums[part].gradient.vector.columns(own).addScaledAndClear(
          to: total.vector.columns(own), times: factor)
      }
    }
    return sums[..<count].reduce(into: Outcome()) { all, part in
      all.tally.add(part.outcome.tally)
      all.executed += part.outcome.executed
      all.squares += part.outcome.squares
    }
  }

  /// Numbers of the parameters that a thread sums at a time.
  private static let numbersPerThread = 16_384
}
