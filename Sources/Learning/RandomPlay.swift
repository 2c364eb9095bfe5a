public import Environments

/// Uniformly random play of many copies of a task, with observations written as a network reads
/// them: the cost of a task without a learner.
public final class RandomPlay {
  private let copies: VectorEnvironment
  private let observations: InputRows
  private let last: InputRows
  private var random: RandomStream
  private var actions: [Int32]
  private var rewards: [Float]
  private var endings: [Ending]

  public init(_ task: CatalogueEntry, copies count: Int, seed: Seed) {
    copies = task.copies(count, seed: seed)
    func rows() -> InputRows {
      InputRows(
        rows: count, columns: task.facts.observationSize, maxNonzeros: task.maxNonzeros)
    }
    (observations, last) = (rows(), rows())
    random = seed.stream(.actions)
    actions = Array(repeating: 0, count: count)
    rewards = Array(repeating: 0, count: count)
    endings = Array(repeating: .none, count: count)
  }

  public func play(steps: Int) {
    let count = Int32(copies.facts.actions.count)
    for _ in 0..<steps {
      observations.observe(copies, at: StridedIndices())
      for copy in actions.indices { actions[copy] = random.integer(below: count) }
      _ = last.advance(copies, actions, rewards: &rewards, endings: &endings, at: StridedIndices())
    }
  }
}
