internal import Algebra
internal import Environments
internal import Records

/// Copies of a task that play the whole horizon together, and the columns that they fill.
///
/// Groups play one after another, so that what a group writes stays in the cache: with all copies in
/// lockstep, an observation cost a third more at a batch of 65,536 than at 4,096. They may also play
/// at the same time, because none writes what another one reads.
final class CopyGroup {
  let environments: VectorEnvironment
  var sampler: ActionSampler
  let rollout: Rollout
  private var successors: Successors

  /// - Parameters:
  ///   - copies: indices among all copies.
  ///   - seed: environments, staggering and actions draw from its streams.
  init(
    _ task: CatalogueEntry, _ copies: Range<Int>, horizon: Int, shape: NetworkShape, seed: Seed
  ) {
    environments = task.copies(copies, seed: seed, isStaggered: true)
    sampler = ActionSampler(copies.map { seed.stream(.actions, $0) })
    rollout = Rollout(
      firstCopy: copies.lowerBound, environments: copies.count, horizon: horizon, shape: shape)
    successors = Successors(shape, rows: Successors.most(copies.count, horizon: horizon, task))
  }

  /// Plays the rollout's horizon with the network's policy and estimates the advantages.
  ///
  /// - Returns: the operations of the forward passes.
  func play(
    with network: Network, _ estimation: AdvantageEstimation, times: PartTimes?
  ) -> Operations {
    successors.truncated.removeAll(keepingCapacity: true)
    let (count, horizon) = (environments.count, rollout.horizon)
    var executed = 0
    for step in 0..<horizon {
      let indices = StridedIndices(first: step, stride: horizon)
      rollout.observations.observe(environments, at: indices)
      times?.lap(.tasks)
      let rows = RowSelection(first: step, step: horizon, count: count)
      executed += network.forward(
        rollout.observations.rows(rows), into: rollout.activations, at: rows)
      times?.lap(.forward)
      sampler.draw(from: rollout.activations.heads.rows(rows))
      for copy in 0..<count {
        rollout.columns.actions[indices[copy]] = sampler.actions[copy]
        rollout.columns.logProbabilities[indices[copy]] = sampler.logProbabilities[copy]
      }
      times?.lap(.sampling)
      advance(at: indices)
    }
    successors.observations.rows(0..<count).observe(environments, at: StridedIndices())
    times?.lap(.tasks)
    let rows = RowSelection(0..<count + successors.truncated.count)
    executed += network.forward(
      successors.observations.rows(rows), into: successors.activations, at: rows)
    times?.lap(.forward)
    rollout.copyValues(successors)
    rollout.estimateAdvantages(gamma: estimation.gamma, lambda: estimation.lambda)
    times?.lap(.advantages)
    return Operations(
      conventional: network.shape.conventionalForward(rows: rollout.count + rows.count),
      executed: executed)
  }

  private func advance(at indices: StridedIndices) {
    let free = rollout.environments + successors.truncated.count
    let truncated = successors.observations.rows(free..<successors.rows).advance(
      environments, rollout.columns.actions, rewards: &rollout.rewards,
      endings: &rollout.endings, at: indices)
    guard truncated > 0 else { return }
    for copy in 0..<environments.count where rollout.endings[indices[copy]] == .truncated {
      successors.truncated.append(indices[copy])
    }
  }
}

/// Observations that follow a row of the rollout but are not in it: each copy's observation after
/// the last step, then the final observations of truncated episodes, in the order in which they
/// ended.
struct Successors {
  let rows: Int
  let observations: InputRows
  let activations: Activations
  /// Rows of the rollout at which an episode was truncated.
  var truncated: [Int] = []

  init(_ shape: NetworkShape, rows: Int) {
    self.rows = rows
    observations = InputRows(shape, rows: rows)
    activations = Activations(shape, rows: rows)
    truncated.reserveCapacity(rows)
  }

  /// The largest number of rows: an episode is truncated at most once in `timeLimit` steps.
  static func most(_ copies: Int, horizon: Int, _ task: CatalogueEntry) -> Int {
    copies * (2 + (horizon - 1) / task.facts.timeLimit)
  }
}

/// Episodes that have ended, and the sums of their returns and of their steps.
public struct EpisodeTally: Sendable {
  public var count = 0
  public var returns = 0.0
  public var lengths = 0

  init() {}

  init(_ copies: VectorEnvironment) {
    (count, returns) = (copies.finishedEpisodes, copies.finishedScores)
    lengths = copies.finishedLengths
  }

  static func += (left: inout Self, right: Self) {
    left.count += right.count
    left.returns += right.returns
    left.lengths += right.lengths
  }
}
