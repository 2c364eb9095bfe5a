import Testing

@testable import Environments

/// Every task of the catalogue plays what its state and its streams say, and nothing else.
struct ReplayTests {
  @Test(arguments: ContractTests.tasks)
  func `a state kept as bytes plays the same future again`(task: any Environment.Type) {
    replay(task)
  }

  private func replay<Task: Environment>(_: Task.Type) {
    var random = Seed(12).stream(.environment)
    var state = Task(random: &random)
    for step in 0..<200 { _ = state.play(step, random: &random) }
    let (kept, keptRandom) = (bytes(of: state), bytes(of: random))
    let observation = state.observation()
    let first = (200..<900).map { state.play($0, random: &random) }
    var again = restored(Task.self, from: kept)
    random = restored(RandomStream.self, from: keptRandom)
    #expect(again.observation() == observation)
    #expect((200..<900).map { again.play($0, random: &random) } == first)
    // Not because nothing ever happens.
    #expect(Set(first).count > 1)
  }

  @Test(arguments: ContractTests.tasks)
  func `seeds and copies differ wherever the task draws anything`(task: any Environment.Type) {
    compareSeeds(task)
  }

  private func compareSeeds<Task: Environment>(_: Task.Type) {
    let actions = (0..<1_000).map {
      scriptedAction(copy: 0, step: $0, of: Task.facts.actions.count)
    }
    func history(seed: Int, copy: Int) -> [[Float]] {
      var arena = Arena(CatalogueEntry(Task.self).copies(2, seed: Seed(seed)))
      return actions.map { action in
        arena.step([action, action])
        return arena.rows()[copy] + [arena.rewards[copy]]
      }
    }
    var random = Counted(random: Seed(1).stream(.environment))
    var state = Task(random: &random)
    for action in actions where state.advance(action, random: &random).isOver {
      state.restart(random: &random)
    }
    let isRandom = random.draws > 0
    let first = history(seed: 1, copy: 0)
    #expect((first != history(seed: 2, copy: 0)) == isRandom)
    #expect((first != history(seed: 1, copy: 1)) == isRandom)
    #expect(first == history(seed: 1, copy: 0))
  }
}

/// Counts what is drawn.
private struct Counted: RandomSource {
  var random: RandomStream
  var draws = 0

  mutating func integer(below bound: Int32) -> Int32 {
    draws += 1
    return random.integer(below: bound)
  }

  mutating func unit() -> Double {
    draws += 1
    return random.unit()
  }
}

/// The bytes of a state, as they would be saved.
private func bytes<State: BitwiseCopyable>(of state: State) -> [UInt8] {
  unsafe withUnsafeBytes(of: state) { unsafe Array($0) }
}

private func restored<State: BitwiseCopyable>(_: State.Type, from bytes: [UInt8]) -> State {
  unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: State.self) }
}
