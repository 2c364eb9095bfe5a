internal import Algebra
public import Environments
internal import Records

/// Fills rollouts from many copies of a task at a fixed horizon. More copies make a larger batch.
public struct Collector: ~Copyable {
  private(set) var groups: [CopyGroup] = []
  /// The groups' rollouts, in the order of their copies.
  private(set) var rollouts: [Rollout] = []
  /// Operations of the forward passes so far: to act, and for the values of final observations.
  var operations = Operations()
  /// Receives the time that the parts of a rollout take. With it, one thread plays.
  public var times: PartTimes?
  /// The most threads that play at the same time. They don't affect results.
  public var threads = 1
  private let task: CatalogueEntry
  private let horizon: Int
  private let shape: NetworkShape
  /// Random steps of copies that were removed, and the episodes that they ended.
  private var removed = (steps: 0, episodes: EpisodeTally())

  /// - Parameters:
  ///   - seed: environments, staggering and actions draw from its streams.
  public init(
    task: CatalogueEntry, count: Int, horizon: Int, shape: NetworkShape, seed: Seed
  ) {
    (self.task, self.horizon, self.shape) = (task, horizon, shape)
    let size =
      WorkDivision(environments: count, horizon: horizon, minibatches: nil).groupSize
    for first in stride(from: 0, to: count, by: size) {
      add(first..<min(first + size, count), seed: seed)
    }
  }

  private mutating func add(_ copies: Range<Int>, seed: Seed) {
    let group = CopyGroup(task, copies, horizon: horizon, shape: shape, seed: seed)
    groups.append(group)
    rollouts.append(group.rollout)
  }

  /// Random steps that staggered the starts.
  var staggerSteps: Int { groups.reduce(removed.steps) { $0 + $1.environments.staggerSteps } }

  /// Episodes of training that have ended so far in this process. A staggered copy's first episode
  /// includes its random steps.
  var finishedEpisodes: EpisodeTally {
    groups.reduce(into: removed.episodes) { $0 += EpisodeTally($1.environments) }
  }

  /// Continues with twice as many copies, or without copies that were added that way.
  /// Copies that stay continue their episodes; new ones start staggered.
  ///
  /// - Parameter seed: new copies draw from its streams.
  mutating func resize(to count: Int, seed: Seed) {
    var present = rollouts.reduce(0) { $0 + $1.environments }
    while present < count {
      let added = present..<present + min(present, Network.blockRows, count - present)
      add(added, seed: seed)
      present = added.upperBound
    }
    while present > count, let last = groups.popLast() {
      rollouts.removeLast()
      removed.steps += last.environments.staggerSteps
      removed.episodes += EpisodeTally(last.environments)
      present = last.rollout.firstCopy
    }
    precondition(present == count, "\(count) copies are not twice or half as many as before")
  }

  /// Plays `horizon` steps with the network's policy and estimates the advantages.
  public mutating func collect(with network: Network, _ estimation: AdvantageEstimation) {
    times?.start()
    let (groups, times) = (groups, times)
    operations += orderedSum(
      groups.count, threads: times == nil ? threads : 1, from: Operations(), add: +=
    ) {
      groups[$0].play(with: network, estimation, times: times)
    }
    guard estimation.isNormalized else { return }
    rollouts.normalizeAdvantages(threads: threads)
    times?.lap(.advantages)
  }
}
