/// MiniGrid's MultiRoom: a chain of rooms, each behind a closed door. The agent starts in the first
/// room, and the goal is in the last.
///
/// The sides of a room, walls included, are from 4 to `largest` cells long. The grid is empty
/// outside the rooms.
struct MultiRoom<let rooms: Int, let largest: Int>: MiniGridLayout {
  typealias Board = MiniGridCells<25, 25, 625>

  init(world: inout MiniGridWorld<Board>, random: inout some RandomSource) {
    var chain = MultiRoomChain<rooms>()
    while chain.count < rooms {
      let attempt = MultiRoomChain<rooms>(
        largest: Int32(largest), within: MiniGridWorld<Board>.everywhere, random: &random)
      if attempt.count > chain.count { chain = attempt }
    }
    var colour: MiniGridCell.Colour?
    for index in 0..<rooms {
      world.enclose(chain.areas[index])
      if index == 0 { continue }
      let next = colour?.randomOther(&random) ?? .random(&random)
      world[chain.doors[index]] = .door(next, .closed)
      colour = next
    }
    world.placeAgent(in: chain.areas[0], random: &random)
    world.place(.goal, in: chain.areas[rooms - 1], random: &random)
  }

  static var originalID: String {
    switch rooms {
    case 2: "MiniGrid-MultiRoom-N2-S4-v0"
    case 4: "MiniGrid-MultiRoom-N4-S5-v1"
    default: "MiniGrid-MultiRoom-N6-v0"
    }
  }
  static var timeLimit: Int { 20 * rooms }

  static var facts: EnvironmentFacts {
    let scores: (random: Double, best: Double) =
      switch rooms {
      case 2: (0.009, 0.843)
      case 4: (0, 0.77)
      default: (0, 0.645)
      }
    return .miniGrid(
      name: "multi-room-n\(rooms)" + (rooms == 6 ? "" : "-s\(largest)"),
      variantOf: "multi-room",
      summary: "through \(rooms) rooms with closed doors to the goal (MiniGrid's MultiRoom)",
      timeLimit: timeLimit, randomScore: scores.random, bestScore: scores.best)
  }
}
