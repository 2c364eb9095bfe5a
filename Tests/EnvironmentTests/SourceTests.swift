import Testing

@testable import Environments

/// Every kind of source plays the same episodes of a task.
struct SourceTests {
  private static let tasks = Catalogue.builtIn.map(\.task).filter {
    $0 is any BinaryEnvironment.Type
  }

  @Test(arguments: tasks)
  func `copies that list their nonzeros play the episodes of those that don't`(
    task: any Environment.Type
  ) throws {
    let binary = try #require(task as? any BinaryEnvironment.Type)
    compare(binary)
  }

  private func compare<Task: BinaryEnvironment>(_: Task.Type) {
    let (width, actions) = (5, Task.facts.actions.count)
    let plain = TaskCopies(Task.self, indices: 2..<7, seed: Seed(3), isStaggered: true)
    let listing = BinaryTaskCopies(Task.self, indices: 2..<7, seed: Seed(3), isStaggered: true)
    #expect(plain.maxNonzeros == nil && listing.maxNonzeros == Task.maxNonzeros)
    #expect(plain.staggerSteps == listing.staggerSteps)
    var arena = Arena(plain)
    var rewards = [Float](repeating: .nan, count: width)
    var endings = [Ending](repeating: .none, count: width)
    var lists = [UInt16](repeating: .max, count: width * (1 + Task.maxNonzeros))
    var (differences, truncated) = (0, 0)
    for step in 0..<1_500 {
      do {
        var span = lists.mutableSpan
        listing.observe(into: &span, at: StridedIndices())
      }
      if dense(lists, rows: width, Task.self) != arena.rows() { differences += 1 }
      let drawn = (0..<width).map { scriptedAction(copy: $0, step: step, of: actions) }
      arena.step(drawn)
      do {
        var span = lists.mutableSpan
        truncated = listing.advance(
          drawn, rewards: &rewards, endings: &endings, at: StridedIndices(), last: &span)
      }
      if dense(lists, rows: truncated, Task.self) != arena.lastRows { differences += 1 }
      if rewards != arena.rewards || endings != arena.endings { differences += 1 }
    }
    #expect(differences == 0)
    #expect(listing.finishedEpisodes == plain.finishedEpisodes)
    #expect(listing.finishedScores == plain.finishedScores)
    #expect(listing.finishedLengths == plain.finishedLengths)
    // Both have come to the same state: from one's memory the other's episodes go on. The memory
    // itself can't be compared, because the bytes between fields are not set.
    let restored = TaskCopies(Task.self, indices: 2..<7, seed: Seed(4), isStaggered: false)
    #expect(restored.restore(savedMemory: listing.savedMemory))
    var other = Arena(restored)
    for step in 1_500..<3_000 {
      let drawn = (0..<width).map { scriptedAction(copy: $0, step: step, of: actions) }
      arena.step(drawn)
      other.step(drawn)
      if arena.rows() != other.rows() || arena.lastRows != other.lastRows { differences += 1 }
      if arena.rewards != other.rewards || arena.endings != other.endings { differences += 1 }
    }
    #expect(differences == 0)
    #expect((0..<width).allSatisfy { restored.score(of: $0) == plain.score(of: $0) })
  }

  private func dense<Task: BinaryEnvironment>(
    _ lists: [UInt16], rows: Int, _: Task.Type
  ) -> [[Float]] {
    (0..<rows).map { row in
      let start = row * (1 + Task.maxNonzeros)
      var numbers = [Float](repeating: 0, count: Task.facts.observationSize)
      for index in lists[start + 1..<start + 1 + Int(lists[start])] { numbers[Int(index)] = 1 }
      return numbers
    }
  }

  /// Plays through another source, as one of a plug-in or another process would.
  private final class Relay: VectorEnvironment {
    let copies: VectorEnvironment

    init(_ copies: VectorEnvironment) {
      self.copies = copies
      super.init(copies.facts, count: copies.count)
    }

    override func observe(into rows: inout MutableSpan<Float>, at indices: StridedIndices) {
      copies.observe(into: &rows, at: indices)
    }

    override func advance(
      _ actions: [Int32], rewards: inout [Float], endings: inout [Ending],
      at indices: StridedIndices, last: inout MutableSpan<Float>
    ) -> Int {
      copies.advance(actions, rewards: &rewards, endings: &endings, at: indices, last: &last)
    }

    override func score(of copy: Int) -> Double { copies.score(of: copy) }
  }

  @Test func `a kind of source needs only a subclass`() {
    let task = CatalogueEntry(Catch.self)
    var (own, relayed) = (
      Arena(task.copies(3, seed: Seed(1))), Arena(Relay(task.copies(3, seed: Seed(1))))
    )
    for step in 0..<200 {
      let actions = (0..<3).map { scriptedAction(copy: $0, step: step, of: 3) }
      own.step(actions)
      relayed.step(actions)
      #expect(relayed.rows() == own.rows() && relayed.lastRows == own.lastRows)
      #expect(relayed.rewards == own.rewards && relayed.endings == own.endings)
      #expect(relayed.copies.score(of: 2) == own.copies.score(of: 2))
    }
    #expect(relayed.copies.task(of: 0) == nil)
  }
}
