@testable import Environments

/// Grids drawn as text, a letter a cell: `#` wall, `.` empty, `G` goal, `L` lava, `K` and `k` a
/// yellow and a blue key, `B` a blue ball, `O`, `D` and `X` a yellow door that is open, closed
/// and locked; `?` for what isn't seen.
enum MiniGridMap {
  static let legend: [Character: MiniGridCell] = [
    "#": .wall, ".": .empty, "G": .goal, "L": .lava, "K": .key(.yellow), "k": .key(.blue),
    "B": .ball(.blue), "O": .door(.yellow, .open), "D": .door(.yellow, .closed),
    "X": .door(.yellow, .locked),
  ]
  private static let agents: [Character] = [">", "v", "<", "^"]

  /// The world that a drawing shows; `>`, `v`, `<` and `^` stand for the agent.
  static func world<Board: MiniGridBoard>(
    _ drawing: String, carrying carried: MiniGridCell = .empty
  ) -> MiniGridWorld<Board> {
    var world = MiniGridWorld<Board>()
    world.carried = carried
    for (y, line) in drawing.split(separator: "\n").enumerated() {
      for (x, letter) in line.enumerated() {
        let position = MiniGridPosition(x: Int32(x), y: Int32(y))
        world[position] = legend[letter] ?? .empty
        if let direction = agents.firstIndex(of: letter) {
          world.agent = position
          world.direction = MiniGridDirection(Int32(direction))
        }
      }
    }
    return world
  }

  static func drawing(of view: MiniGridView) -> String {
    (0..<7).map { row in
      String(
        (0..<7).map { column in
          let index = row * 7 + column
          guard view.seen >> UInt64(index) & 1 == 1 else { return "?" }
          return legend.first { $0.value == view.cells[index] }?.key ?? "!"
        })
    }.joined(separator: "\n")
  }
}
