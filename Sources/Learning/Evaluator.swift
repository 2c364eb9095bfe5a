internal import Algebra
public import Environments
public import Records

/// Plays whole episodes to score a policy.
public enum Evaluator {
  /// Plays some episodes with sampled actions.
  ///
  /// Episode i draws from the streams of `seed` with index i, so it is the same whichever episodes
  /// are played with it.
  ///
  /// - Returns: the scores, and the steps and operations of all episodes together.
  public static func play(
    _ task: CatalogueEntry, with network: Network, episodes: Range<Int>, seed: Seed
  ) -> (scores: [Double], steps: Int, operations: Operations) {
    let own = seed.child(.evaluation)
    let copies = task.copies(episodes, seed: own)
    let observations = InputRows(network.shape, rows: copies.count)
    let last = InputRows(network.shape, rows: copies.count)
    let activations = Activations(network.shape, rows: copies.count)
    var sampler = ActionSampler(episodes.map { own.stream(.actions, $0) })
    var rewards = [Float](repeating: 0, count: copies.count)
    var endings = [Ending](repeating: .none, count: copies.count)
    var scores: [Double] = []
    var steps = 0
    var operations = Operations()
    while copies.count > 0 {
      let count = copies.count
      observations.rows(0..<count).observe(copies, at: StridedIndices())
      operations.executed += network.forward(
        observations.rows(0..<count), into: activations, at: RowSelection(0..<count))
      sampler.draw(from: activations.heads.rows(0..<count))
      _ = last.advance(
        copies, sampler.actions, rewards: &rewards, endings: &endings, at: StridedIndices())
      steps += count
      for copy in (0..<count).reversed() where endings[copy] != .none {
        scores.append(copies.score(of: copy))
        copies.remove(copy)
        sampler.streams[copy] = sampler.streams[copies.count]
      }
    }
    operations.conventional = network.shape.conventionalForward(rows: steps)
    return (scores, steps, operations)
  }
}
