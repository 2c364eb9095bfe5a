internal import Algebra
internal import Records

/// What a thread needs to differentiate the loss.
final class Workspace {
  /// The gradients of a block's outputs: those of n rows at index n.
  private let gradients: [Activations]
  private var scratch = LossScratch(rows: Network.blockRows)
  /// The rows of a minibatch that are differentiated together, copied from their rollouts, and their
  /// outputs.
  private var columns = SampleColumns(rows: Network.blockRows)
  private let observations: InputRows
  private let outputs: Activations
  /// Receives the part of a shard's gradient from the value term.
  var valueSum: ParameterSet?
  private let valueGradients: [Activations]

  init(_ shape: NetworkShape) {
    observations = InputRows(shape, rows: Network.blockRows)
    outputs = Activations(shape, rows: Network.blockRows)
    let all = Activations(shape, rows: Network.blockRows)
    gradients = (0...Network.blockRows).map { all.rows(RowSelection(0..<$0)) }
    let own = shape.trunks == .shared ? Activations(shape, rows: Network.blockRows) : nil
    valueGradients =
      own.map { own in
        (0...Network.blockRows).map { own.rows(RowSelection(0..<$0)) }
      } ?? []
  }

  /// Adds the gradient of the mean loss over a shard to `sum`, from the rollouts' activations.
  ///
  /// - Parameter rows: of the shard, counted over all rollouts.
  /// - Returns: the operations that were executed.
  func addGradient(
    of rows: Range<Int>, in rollouts: [Rollout], _ objective: Objective,
    _ backward: BackwardPass, to sum: ParameterSet, tally: inout LossTally, probe: NoiseProbe?
  ) -> Int {
    var executed = 0
    rollouts.forEachPart(of: rows) { index, own in
      let rollout = rollouts[index]
      for first in stride(from: own.lowerBound, to: own.upperBound, by: Network.blockRows) {
        let block = RowSelection(first..<min(first + Network.blockRows, own.upperBound))
        let (x, outputs) = (rollout.observations.rows(block), rollout.activations)
        let gradients = gradients[block.count]
        objective.writeGradients(
          of: rollout.columns, from: first, heads: outputs.heads.rows(block),
          weight: 1 / Float(rows.count), to: gradients.heads, scratch: &scratch, tally: &tally)
        executed += backward.run(gradients, x, outputs, at: block, addingTo: sum)
        if let valueSum {
          let own = valueGradients[block.count]
          own.setHeads(toValueOf: gradients)
          executed += backward.run(own, x, outputs, at: block, addingTo: valueSum)
        }
        probe?.add(x, outputs, at: block, gradients, backward)
      }
    }
    return executed
  }

  /// Adds the gradient of the loss of some parts of rollouts, times `weight`, to `sum`, under the
  /// current parameters.
  ///
  /// - Returns: the operations that were executed.
  func addGradient(
    of parts: [RolloutRows], in rollouts: [Rollout], weight: Float, _ objective: Objective,
    _ backward: BackwardPass, to sum: ParameterSet, tally: inout LossTally, times: PartTimes?
  ) -> Int {
    var (executed, count) = (0, 0)
    func differentiate() {
      let (x, rows) = (observations.rows(0..<count), RowSelection(0..<count))
      executed += backward.network.forward(x, into: outputs, at: rows)
      times?.lap(.forward)
      objective.writeGradients(
        of: columns, from: 0, heads: outputs.heads.rows(rows), weight: weight,
        to: gradients[count].heads, scratch: &scratch, tally: &tally)
      executed += backward.run(gradients[count], x, outputs, at: rows, addingTo: sum)
      times?.lap(.backward)
      count = 0
    }
    for part in parts {
      let rollout = rollouts[part.rollout]
      var next = part.rows.lowerBound
      while next < part.rows.upperBound {
        let end = min(next + Network.blockRows - count, part.rows.upperBound)
        observations.assign(rowsOf: rollout.observations, next..<end, at: count)
        columns.assign(rollout.columns, rows: next..<end, at: count)
        count += end - next
        next = end
        if count == Network.blockRows { differentiate() }
      }
    }
    if count > 0 { differentiate() }
    return executed
  }
}
