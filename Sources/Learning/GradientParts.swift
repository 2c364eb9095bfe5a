internal import Algebra

/// Sums a gradient over parts of a batch, on one thread or several, with the same bits: every part
/// is summed by itself, and the parts are added in their order.
final class GradientParts {
  /// The rows of each part of a minibatch.
  private(set) var rows: [[RolloutRows]] = []
  private let shape: NetworkShape
  private let mostNumbers: Int
  private let withValue: Bool
  /// By thread.
  private var workspaces: [Workspace] = []
  /// Gradients of the parts that are summed at the same time, zero in between.
  private var sums: [PartSum] = []

  /// Sums over a part, or over all parts.
  struct Outcome {
    var tally = LossTally()
    /// Operations that were executed.
    var executed = 0
    /// Σ over parts of the squared norm of the part's gradient, and of its policy term and so on if
    /// they are measured.
    var squares = 0.0
    var terms = PartSquares()
  }

  private final class PartSum {
    let gradient: ParameterSet
    /// The part of the gradient from the value term, if it may be measured.
    let value: ParameterSet?
    var outcome = Outcome()

    init(_ shape: NetworkShape, withValue: Bool) {
      gradient = ParameterSet(shape)
      value = withValue ? ParameterSet(shape) : nil
    }
  }

  /// - Parameters:
  ///   - withValue: whether a meter may ask for the part of a gradient from the value term.
  ///   - mostNumbers: in the gradients of all parts together, beyond those of a part for each thread:
  ///     256 MiB.
  init(_ shape: NetworkShape, withValue: Bool = false, mostNumbers: Int = 1 << 26) {
    self.shape = shape
    self.withValue = withValue
    self.mostNumbers = withValue ? mostNumbers / 2 : mostNumbers
  }

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
  /// - Parameters:
  ///   - meter: measures the terms of the gradient of each part.
  ///   - times: receives the time of adding up the parts, as part of the backward pass.
  ///   - differentiate: adds the gradient of a part to the given one, which is zero, and its losses to
  ///     a tally; returns the operations that it executed.
  /// - Returns: sums over all parts. There are no squares of a single part: its gradient is the total.
  func sum(
    _ count: Int, times factor: Float, to total: ParameterSet, threads: Int,
    meter: PartMeter? = nil, timing times: PartTimes? = nil,
    _ differentiate: (Int, Workspace, ParameterSet, inout LossTally) -> Int
  ) -> Outcome {
    let threads = min(threads, count)
    while workspaces.count < max(threads, 1) { workspaces.append(Workspace(shape)) }
    total.vector.fill(0)
    var all = Outcome()
    guard count > 1 || factor != 1 else {
      all.executed = differentiate(0, workspaces[0], total, &all.tally)
      return all
    }
    let wave = threads == 1 ? 1 : max(threads, min(count, mostNumbers / shape.parameterCount))
    while sums.count < wave { sums.append(PartSum(shape, withValue: withValue)) }
    for first in stride(from: 0, to: count, by: wave) {
      let parts = first..<min(first + wave, count)
      differentiateParts(parts, threads: threads, meter, differentiate)
      if threads > 1 { add(parts.count, times: factor, to: total, threads: threads) }
      for sum in sums[..<parts.count] {
        if threads == 1 {
          sum.outcome.squares = sum.gradient.vector.addScaledAndClear(
            to: total.vector, times: factor)
        }
        all.tally.add(sum.outcome.tally)
        all.executed += sum.outcome.executed
        all.squares += sum.outcome.squares
        all.terms += sum.outcome.terms
        if let total = meter?.value, let value = sum.value {
          _ = value.vector.addScaledAndClear(to: total.vector, times: factor)
        }
      }
      times?.lap(.backward)
    }
    return all
  }

  private func differentiateParts(
    _ parts: Range<Int>, threads: Int, _ meter: PartMeter?,
    _ differentiate: (Int, Workspace, ParameterSet, inout LossTally) -> Int
  ) {
    let (sums, workspaces) = (sums, workspaces)
    inParallel(parts.count, threads: threads) { index, thread in
      let (sum, workspace) = (sums[index], workspaces[thread])
      sum.outcome = Outcome()
      workspace.valueSum = meter == nil ? nil : sum.value
      sum.outcome.executed = differentiate(
        parts.lowerBound + index, workspace, sum.gradient, &sum.outcome.tally)
      if let meter {
        sum.outcome.terms = meter.squares(of: sum.gradient, value: sum.value)
      }
      if threads > 1 { sum.outcome.squares = sum.gradient.vector.squaredNorm() }
    }
  }

  /// Adds the first `count` gradients, in their order, and clears them. Every number is a sum of its
  /// own, so ranges of numbers can be summed at the same time.
  private func add(_ count: Int, times factor: Float, to total: ParameterSet, threads: Int) {
    let (sums, numbers, range) = (sums, total.vector.columns, Self.numbersPerThread)
    inParallel((numbers + range - 1) / range, threads: threads) { index, _ in
      let own = index * range..<min((index + 1) * range, numbers)
      for sum in sums[..<count] {
        _ = sum.gradient.vector.columns(own).addScaledAndClear(
          to: total.vector.columns(own), times: factor)
      }
    }
  }

  /// Numbers of the parameters that a thread sums at a time.
  private static let numbersPerThread = 16_384
}
