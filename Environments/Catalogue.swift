/// A task that can be named, and made in any number of copies.
public struct CatalogueEntry: Sendable {
  public let facts: EnvironmentFacts
  /// The type that holds its rules.
  let task: any Environment.Type
  /// What the task follows byte for byte, if it follows something.
  public let original: Original?
  /// Plays the task with the lab's own generator and hands on its byte stream.
  public let labTrace: Trace
  /// Plays the task as its public package does and hands on that package's byte stream.
  public let originalTrace: Trace?
  /// The most nonzeros that an observation has, if the task can list them.
  public let maxNonzeros: Int?
  private let makeCopies: MakeCopies

  /// Takes the steps from the seed, and hands over the bytes before the first one and then
  /// those of each.
  public typealias Trace =
    @Sendable (_ seed: UInt32, _ steps: Int, _ receive: (TraceStep) -> Void) -> Void

  /// Stepping all copies of a task is specialised here, per task of the catalogue.
  private typealias MakeCopies = @Sendable (Range<Int>, Seed, Bool) -> VectorEnvironment

  /// A task that is defined in another module works, but its steps are not specialised.
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

  /// The copies that have these indices among any number of copies of one seed.
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

  /// The task of a name; `nil` if there is none.
  public subscript(name: String) -> CatalogueEntry? {
    entries.first { $0.facts.name == name }
  }
}

extension Catalogue {
  /// Every task of this package, one line each, easiest first within its family.
  public static let builtIn = Catalogue([
    CatalogueEntry(Bandit.self),
    CatalogueEntry(Chain.self),

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
