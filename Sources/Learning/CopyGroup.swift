internal import Algebra
internal import Environments

/// Copies that play the whole horizon together. Groups play one after another, so that what a group
/// writes stays in the cache: with all copies in lockstep, an observation cost a third more at a
/// batch of 65,536 than at 4,096.
struct CopyGroup {
  let environments: VectorEnvironment
  /// Index of its first copy in the worker's rollout.
  let first: Int
  var sampler: ActionSampler

  /// - Parameters:
  ///   - copies: indices in the worker's rollout.
  ///   - firstCopy: index of the worker's first copy among all copies.
  init(_ task: CatalogueEntry, _ copies: Range<Int>, firstCopy: Int, seed: Seed) {
    let indices = firstCopy + copies.lowerBound..<firstCopy + copies.upperBound
    environments = task.copies(indices, seed: seed, isStaggered: true)
    first = copies.lowerBound
    sampler = ActionSampler(indices.map { seed.stream(.actions, $0) })
  }

  /// Plays the rollout's horizon.
  ///
  /// - Returns: the operations that the forward passes executed.
  mutating func play(
    into rollout: inout Rollout, successors: inout Successors, with network: Network,
    times: PartTimes?
  ) -> Int {
    let (count, horizon) = (environments.count, rollout.horizon)
    var executed = 0
    for step in 0..<horizon {
      let indices = StridedIndices(first: first * horizon + step, stride: horizon)
      rollout.observations.observe(environments, at: indices)
      times?.lap(.tasks)
      let rows = RowSelection(first: indices.first, step: horizon, count: count)
      executed += network.forward(
        rollout.observations.rows(rows), into: rollout.activations, at: rows)
      times?.lap(.forward)
      sampler.draw(from: rollout.activations.heads.rows(rows))
      for copy in 0..<count {
        rollout.actions[indices[copy]] = sampler.actions[copy]
        rollout.logProbabilities[indices[copy]] = sampler.logProbabilities[copy]
      }
      times?.lap(.sampling)
      advance(&rollout, &successors, at: indices)
    }
    successors.observations.rows(first..<first + count)
      .observe(environments, at: StridedIndices())
    times?.lap(.tasks)
    return executed
  }

  private func advance(
    _ rollout: inout Rollout, _ successors: inout Successors, at indices: StridedIndices
  ) {
    let free = rollout.environments + successors.truncated.count
    let truncated = successors.observations.rows(free..<successors.rows).advance(
      environments, rollout.actions, rewards: &rollout.rewards, endings: &rollout.endings,
      at: indices)
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
