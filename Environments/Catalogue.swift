/// A task that can be named, and made in any number of copies.
public struct CatalogueEntry: Sendable {
  public let facts: EnvironmentFacts
  private let makeCopies: @Sendable (Range<Int>, Seed, Bool) -> VectorEnvironment

  init<Task: Environment>(_ task: Task.Type) {
    facts = Task.facts
    makeCopies = { VectorEnvironment(Task.self, indices: $0, seed: $1, isStaggered: $2) }
  }

  /// `count` copies of the task, each with its own stream of the seed (see `VectorEnvironment`).
  public func copies(_ count: Int, seed: Seed, isStaggered: Bool = false) -> VectorEnvironment {
    makeCopies(0..<count, seed, isStaggered)
  }

  /// The copies that have these indices among any number of copies of one seed.
  public func copies(_ indices: Range<Int>, seed: Seed) -> VectorEnvironment {
    makeCopies(indices, seed, false)
  }
}

/// Every task, one line each, easiest first within its family.
public let catalogue: [CatalogueEntry] = [
  CatalogueEntry(Catch.self),
  CatalogueEntry(GridGoal<8>.self),
  CatalogueEntry(Pong.self),
]
