import Testing

@testable import Environments

/// Resets, time limits, scores, staggering and removal, which tasks know nothing of.
struct HousekeepingTests {
  private struct Moment: Equatable {
    var row: [Float]
    var reward: Float
    var ending: Ending
  }

  private static func history(
    _ task: CatalogueEntry, width: Int, isStaggered: Bool, steps: Int = 400
  ) -> [[Moment]] {
    var arena = Arena(task.copies(width, seed: Seed(5), isStaggered: isStaggered))
    var history = [[Moment]](repeating: [], count: width)
    for step in 0..<steps {
      let rows = arena.rows()
      arena.step(
        (0..<width).map {
          scriptedAction(copy: $0, step: step, of: task.facts.actions.count)
        })
      for copy in 0..<width {
        history[copy].append(
          Moment(row: rows[copy], reward: arena.rewards[copy], ending: arena.endings[copy]))
      }
    }
    return history
  }

  @Test(arguments: Catalogue.builtIn, [false, true])
  func `plays the same episodes for any number of copies`(task: CatalogueEntry, isStaggered: Bool) {
    let wide = Self.history(task, width: 7, isStaggered: isStaggered)
    for width in [1, 3] {
      let narrow = Self.history(task, width: width, isStaggered: isStaggered)
      #expect(narrow == Array(wide.prefix(width)))
    }
    // The copies differ from one another.
    #expect(!wide.indices.contains { $0 > 0 && wide[$0] == wide[0] })
  }

  @Test func `where rules and time limit end an episode together, the rules win`() {
    #expect(Ending(isOver: true, isTimeUp: true) == .terminated)
    #expect(Ending(isOver: true, isTimeUp: false) == .terminated)
    #expect(Ending(isOver: false, isTimeUp: true) == .truncated)
    #expect(Ending(isOver: false, isTimeUp: false) == .none)
  }

  @Test func `ends episodes at the limit and returns their last observation`() {
    let (width, seed) = (9, Seed(6))
    var arena = Arena(CatalogueEntry(Clock.self).copies(width, seed: seed))
    var streams = (0..<width).map { seed.stream(.environment, $0) }
    var clocks = streams.indices.map { Clock(random: &streams[$0]) }
    var ages = [Int32](repeating: 0, count: width)
    var endingsAtFive: Set<Ending> = []
    for _ in 0..<200 {
      arena.step(Array(repeating: 0, count: width))
      var last: [[Float]] = []
      for copy in 0..<width {
        ages[copy] += 1
        let (age, length) = (ages[copy], clocks[copy].length)
        let expected: Ending = age == length ? .terminated : age == 5 ? .truncated : .none
        #expect(arena.endings[copy] == expected)
        #expect(arena.rewards[copy] == Float(age))
        if age == 5 { endingsAtFive.insert(expected) }
        if expected == .none { continue }
        #expect(arena.copies.score(of: copy) == Double(age * (age + 1) / 2))
        if expected == .truncated { last.append([clocks[copy].label, 5]) }
        clocks[copy] = Clock(random: &streams[copy])
        ages[copy] = 0
      }
      #expect(arena.lastRows == last)
      #expect(arena.rows() == zip(clocks, ages).map { [$0.label, Float($1)] })
    }
    #expect(endingsAtFive == [.terminated, .truncated])
  }

  @Test(arguments: Catalogue.builtIn)
  func `staggers starts within the bound, the same way every time`(task: CatalogueEntry) {
    let width = 200
    let bound = width * min(task.facts.typicalEpisodeLength, 500)
    let copies = task.copies(width, seed: Seed(7), isStaggered: true)
    #expect(abs(Double(copies.staggerSteps) / Double(bound) - 0.5) < 0.1)
    #expect(task.copies(width, seed: Seed(7)).staggerSteps == 0)
    let again = task.copies(width, seed: Seed(7), isStaggered: true)
    #expect(again.staggerSteps == copies.staggerSteps)
    #expect(Arena(again).rows() == Arena(copies).rows())
    let other = task.copies(width, seed: Seed(8), isStaggered: true)
    let hasStates = task.facts.observationSize > 1
    #expect((Arena(other).rows() != Arena(copies).rows()) == hasStates)
  }

  @Test(arguments: Catalogue.builtIn)
  func `a single copy is never staggered by more than the bound`(task: CatalogueEntry) {
    let bound = min(task.facts.typicalEpisodeLength, 500)
    let steps = (0..<300).map { task.copies(1, seed: Seed($0), isStaggered: true).staggerSteps }
    #expect(steps.allSatisfy { (0...bound).contains($0) })
    #expect((steps.max() ?? 0) > bound * 9 / 10)
  }

  @Test(arguments: Catalogue.builtIn)
  func `a removed copy leaves its index to the last one`(task: CatalogueEntry) {
    let whole = Self.history(task, width: 4, isStaggered: false, steps: 60)
    var arena = Arena(task.copies(4, seed: Seed(5)))
    var owners = [0, 1, 2, 3]
    for step in 0..<60 {
      if step == 20 {
        arena.copies.remove(1)
        owners = [0, 3, 2]
      }
      #expect(arena.copies.count == owners.count)
      #expect(arena.rows() == owners.map { whole[$0][step].row })
      arena.step(
        owners.map { scriptedAction(copy: $0, step: step, of: task.facts.actions.count) })
      for (index, owner) in owners.enumerated() {
        #expect(arena.rewards[index] == whole[owner][step].reward)
        #expect(arena.endings[index] == whole[owner][step].ending)
      }
    }
  }

  @Test func `writes to the places it is given and nowhere else`() {
    let copies = CatalogueEntry(Clock.self).copies(2, seed: Seed(9))
    var rewards = [Float](repeating: -1, count: 6)
    var endings = [Ending](repeating: .truncated, count: 6)
    var last = [Float](repeating: 0, count: 4)
    var span = last.mutableSpan
    _ = copies.advance(
      Array(repeating: 0, count: 6), rewards: &rewards, endings: &endings,
      at: StridedIndices(first: 1, stride: 3), last: &span)
    #expect(rewards == [-1, 1, -1, -1, 1, -1])
    #expect(endings == [.truncated, .none, .truncated, .truncated, .none, .truncated])
  }
}
