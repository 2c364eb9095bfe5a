import Testing

@testable import Environments

/// What every task of the catalogue promises. A task that is added to it is tested here without
/// further ado.
struct ContractTests {
  static let tasks = Catalogue.builtIn.map(\.task)

  @Test func `no two tasks share a name`() {
    #expect(Set(Catalogue.builtIn.map(\.facts.name)).count == Catalogue.builtIn.count)
  }

  @Test(arguments: Catalogue.builtIn)
  func `facts are consistent`(task: CatalogueEntry) {
    let facts = task.facts
    #expect(facts.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
    #expect(facts.rulesVersion > 0 && facts.observationSize > 0)
    #expect(!facts.summary.isEmpty && !facts.observationLayout.isEmpty)
    // On a bowl nothing is decided.
    #expect(facts.actions.count > (facts.bowl == nil ? 1 : 0))
    #expect(Set(facts.actions).count == facts.actions.count)
    #expect((1...facts.timeLimit).contains(facts.typicalEpisodeLength))
    #expect(facts.scoreRange.contains(facts.randomScore))
    #expect(facts.scoreRange.contains(facts.bestScore))
  }

  @Test(arguments: Catalogue.builtIn)
  func `writes every number of an observation, each in its range`(task: CatalogueEntry) {
    var arena = Arena(task.copies(5, seed: Seed(3)))
    var isVarying = false
    let first = arena.rows()
    let isBinary = task.facts.hasBinaryObservation
    var strays: Set<Float> = []
    for step in 0..<3_000 {
      let rows = arena.rows()
      isVarying = isVarying || rows != first
      // A row that was not written in full still has a NaN in it.
      for number in (rows + arena.lastRows).joined() {
        let isFine = isBinary ? number == 0 || number == 1 : abs(number) <= 1.00001
        if !isFine { strays.insert(number) }
      }
      arena.step(
        (0..<5).map { scriptedAction(copy: $0, step: step, of: task.facts.actions.count) })
    }
    #expect(strays.isEmpty)
    #expect(isVarying || task.facts.observationSize == 1)
  }

  @Test(arguments: tasks)
  func `a binary task lists exactly the ones of its row`(task: any Environment.Type) {
    let binary = task as? any BinaryEnvironment.Type
    #expect((binary != nil) == task.facts.hasBinaryObservation)
    if let binary { compareWithList(binary) }
  }

  private func compareWithList<Task: BinaryEnvironment>(_: Task.Type) {
    var random = Seed(14).stream(.environment)
    var state = Task(random: &random)
    for step in 0..<2_000 {
      var active: [Int] = []
      state.forEachNonzero { active.append($0) }
      let row = state.observation()
      #expect(active.sorted() == row.indices.filter { row[$0] == 1 })
      #expect(active.count <= Task.maxNonzeros)
      _ = state.play(step, random: &random)
    }
  }

  @Test(arguments: Catalogue.builtIn)
  func `every score lies in the stated range`(task: CatalogueEntry) {
    var arena = Arena(task.copies(20, seed: Seed(4)))
    var scores: [Double] = []
    var (ages, lengths) = (Array(repeating: 0, count: 20), 0)
    for step in 0..<3_000 {
      arena.step(
        (0..<20).map { scriptedAction(copy: $0, step: step, of: task.facts.actions.count) })
      for copy in 0..<20 { ages[copy] += 1 }
      for copy in 0..<20 where arena.endings[copy] != .none {
        lengths += ages[copy]
        ages[copy] = 0
        scores.append(arena.copies.score(of: copy))
      }
    }
    #expect(scores.count >= 20)
    let range = task.facts.scoreRange
    // Sums of rewards are rounded.
    let outside = scores.filter { $0 < range.lowerBound - 1e-9 || $0 > range.upperBound + 1e-9 }
    #expect(outside.isEmpty)
    #expect(arena.copies.finishedEpisodes == scores.count)
    #expect(arena.copies.finishedLengths == lengths)
    #expect(abs(arena.copies.finishedScores - scores.reduce(0, +)) < 1e-6)
  }

  /// The vector against tasks that are stepped by hand, one by one.
  @Test(arguments: tasks)
  func `steps, resets and observes like the task by itself`(task: any Environment.Type) {
    compareWithHand(task)
  }

  private func compareWithHand<Task: Environment>(_: Task.Type) {
    let (facts, width, seed) = (Task.facts, 3, Seed(8))
    var arena = Arena(CatalogueEntry(Task.self).copies(width, seed: seed))
    var streams = (0..<width).map { seed.stream(.environment, $0) }
    var tasks = streams.indices.map { Task(random: &streams[$0]) }
    var ages = [Int](repeating: 0, count: width)
    #expect(arena.rows() == tasks.map { $0.observation() })
    for step in 0..<2_500 {
      let actions = (0..<width).map {
        scriptedAction(copy: $0, step: step, of: facts.actions.count)
      }
      arena.step(actions)
      for copy in 0..<width {
        let outcome = tasks[copy].advance(actions[copy], random: &streams[copy])
        ages[copy] += 1
        #expect(arena.rewards[copy] == Float(outcome.reward))
        #expect((arena.endings[copy] == .terminated) == outcome.isOver)
        let isTimeUp = ages[copy] == facts.timeLimit && !outcome.isOver
        #expect((arena.endings[copy] == .truncated) == isTimeUp)
        if outcome.isOver || isTimeUp {
          tasks[copy].restart(random: &streams[copy])
          ages[copy] = 0
        }
      }
      #expect(arena.rows() == tasks.map { $0.observation() })
    }
  }
}
