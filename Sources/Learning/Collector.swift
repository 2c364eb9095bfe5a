public import Environments
internal import Records

/// Fills rollouts from many copies of a task at a fixed horizon. More copies make a larger batch.
public struct Collector: ~Copyable {
  /// They run one after another, each with its own block of the copies.
  let workers: [Worker]
  /// Operations of the forward passes so far: to act, and for the values of final observations.
  var operations = Operations()
  /// Receives the time that the parts of a rollout take.
  public var times: PartTimes?
  private let task: CatalogueEntry

  /// - Parameters:
  ///   - seed: environments, staggering and actions draw from its streams.
  ///   - workers: the number of workers that share the copies.
  public init(
    task: CatalogueEntry, count: Int, horizon: Int, shape: NetworkShape, seed: Seed,
    workers: Int = 1
  ) {
    self.task = task
    self.workers = (0..<workers).map { worker in
      Worker(
        task: task, copies: count * worker / workers..<count * (worker + 1) / workers,
        horizon: horizon, shape: shape, seed: seed)
    }
  }

  /// Random steps that staggered the starts.
  var staggerSteps: Int { workers.reduce(0) { $0 + $1.staggerSteps } }

  /// Episodes of training that have ended so far in this process.
  var finishedEpisodes: EpisodeTally {
    workers.reduce(into: EpisodeTally()) { $0 += $1.finishedEpisodes }
  }

  /// Continues with another number of copies, all added to or removed from the last worker (see
  /// `Worker.resize`).
  mutating func resize(to count: Int, seed: Seed) {
    let last = workers[workers.count - 1]
    last.resize(to: count - last.firstCopy, of: task, seed: seed)
  }

  /// Plays `horizon` steps with the network's policy and estimates the advantages.
  public mutating func collect(with network: Network, _ estimation: AdvantageEstimation) {
    times?.start()
    for worker in workers {
      operations += worker.play(with: network, estimation, times: times)
    }
    guard estimation.isNormalized else { return }
    workers.normalizeAdvantages()
    times?.lap(.advantages)
  }
}
