/// Where the agent stands when an episode begins.
protocol MiniGridStart: Sendable {
  /// What it adds to the name of a task, and to the package's.
  static var name: String { get }
  static var originalName: String { get }
  static func placeAgent<Board>(
    in world: inout MiniGridWorld<Board>, random: inout some RandomSource)
}

/// In the upper left corner, looking right.
enum CornerStart: MiniGridStart {
  static let name = ""
  static let originalName = ""
  static func placeAgent<Board>(
    in world: inout MiniGridWorld<Board>, random: inout some RandomSource
  ) {
    world.agent = MiniGridPosition(x: 1, y: 1)
  }
}

/// On any free cell, looking anywhere.
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
  /// The room that square layouts begin with: walls all round, the goal in the lower right
  /// corner.
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
      summary: "walk to the goal in the corner of an empty room (MiniGrid's Empty)",
      timeLimit: timeLimit, randomScore: side == 8 ? 0.084 : 0.264,
      bestScore: side == 8 ? 0.961 : 0.972, targets: [0.6, 0.8, 0.95],
      budget: side == 8 ? 1_000_000 : 500_000, ladder: side == 8 ? .small : .smallest
    ).taking(side == 8 ? 83_000 : 36_000, at: side == 8 ? 1_024 : 256)
  }
}
