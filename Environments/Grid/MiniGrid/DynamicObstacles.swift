/// MiniGrid's Dynamic-Obstacles: walk to the goal between moving balls. Walking into a ball or a
/// wall costs 1 and ends the episode.
struct DynamicObstacles<let side: Int, let balls: Int, Start: MiniGridStart>: MiniGridLayout {
  typealias Board = MiniGridCells<side, side, 64>

  private var positions: [balls of MiniGridPosition] =
    .init(repeating: MiniGridPosition(x: 0, y: 0))

  init(world: inout MiniGridWorld<Board>, random: inout some RandomSource) {
    world.buildRoomWithGoal()
    Start.placeAgent(in: &world, random: &random)
    for index in 0..<balls {
      if let position = world.place(.ball(.blue), random: &random) { positions[index] = position }
    }
  }

  /// Moves the balls first, in order, each to a free neighbouring cell; a ball that finds none in
  /// 101 draws stays. A collision depends on what was ahead of the agent before the balls moved.
  mutating func advance(
    _ action: MiniGridAction, in world: inout MiniGridWorld<Board>,
    random: inout some RandomSource
  ) -> MiniGridEvent {
    let ahead = world[world.ahead].kind
    for index in 0..<balls {
      let old = positions[index]
      let around = MiniGridArea(x: old.x - 1, y: old.y - 1, width: 3, height: 3)
      guard let new = world.freeCell(in: around, attempts: 101, random: &random) else { continue }
      world[new] = world[old]
      world[old] = .empty
      positions[index] = new
    }
    let event = world.act(action)
    return action == .forward && ahead != .empty && ahead != .goal ? .collision : event
  }

  static var originalID: String {
    "MiniGrid-Dynamic-Obstacles-\(Start.originalName)\(side)x\(side)-v0"
  }
  static var seesThroughWalls: Bool { true }
  static var timeLimit: Int { 4 * side * side }

  /// The best score is that of the shortest path without balls and a step or two of waiting.
  static var facts: EnvironmentFacts {
    .miniGrid(
      name: "dynamic-obstacles-\(Start.name)\(side)x\(side)",
      variantOf: "dynamic-obstacles",
      summary: "to the goal between moving balls (MiniGrid's Dynamic-Obstacles)",
      actions: 3, timeLimit: timeLimit, typicalEpisodeLength: 7, scoreRange: -1...1,
      randomScore: Start.self == CornerStart.self ? -0.995 : -0.864, bestScore: 0.95)
  }
}
