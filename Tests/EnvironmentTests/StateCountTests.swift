import Testing

@testable import Environments

struct StateCountTests {
  /// Where states are counted, every state shows an observation of its own.
  @Test(arguments: Catalogue.builtIn.filter { $0.facts.states != nil }.map(\.facts.name))
  func `tasks have the states that a search finds`(name: String) throws {
    let entry = try #require(Catalogue.builtIn[name])
    #expect(found(entry.task) == entry.facts.states)
  }

  /// Distinct observations before the end of an episode, reached by any actions.
  private func found<Task: Environment>(_ task: Task.Type) -> Int {
    var random = Seed(1).stream(.environment)
    var seen: Set<[Float]> = []
    var open: [Task] = []
    func visit(_ state: Task) {
      var row = [Float](repeating: 0, count: Task.facts.observationSize)
      var span = row.mutableSpan
      state.observe(into: &span)
      if seen.insert(row).inserted { open.append(state) }
    }
    for _ in 0..<2_000 { visit(Task(random: &random)) }
    while let state = open.popLast() {
      for action in Task.facts.actions.indices {
        for _ in 0..<3 {
          var next = state
          if !next.advance(Int32(action), random: &random).isOver { visit(next) }
        }
      }
    }
    return seen.count
  }
}
