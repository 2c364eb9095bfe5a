import Testing

@testable import Environments

struct MiniGridViewTests {
  private typealias World = MiniGridWorld<MiniGridCells<8, 8, 64>>

  /// Looking right, carrying a blue key.
  private static let house = """
    ########
    #..#..G#
    #.>D...#
    #..#...#
    #K.##O##
    #B.....#
    #L.....#
    ########
    """

  private static func view(direction: Int32, seesThroughWalls: Bool) -> [String] {
    var world: World = MiniGridMap.world(house, carrying: .key(.blue))
    world.direction = MiniGridDirection(direction)
    let view = MiniGridView(world, seesThroughWalls: seesThroughWalls)
    return MiniGridMap.drawing(of: view).split(separator: "\n").map(String.init)
  }

  @Test func `shows what is ahead in the agent's frame, and walls beyond the grid`() {
    let outside = "#######"
    let expected = [
      [outside, outside, "##G..#.", "##...O.", "##...#.", "###D##.", "##.k..."],
      [outside, outside, "....L##", "....B##", "O##.K##", "..#..##", "..Dk.##"],
      [outside, outside, outside, outside, outside, "BK...##", "...k.##"],
      [outside, outside, outside, outside, outside, "##..#..", "##.kD.."],
    ]
    for direction in 0..<4 {
      #expect(
        Self.view(direction: Int32(direction), seesThroughWalls: true) == expected[direction])
    }
  }

  /// Followed by hand, cell by cell: out of the small room to the right of the agent, and back
  /// in through the open door.
  @Test func `walls and doors that aren't open hide what is behind them`() {
    #expect(
      Self.view(direction: 0, seesThroughWalls: false) == [
        "???????", "?######", "?#G..#.", "?#...O.", "?????#.", "?##D##.", "?#.k...",
      ])
  }

  /// The rule as it is told, cell by cell, against the same on whole rows of bits.
  @Test func `the field of view follows the rule in any surroundings`() {
    var random = Seed(6).stream(.environment)
    var sizes: Set<Int> = []
    for round in 0..<20_000 {
      var clear = [Bool](repeating: false, count: 49)
      for index in clear.indices { clear[index] = random.unit() < Double(round % 10) * 0.1 + 0.05 }
      let bits = clear.indices.reduce(UInt64(0)) { $0 | (clear[$1] ? 1 : 0) << UInt64($1) }
      let seen = MiniGridView.visible(through: bits)
      let expected = Self.told(clear)
      #expect(expected.indices.allSatisfy { expected[$0] == (seen >> UInt64($0) & 1 == 1) })
      #expect(seen >> 49 == 0)
      sizes.insert(seen.nonzeroBitCount)
    }
    #expect(sizes.count > 30)
  }

  private static func told(_ clear: [Bool]) -> [Bool] {
    var seen = [Bool](repeating: false, count: 49)
    seen[6 * 7 + 3] = true
    for y in (0..<7).reversed() {
      for (columns, way) in [(Array(0..<6), 1), (Array((1..<7).reversed()), -1)] {
        for x in columns where seen[y * 7 + x] && clear[y * 7 + x] {
          seen[y * 7 + x + way] = true
          guard y > 0 else { continue }
          seen[(y - 1) * 7 + x + way] = true
          seen[(y - 1) * 7 + x] = true
        }
      }
    }
    return seen
  }

  /// Reads the package's bytes back from what networks see.
  @Test(arguments: Catalogue.builtIn.filter { $0.original?.package == .miniGrid })
  func `features tell as much as the package's bytes`(task: CatalogueEntry) throws {
    let type = task.task as? any (BinaryEnvironment & PublicTask).Type
    let followed = try #require(type)
    readBack(followed)
  }

  private func readBack<Task: BinaryEnvironment & PublicTask>(_: Task.Type) {
    var random = Seed(16).stream(.environment)
    var task = Task(random: &random)
    for step in 0..<1_000 {
      var bytes: [UInt8] = []
      task.appendOriginal(to: &bytes)
      #expect(Self.bytes(of: task.observation()) == bytes)
      let action = scriptedAction(copy: 1, step: step, of: Task.facts.actions.count)
      if task.advance(action, random: &random).isOver { task.restart(random: &random) }
    }
  }

  private static func bytes(of row: [Float]) -> [UInt8] {
    func number(_ features: Range<Int>) -> Int? { features.firstIndex { row[$0] == 1 } }
    var bytes: [UInt8] = []
    for x in 0..<7 {
      for y in 0..<7 {
        let first = (y * 7 + x) * 16
        let kind = number(first..<first + 7).map { $0 - first }
        let colour = number(first + 7..<first + 13).map { $0 - first - 7 }
        let state = number(first + 13..<first + 16).map { $0 - first - 13 }
        // Walls are always grey, goals green.
        let ownColour = kind == 1 ? 5 : kind == 5 ? 1 : 0
        bytes.append(kind.map { [1, 2, 4, 5, 6, 8, 9][$0] } ?? 0)
        bytes += [UInt8(colour ?? ownColour), UInt8(state ?? 0)]
      }
    }
    return bytes + [UInt8((number(784..<788) ?? 784) - 784)]
  }
}
