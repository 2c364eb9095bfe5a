/// MiniGrid's LavaGap: walk to the goal through the only gap in a column of lava.
struct LavaGap<let side: Int>: MiniGridLayout {
  typealias Board = MiniGridCells<side, side, 64>

  init(world: inout MiniGridWorld<Board>, random: inout some RandomSource) {
    world.buildRoomWithGoal()
    world.agent = MiniGridPosition(x: 1, y: 1)
    let column = 2 + random.integer(below: Board.width - 4)
    let gap = 1 + random.integer(below: Board.height - 2)
    for y in 1..<Board.height - 1 where y != gap { world.board[column, y] = .lava }
  }

  static var originalID: String { "MiniGrid-LavaGapS\(side)-v0" }
  static var timeLimit: Int { 4 * side * side }

  static var facts: EnvironmentFacts {
    .miniGrid(
      name: "lava-gap-s\(side)",
      summary: "through the gap in the lava to the goal (MiniGrid's LavaGap)",
      timeLimit: timeLimit, typicalEpisodeLength: 74, randomScore: 0.01, bestScore: 0.952)
  }
}
