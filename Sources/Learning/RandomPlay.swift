internal import Algebra
public import Environments
internal import Records

/// Uniformly random play of many copies of a task, observations written as a network takes them:
/// what the tasks cost without a learner.
public final class RandomPlay {
  private let copies: VectorEnvironment
  private let observations: ObservationRows
  private let last: ObservationRows
  private var random: RandomStream
  private var actions: [Int32]
  private var rewards: [Float]
  private var endings: [Ending]

  public init(_ task: CatalogueEntry, copies count: Int, seed: Seed) {
    copies = task.copies(count, seed: seed)
    let shape = NetworkShape(
      inputs: task.facts.observationSize, mostActiveInputs: task.mostActiveFeatures, actions: 1,
      hidden: .init([]), activation: .tanh, trunks: .shared)
    observations = ObservationRows(shape, rows: count)
    last = ObservationRows(shape, rows: count)
    random = seed.stream(.actions)
    actions = Array(repeating: 0, count: count)
    rewards = Array(repeating: 0, count: count)
    endings = Array(repeating: .none, count: count)
  }

  public func play(steps: Int) {
    let count = Int32(copies.facts.actions.count)
    for _ in 0..<steps {
      observations.observe(copies, at: Places())
      for copy in actions.indices { actions[copy] = random.integer(below: count) }
      _ = last.advance(copies, actions, rewards: &rewards, endings: &endings, at: Places())
    }
  }
}
