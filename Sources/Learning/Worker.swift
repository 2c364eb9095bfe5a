internal import Algebra
internal import Environments
internal import Records

/// Plays a block of copies of a task and differentiates the loss of what they played.
///
/// It owns everything this takes: the copies, their columns of the rollout, scratch, and a
/// gradient. No worker writes what another reads, so several could run at the same time. The
/// learner adds their gradients in the order of their copies.
final class Worker {
  /// Index of its first copy among all copies.
  let firstCopy: Int
  var rollout: Rollout
  /// Zero except while it is being summed.
  let gradient: ParameterSet
  var groups: [CopyGroup] = []
  /// Random steps that staggered the starts, including those of removed copies.
  private(set) var staggerSteps = 0
  private var removedEpisodes = EpisodeTally()
  private var successors: Successors
  private let shape: NetworkShape

  private let gradients: Activations
  private var lossScratch = LossScratch(rows: Network.blockRows)
  /// A block of a minibatch: its rows in the rollout, and their observations and outputs.
  private var rows = Array(repeating: 0, count: Network.blockRows)
  private lazy var block = (
    x: InputRows(shape, rows: Network.blockRows),
    outputs: Activations(shape, rows: Network.blockRows)
  )

  /// Creates a worker for a rollout that is filled elsewhere.
  init(_ rollout: consuming Rollout, shape: NetworkShape, firstCopy: Int = 0, successors: Int = 0) {
    self.rollout = rollout
    (self.shape, self.firstCopy) = (shape, firstCopy)
    self.successors = Successors(shape, rows: successors)
    gradient = ParameterSet(shape)
    gradients = Activations(shape, rows: Network.blockRows)
  }

  /// - Parameters:
  ///   - copies: indices among all copies.
  ///   - seed: environments, staggering and actions draw from its streams.
  convenience init(
    task: CatalogueEntry, copies: Range<Int>, horizon: Int, shape: NetworkShape, seed: Seed
  ) {
    self.init(
      Rollout(environments: copies.count, horizon: horizon, shape: shape), shape: shape,
      firstCopy: copies.lowerBound,
      successors: Successors.most(copies.count, horizon: horizon, task))
    for first in stride(from: 0, to: copies.count, by: Network.blockRows) {
      add(first..<min(first + Network.blockRows, copies.count), of: task, seed: seed)
    }
  }

  private func add(_ copies: Range<Int>, of task: CatalogueEntry, seed: Seed) {
    let group = CopyGroup(task, copies, firstCopy: firstCopy, seed: seed)
    staggerSteps += group.environments.staggerSteps
    groups.append(group)
  }

  /// Continues with 2, 4, … times as many copies, or without copies that were added that way.
  /// Copies that stay continue their episodes; new ones start staggered.
  ///
  /// - Parameter seed: new copies draw from its streams.
  func resize(to count: Int, of task: CatalogueEntry, seed: Seed) {
    let horizon = rollout.horizon
    var present = rollout.environments
    while present < count {
      let added = present..<present + min(present, Network.blockRows, count - present)
      add(added, of: task, seed: seed)
      present = added.upperBound
    }
    while present > count, let last = groups.popLast() {
      removedEpisodes += EpisodeTally(last.environments)
      present = last.first
    }
    precondition(present == count, "\(count) copies are no power of two times the first ones")
    rollout = Rollout(environments: count, horizon: horizon, shape: shape)
    successors = Successors(shape, rows: Successors.most(count, horizon: horizon, task))
  }

  /// Episodes that have ended so far in this process. A staggered copy's first episode includes its
  /// random steps.
  var finishedEpisodes: EpisodeTally {
    groups.reduce(into: removedEpisodes) { $0 += EpisodeTally($1.environments) }
  }

  /// Plays the rollout's horizon with the network's policy and estimates the advantages.
  ///
  /// - Returns: the operations of the forward passes.
  func play(
    with network: Network, _ estimation: AdvantageEstimation, times: PartTimes?
  ) -> Operations {
    successors.truncated.removeAll(keepingCapacity: true)
    var executed = 0
    for group in groups.indices {
      executed += groups[group].play(
        into: &rollout, successors: &successors, with: network, times: times)
    }
    let rows = 0..<rollout.environments + successors.truncated.count
    executed += network.forward(
      successors.observations.rows(rows), into: successors.activations, at: RowSelection(rows))
    times?.lap(.forward)
    rollout.copyValues(successors)
    rollout.estimateAdvantages(gamma: estimation.gamma, lambda: estimation.lambda)
    times?.lap(.advantages)
    return Operations(
      conventional: network.shape.conventionalForward(rows: rollout.count + rows.count),
      executed: executed)
  }
}

// The gradient of the loss.
extension Worker {
  /// Adds the gradient of the mean loss over a shard of the rollout to `sum`, from the rollout's
  /// activations.
  ///
  /// - Returns: the operations that were executed.
  func addGradient(
    of shard: Range<Int>, _ objective: Objective, _ backward: BackwardPass, to sum: ParameterSet,
    tally: inout LossTally, probe: NoiseProbe?
  ) -> Int {
    var executed = 0
    for first in stride(from: shard.lowerBound, to: shard.upperBound, by: Network.blockRows) {
      let rows = first..<min(first + Network.blockRows, shard.upperBound)
      objective.writeGradients(
        of: rows, in: rollout, heads: rollout.activations.heads, first: first,
        weight: 1 / Float(shard.count), to: gradients.heads, scratch: &lossScratch, tally: &tally)
      executed += backward.run(
        gradients, rollout.observations.rows(rows), rollout.activations, at: RowSelection(rows),
        addingTo: sum)
      probe?.add(rows, of: rollout, gradients, backward)
    }
    return executed
  }

  /// Adds the gradient of the loss of its part of a minibatch, times `weight`, to `sum`, under the
  /// current parameters.
  ///
  /// - Parameters:
  ///   - units: the minibatch's units, in its order, each of `unitRows` rows; unit 0 starts at the
  ///     first row of all workers.
  /// - Returns: the operations that were executed.
  func addGradient(
    ofUnits units: ArraySlice<Int>, unitRows: Int, weight: Float, _ objective: Objective,
    _ backward: BackwardPass, to sum: ParameterSet, tally: inout LossTally, times: PartTimes?
  ) -> Int {
    var (executed, count) = (0, 0)
    let own = 0..<rollout.count
    for unit in units {
      let first = unit * unitRows - firstCopy * rollout.horizon
      guard own.contains(first) else { continue }
      for row in first..<first + unitRows {
        rows[count] = row
        count += 1
        guard count == Network.blockRows else { continue }
        executed += addGradient(
          ofFirst: count, weight, objective, backward, to: sum, tally: &tally, times: times)
        count = 0
      }
    }
    guard count > 0 else { return executed }
    return executed
      + addGradient(
        ofFirst: count, weight, objective, backward, to: sum, tally: &tally, times: times)
  }

  /// Adds the gradient of one block, the first `count` of `rows`.
  private func addGradient(
    ofFirst count: Int, _ weight: Float, _ objective: Objective, _ backward: BackwardPass,
    to sum: ParameterSet, tally: inout LossTally, times: PartTimes?
  ) -> Int {
    let (x, outputs, selection) = (block.x.rows(0..<count), block.outputs, RowSelection(0..<count))
    x.assign(rowsOf: rollout.observations, at: rows[..<count])
    let forward = backward.network.forward(x, into: outputs, at: selection)
    times?.lap(.forward)
    objective.writeGradients(
      of: rows[..<count], in: rollout, heads: outputs.heads, first: 0, weight: weight,
      to: gradients.heads, scratch: &lossScratch, tally: &tally)
    defer { times?.lap(.backward) }
    return forward + backward.run(gradients, x, outputs, at: selection, addingTo: sum)
  }
}
