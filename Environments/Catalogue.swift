/// A task that can be named, and made in any number of copies.
public struct CatalogueEntry: Sendable {
  public let facts: EnvironmentFacts
  /// The type that holds its rules.
  let task: any Environment.Type
  /// The public task that it reproduces byte for byte, if any.
  public let original: Original?
  /// Plays the task with the lab's own generator and passes on the byte stream.
  public let labTrace: Trace
  /// Plays the task as its public package does and passes on that package's byte stream.
  public let originalTrace: Trace?
  /// Upper bound on an observation's nonzeros, if the task can list them.
  public let maxNonzeros: Int?
  private let makeCopies: MakeCopies

  /// Plays `steps` steps from `seed`, and passes on the bytes before the first step, then those of
  /// each.
  public typealias Trace =
    @Sendable (_ seed: UInt32, _ steps: Int, _ receive: (TraceStep) -> Void) -> Void

  /// Makes copies of one task, with steps that are specialized for it.
  private typealias MakeCopies = @Sendable (Range<Int>, Seed, Bool) -> VectorEnvironment

  /// A task defined in another module works too, but its steps are not specialized.
  public init<Task: Environment>(_ task: Task.Type) {
    self.init(task, maxNonzeros: nil) {
      TaskCopies(Task.self, indices: $0, seed: $1, isStaggered: $2)
    }
  }

  public init<Task: BinaryEnvironment>(_ task: Task.Type) {
    self.init(task, maxNonzeros: Task.maxNonzeros) {
      BinaryTaskCopies(Task.self, indices: $0, seed: $1, isStaggered: $2)
    }
  }

  private init<Task: Environment>(
    _ task: Task.Type, maxNonzeros: Int?, makeCopies: @escaping MakeCopies
  ) {
    facts = Task.facts
    self.maxNonzeros = maxNonzeros
    self.makeCopies = makeCopies
    self.task = task
    labTrace = { Task.labTrace(seed: $0, steps: $1, $2) }
    let followed = task as? any PublicTask.Type
    original = followed?.original
    if let followed {
      originalTrace = { followed.originalTrace(seed: $0, steps: $1, $2) }
    } else {
      originalTrace = nil
    }
  }

  /// `count` copies of the task, each with its own stream of the seed (see `VectorEnvironment`).
  public func copies(_ count: Int, seed: Seed, isStaggered: Bool = false) -> VectorEnvironment {
    makeCopies(0..<count, seed, isStaggered)
  }

  /// The copies with these indices. A copy's stream depends only on the seed and its index.
  public func copies(
    _ indices: Range<Int>, seed: Seed, isStaggered: Bool = false
  ) -> VectorEnvironment {
    makeCopies(indices, seed, isStaggered)
  }
}

/// The tasks that a program offers, each once.
public struct Catalogue: RandomAccessCollection, Sendable {
  private let entries: [CatalogueEntry]

  public init(_ entries: [CatalogueEntry]) { self.entries = entries }

  public var startIndex: Int { 0 }
  public var endIndex: Int { entries.count }
  public subscript(index: Int) -> CatalogueEntry { entries[index] }

  /// The task with this name; `nil` if there is none.
  public subscript(name: String) -> CatalogueEntry? {
    entries.first { $0.facts.name == name }
  }
}

extension Catalogue {
  /// Every task of this package, one line each, easiest first within each family. What else a new
  /// task needs is in `docs/adding-a-task.md`.
  public static let builtIn = Catalogue([
    CatalogueEntry(Bandit.self),
    CatalogueEntry(Chain.self),
    CatalogueEntry(Quadratic.self),

    CatalogueEntry(Catch.self),
    CatalogueEntry(GridGoal<8>.self),
    CatalogueEntry(DeepSea<10>.self),
    CatalogueEntry(MiniGrid<EmptyRoom<6, RandomStart>>.self),
    CatalogueEntry(MiniGrid<EmptyRoom<8, CornerStart>>.self),
    CatalogueEntry(MiniGrid<LavaGap<7>>.self),
    CatalogueEntry(MiniGrid<DynamicObstacles<6, 3, RandomStart>>.self),
    CatalogueEntry(MiniGrid<DynamicObstacles<6, 3, CornerStart>>.self),
    CatalogueEntry(MiniGrid<FourRooms>.self),
    CatalogueEntry(MiniGrid<DoorKey<5>>.self),
    CatalogueEntry(MiniGrid<DoorKey<6>>.self),
    CatalogueEntry(MiniGrid<DoorKey<8>>.self),
    CatalogueEntry(MiniGrid<MultiRoom<2, 4>>.self),
    CatalogueEntry(MiniGrid<MultiRoom<4, 5>>.self),
    CatalogueEntry(MiniGrid<MultiRoom<6, 10>>.self),
    CatalogueEntry(MiniGrid<KeyCorridor<3>>.self),
    CatalogueEntry(MiniGrid<KeyCorridor<7>>.self),
    CatalogueEntry(DeepSea<20>.self),

    CatalogueEntry(Pong<1, EasyLevel>.self),
    CatalogueEntry(Pong<1, NormalLevel>.self),
    CatalogueEntry(Pong<1, HardLevel>.self),
    CatalogueEntry(PongPixels.self),
    CatalogueEntry(Pong<2, DoublesLevel>.self),

    CatalogueEntry(Breakout.self),
    CatalogueEntry(SpaceInvaders.self),
    CatalogueEntry(Asterix.self),
    CatalogueEntry(Freeway.self),
    CatalogueEntry(Seaquest.self),
  ])
}
