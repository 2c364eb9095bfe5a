/// How the work of an update is divided, so that several threads can share it. It depends on the
/// batch alone, never on the number of threads, and so do the bits of results.
public struct WorkDivision: Sendable {
  /// Rows of numbers that go through all layers together, so that they stay in the cache.
  public static let blockRows = 64

  /// The fewest rows of a part of a minibatch, on average. Adding a part's gradient to the others
  /// takes as long as up to 20 rows, where the parameters don't fit into the cache: with parts of 128
  /// rows, PPO with 170,000 parameters was 12 % slower.
  static let fewestRows = 512

  /// Copies of the task that play together.
  public let groupSize: Int
  /// Groups of copies.
  public let groups: Int
  /// Parts of the gradient that an optimizer step follows: shards, or several neighbouring ones.
  public let gradientParts: Int
  /// Parts that can be worked on at the same time throughout an update.
  public var parallelParts: Int { min(groups, gradientParts) }
  /// The most threads that have work at some time of an update.
  public var mostThreads: Int { max(groups, gradientParts) }

  /// - Parameter minibatches: of an epoch of PPO; `nil` for policy gradient.
  public init(environments: Int, horizon: Int, minibatches: Int?) {
    let copies = max(environments, 1)
    // With few copies smaller groups, so that there is work for eight threads. But fewer rows take
    // longer each.
    groupSize = min(max(copies / 8, 16), Self.blockRows)
    groups = (copies + groupSize - 1) / groupSize
    let shards = TrialSettings.shards(of: copies)
    guard let minibatches else {
      gradientParts = shards
      return
    }
    let most = copies * horizon / max(minibatches, 1) / Self.fewestRows
    gradientParts = (1...shards).last { shards.isMultiple(of: $0) && $0 <= most } ?? 1
  }
}

extension TrialSettings {
  public var division: WorkDivision {
    WorkDivision(
      environments: numEnvs, horizon: numSteps,
      minibatches: hyperparameters.algorithm == .ppo ? hyperparameters.numMinibatches : nil)
  }
}
