internal import Algebra
public import Environments
public import Records

/// Plays whole episodes to score a policy.
public enum Evaluator {
  /// Scores of some episodes, and what they cost.
  public struct Result: Sendable {
    /// In the order of the episodes.
    public var scores: [Double] = []
    public var steps = 0
    public var operations = Operations()
  }

  /// Episodes that are played together.
  private static let blockEpisodes = 32

  /// Plays some episodes with sampled actions. The score of a point on a bowl is known without
  /// playing.
  ///
  /// Episode i draws from the streams of `seed` with index i, so it is the same whichever episodes
  /// are played with it.
  ///
  /// - Parameter threads: the most that play at the same time. They don't affect results.
  public static func play(
    _ task: CatalogueEntry, with network: Network, episodes: Range<Int>, seed: Seed,
    threads: Int = 1
  ) -> Result {
    if let score = network.bowlScore(of: task) {
      return Result(scores: episodes.map { _ in score })
    }
    let own = seed.child(.evaluation)
    let count = (episodes.count + blockEpisodes - 1) / blockEpisodes
    return orderedSum(count, threads: threads, from: Result(), add: add) { index in
      let first = episodes.lowerBound + index * blockEpisodes
      return play(
        task, with: network, together: first..<min(first + blockEpisodes, episodes.upperBound),
        seed: own)
    }
  }

  private static func add(_ sum: inout Result, _ block: Result) {
    sum.scores += block.scores
    sum.steps += block.steps
    sum.operations += block.operations
  }

  private static func play(
    _ task: CatalogueEntry, with network: Network, together episodes: Range<Int>, seed: Seed
  ) -> Result {
    let copies = task.copies(episodes, seed: seed)
    let observations = InputRows(network.shape, rows: copies.count)
    let last = InputRows(network.shape, rows: copies.count)
    let activations = Activations(network.shape, rows: copies.count)
    var sampler = ActionSampler(episodes.map { seed.stream(.actions, $0) })
    var rewards = [Float](repeating: 0, count: copies.count)
    var endings = [Ending](repeating: .none, count: copies.count)
    var result = Result()
    result.scores = Array(repeating: 0, count: copies.count)
    // The episode that each copy plays: one that ended makes room for the last one.
    var playing = Array(0..<copies.count)
    while copies.count > 0 {
      let count = copies.count
      observations.rows(0..<count).observe(copies, at: StridedIndices())
      result.operations.executed += network.forward(
        observations.rows(0..<count), into: activations, at: RowSelection(0..<count))
      sampler.draw(from: activations.heads.rows(0..<count))
      _ = last.advance(
        copies, sampler.actions, rewards: &rewards, endings: &endings, at: StridedIndices())
      result.steps += count
      for copy in (0..<count).reversed() where endings[copy] != .none {
        result.scores[playing[copy]] = copies.score(of: copy)
        copies.remove(copy)
        sampler.streams[copy] = sampler.streams[copies.count]
        playing[copy] = playing[copies.count]
      }
    }
    result.operations.conventional = network.shape.conventionalForward(rows: result.steps)
    return result
  }
}
