/// MiniGrid's DoorKey: fetch the key, open the door in the wall with it, walk to the goal in the
/// far corner.
struct DoorKey<let side: Int>: MiniGridLayout {
  typealias Board = MiniGridCells<side, side, 64>

  /// Draws, in this order, the column of the wall, the agent to the left of it, the row of the door
  /// and the key.
  init(world: inout MiniGridWorld<Board>, random: inout some RandomSource) {
    world.buildRoomWithGoal()
    let wall = 2 + random.integer(below: Board.width - 4)
    for y in 1..<Board.height - 1 { world.board[wall, y] = .wall }
    let left = MiniGridArea(x: 0, y: 0, width: wall, height: Board.height)
    world.placeAgent(in: left, random: &random)
    world.board[wall, 1 + random.integer(below: Board.height - 3)] = .door(.yellow, .locked)
    world.place(.key(.yellow), in: left, random: &random)
  }

  static var originalID: String { "MiniGrid-DoorKey-\(side)x\(side)-v0" }
  static var timeLimit: Int { 10 * side * side }

  static var facts: EnvironmentFacts {
    let scores: (random: Double, best: Double) =
      switch side {
      case 5: (0.033, 0.964)
      case 6: (0.019, 0.969)
      default: (0.008, 0.976)
      }
    return .miniGrid(
      name: "door-key-\(side)x\(side)",
      variantOf: "door-key",
      summary: "fetch the key, open the door, walk to the goal (MiniGrid's DoorKey)",
      timeLimit: timeLimit, randomScore: scores.random, bestScore: scores.best)
  }
}
