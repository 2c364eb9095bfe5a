/// MiniGrid's FourRooms: find the goal in four rooms that are connected by gaps in the walls.
struct FourRooms: MiniGridLayout {
  typealias Board = MiniGridCells<19, 19, 361>
  static let middle: Int32 = 9

  /// Draws the upper left room's gaps to the right and down, the upper right room's gap down, the
  /// lower left room's gap to the right, then the agent and the goal.
  init(world: inout MiniGridWorld<Board>, random: inout some RandomSource) {
    world.enclose()
    for place in 1..<Board.width - 1 {
      world.board[Self.middle, place] = .wall
      world.board[place, Self.middle] = .wall
    }
    func gap(from first: Int32) -> Int32 { first + random.integer(below: Self.middle - 1) }
    world.board[Self.middle, gap(from: 1)] = .empty
    world.board[gap(from: 1), Self.middle] = .empty
    world.board[gap(from: Self.middle + 1), Self.middle] = .empty
    world.board[Self.middle, gap(from: Self.middle + 1)] = .empty
    world.placeAgent(random: &random)
    world.place(.goal, random: &random)
  }

  static var originalID: String { "MiniGrid-FourRooms-v0" }
  static var timeLimit: Int { 100 }

  static var facts: EnvironmentFacts {
    .miniGrid(
      name: "four-rooms",
      summary: "find the goal in four connected rooms (MiniGrid's FourRooms)",
      timeLimit: timeLimit, randomScore: 0.019, bestScore: 0.855)
  }
}
