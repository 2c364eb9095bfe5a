public import Environments
public import Records

/// Fills rollouts: many copies of a task at a fixed horizon. The batch grows with the copies.
public struct Collector: ~Copyable {
  /// One after another; each owns a block of the copies.
  let workers: [Worker]
  /// Operations of the forward passes so far: to act, and for the values of final observations.
  var operations = Operations()
  /// Receives the time that the parts of a rollout take.
  public var times: PartTimes?
  private let task: CatalogueEntry

  /// - Parameters:
  ///   - seed: environments, staggering and actions draw from its streams.
  ///   - workers: blocks of equally many copies.
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

  /// Continues with another number of copies (see `Worker.resize`); those of the last worker change.
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

/// How advantages are estimated from a rollout.
public struct AdvantageEstimation: Sendable {
  var gamma: Float
  var lambda: Float
  /// Whether they are scaled to mean 0 and deviation 1 over the whole batch.
  var isNormalized: Bool

  /// Looks the settings up, which takes too long to be done at every update.
  public init(_ hyperparameters: Hyperparameters) {
    gamma = Float(hyperparameters.gamma)
    lambda = Float(hyperparameters.gaeLambda)
    isNormalized = hyperparameters.normAdv
  }

  init(gamma: Float, lambda: Float, isNormalized: Bool = false) {
    (self.gamma, self.lambda, self.isNormalized) = (gamma, lambda, isNormalized)
  }
}
