import Testing

@testable import Environments

/// What actions do, on grids drawn by hand.
struct MiniGridRulesTests {
  private typealias World = MiniGridWorld<MiniGridCells<5, 3, 15>>

  /// The agent looks at a cell, and may carry something.
  private static func world(ahead cell: MiniGridCell, carrying: MiniGridCell = .empty) -> World {
    var world: World = MiniGridMap.world("#####\n#>..#\n#####", carrying: carrying)
    world[world.ahead] = cell
    return world
  }

  @Test func `turns go round in circles, right being clockwise`() {
    var world = Self.world(ahead: .empty)
    var directions: [UInt8] = []
    for action in Array(repeating: MiniGridAction.right, count: 4) + [.left, .left] {
      #expect(world.act(action) == .none)
      directions.append(world.direction.number)
    }
    #expect(directions == [1, 2, 3, 0, 3, 2])
    #expect(world.agent == MiniGridPosition(x: 1, y: 1))
  }

  @Test func `every direction is a step on the grid, y growing downwards`() {
    for (number, way) in [(1, 0), (0, 1), (-1, 0), (0, -1)].enumerated() {
      let step = MiniGridDirection(Int32(number)).step
      #expect(step == MiniGridPosition(x: Int32(way.0), y: Int32(way.1)))
    }
  }

  @Test func `walks onto what doesn't block, and goal and lava end the episode`() {
    let enters: [Character: MiniGridEvent] = [".": .none, "O": .none, "G": .success, "L": .lava]
    for (letter, cell) in MiniGridMap.legend {
      var world = Self.world(ahead: cell)
      #expect(world.act(.forward) == enters[letter] ?? .none, "\(letter)")
      #expect(world.agent.x == (enters[letter] == nil ? 1 : 2), "\(letter)")
    }
  }

  @Test func `picks up keys and balls with empty hands only`() {
    for (letter, cell) in MiniGridMap.legend {
      for hands in [MiniGridCell.empty, .key(.red)] {
        var world = Self.world(ahead: cell, carrying: hands)
        #expect(world.act(.pickUp) == .none)
        let isTaken = "KkB".contains(letter) && hands == .empty
        #expect(world.carried == (isTaken ? cell : hands), "\(letter)")
        #expect(world[world.ahead] == (isTaken ? .empty : cell), "\(letter)")
      }
    }
  }

  @Test func `drops what it carries on empty cells only`() {
    for (letter, cell) in MiniGridMap.legend {
      var world = Self.world(ahead: cell, carrying: .ball(.red))
      #expect(world.act(.drop) == .none)
      #expect(world.carried == (letter == "." ? .empty : .ball(.red)), "\(letter)")
      #expect(world[world.ahead] == (letter == "." ? .ball(.red) : cell), "\(letter)")
    }
    var idle = Self.world(ahead: .empty)
    #expect(idle.act(.drop) == .none)
    #expect(idle[idle.ahead] == .empty && idle.carried == .empty)
  }

  @Test func `a locked door opens for the key of its colour, and the key stays in hand`() {
    for hands in [MiniGridCell.empty, .key(.blue), .ball(.yellow)] {
      var world = Self.world(ahead: .door(.yellow, .locked), carrying: hands)
      #expect(world.act(.toggle) == .none)
      #expect(world[world.ahead] == .door(.yellow, .locked))
    }
    var world = Self.world(ahead: .door(.yellow, .locked), carrying: .key(.yellow))
    let states = (0..<3).map { _ in
      _ = world.act(.toggle)
      return world[world.ahead]
    }
    #expect(
      states == [.door(.yellow, .open), .door(.yellow, .closed), .door(.yellow, .open)])
    #expect(world.carried == .key(.yellow))
  }

  @Test func `nothing but doors can be toggled, and done does nothing`() {
    for (letter, cell) in MiniGridMap.legend where !"ODX".contains(letter) {
      var world = Self.world(ahead: cell)
      #expect(world.act(.toggle) == .none && world.act(.done) == .none)
      #expect(world[world.ahead] == cell && world.carried == .empty)
      #expect(world.agent.x == 1)
    }
  }
}
