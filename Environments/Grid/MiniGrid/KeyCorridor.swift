/// MiniGrid's KeyCorridor with rooms of one cell (S3): a corridor with a column of rooms on
/// either side. The ball is in a locked room on the right, the key in a room on the left.
/// Picking up the ball solves the task.
///
/// Rooms are numbered row by row, three a row. `height` is twice the number of rows plus one.
struct KeyCorridor<let height: Int>: MiniGridLayout {
  typealias Board = MiniGridCells<7, height, 49>
  typealias World = MiniGridWorld<Board>
  static var rows: Int32 { Int32(height) / 2 }

  /// Draws, in this order, the row and colour of the locked room, the ball's colour and cell, the
  /// key's row and cell, the agent until no object is ahead of it, and doors until every room can
  /// be reached.
  init(world: inout World, random: inout some RandomSource) {
    Self.buildWalls(in: &world)
    let locked = 3 * random.integer(below: Self.rows) + 2
    let colour = MiniGridCell.Colour.random(&random)
    world[Self.door(of: locked, towards: 2)] = .door(colour, .locked)
    let ball = MiniGridCell.ball(.random(&random))
    world.place(ball, in: Self.area(of: locked), random: &random)
    let keyRoom = 3 * random.integer(below: Self.rows)
    world.place(.key(colour), in: Self.area(of: keyRoom), random: &random)
    repeat {
      world.placeAgent(in: Self.area(of: 3 * (Self.rows / 2) + 1), random: &random)
    } while world[world.ahead] != .empty && world[world.ahead] != .wall
    Self.connect(locked: locked, in: &world, random: &random)
  }

  private static func buildWalls(in world: inout World) {
    for y in 0..<Board.height {
      for x in 0..<Board.width {
        let isRoom = x & 1 == 1 && y & 1 == 1
        let isCorridor = x == 3 && y > 0 && y < Board.height - 1
        if !isRoom && !isCorridor { world.board[x, y] = .wall }
      }
    }
  }

  /// The area of a room, walls included.
  private static func area(of room: Int32) -> MiniGridArea {
    MiniGridArea(x: room % 3 * 2, y: room / 3 * 2, width: 3, height: 3)
  }

  /// The cell between a room and its neighbour in a direction.
  private static func door(of room: Int32, towards side: Int32) -> MiniGridPosition {
    MiniGridPosition(x: room % 3 * 2 + 1, y: room / 3 * 2 + 1) + MiniGridDirection(side).step
  }

  /// Adds doors until all rooms are connected. Each draw is the column, row and side of a room and,
  /// if a door fits there, its colour. The locked room gets no further door.
  private static func connect(
    locked: Int32, in world: inout World, random: inout some RandomSource
  ) {
    while !isConnected(world) {
      let column = random.integer(below: 3)
      let room = 3 * random.integer(below: rows) + column
      let side = random.integer(below: 4)
      let place = door(of: room, towards: side)
      let isInside =
        place.x > 0 && place.x < Board.width - 1 && place.y > 0 && place.y < Board.height - 1
      guard isInside && world[place] == .wall else { continue }
      let step = MiniGridDirection(side).step
      let neighbour = room + step.x + 3 * step.y
      guard room != locked && neighbour != locked else { continue }
      world[place] = .door(.random(&random), .closed)
    }
  }

  /// Whether every room can be reached from the corridor when all doors are open.
  private static func isConnected(_ world: World) -> Bool {
    var (rightward, downward): (UInt32, UInt32) = (0, 0)
    for room in 0..<3 * rows {
      if world[door(of: room, towards: 0)] != .wall { rightward |= 1 << UInt32(room) }
      if world[door(of: room, towards: 1)] != .wall { downward |= 1 << UInt32(room) }
    }
    var (reached, before): (UInt32, UInt32) = (2, 0)
    while reached != before {
      before = reached
      reached |= (reached & rightward) << 1 | reached >> 1 & rightward
      reached |= (reached & downward) << 3 | reached >> 3 & downward
    }
    return reached == 1 << UInt32(3 * rows) - 1
  }

  mutating func advance(
    _ action: MiniGridAction, in world: inout World, random: inout some RandomSource
  ) -> MiniGridEvent {
    let event = world.act(action)
    return action == .pickUp && world.carried.kind == .ball ? .success : event
  }

  static var originalID: String { "MiniGrid-KeyCorridorS3R\(rows)-v0" }
  static var timeLimit: Int { 270 }

  static var facts: EnvironmentFacts {
    .miniGrid(
      name: "key-corridor-s3r\(rows)",
      variantOf: "key-corridor",
      summary: "fetch the key, open the locked room, take the ball (MiniGrid's KeyCorridor)",
      timeLimit: timeLimit, randomScore: rows == 1 ? 0.02 : 0.001,
      bestScore: rows == 1 ? 0.952 : 0.93)
  }
}
