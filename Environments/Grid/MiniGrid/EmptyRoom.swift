/// The agent's position and direction at the start of an episode.
protocol MiniGridStart: Sendable {
  /// Part of our task's name, and of the package's.
  static var name: String { get }
  static var originalName: String { get }
  static func placeAgent<Board>(
    in world: inout MiniGridWorld<Board>, random: inout some RandomSource)
}

/// The upper left corner, facing right.
enum CornerStart: MiniGridStart {
  static let name = ""
  static let originalName = ""
  static func placeAgent<Board>(
    in world: inout MiniGridWorld<Board>, random: inout some RandomSource
  ) {
    world.agent = MiniGridPosition(x: 1, y: 1)
  }
}

/// A random free cell and direction.
enum RandomStart: MiniGridStart {
  static let name = "random-"
  static let originalName = "Random-"
  static func placeAgent<Board>(
    in world: inout MiniGridWorld<Board>, random: inout some RandomSource
  ) {
    world.placeAgent(random: &random)
  }
}

extension MiniGridWorld {
  /// Builds the room that square layouts start from: walls all around and the goal in the lower
  /// right corner.
  mutating func buildRoomWithGoal() {
    enclose()
    board[Board.width - 2, Board.height - 2] = .goal
  }
}

/// MiniGrid's Empty: walk to the goal in the corner of an empty room.
struct EmptyRoom<let side: Int, Start: MiniGridStart>: MiniGridLayout {
  typealias Board = MiniGridCells<side, side, 64>

  init(world: inout MiniGridWorld<Board>, random: inout some RandomSource) {
    world.buildRoomWithGoal()
    Start.placeAgent(in: &world, random: &random)
  }

  static var originalID: String { "MiniGrid-Empty-\(Start.originalName)\(side)x\(side)-v0" }
  static var seesThroughWalls: Bool { true }
  static var timeLimit: Int { 4 * side * side }

  static var facts: EnvironmentFacts {
    .miniGrid(
      name: "empty-\(Start.name)\(side)x\(side)",
      variantOf: "empty",
      summary: "walk to the goal in the corner of an empty room (MiniGrid's Empty)",
      timeLimit: timeLimit, randomScore: side == 8 ? 0.084 : 0.264,
      bestScore: side == 8 ? 0.961 : 0.972)
  }
}
