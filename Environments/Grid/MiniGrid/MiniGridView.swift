/// The 7×7 cells in front of the agent, in its own frame: it is in the middle of the last row and
/// faces up. Cells are numbered row by row, the farthest row first.
///
/// The agent's own cell shows what it carries. Cells outside the grid are walls.
struct MiniGridView {
  static let side = 7
  static let cells = side * side

  private(set) var cells: [49 of MiniGridCell] = .init(repeating: .wall)
  /// One bit for each cell, 1 if it is visible.
  private(set) var seen: UInt64 = 1 << 49 - 1

  init<Board: MiniGridBoard>(_ world: MiniGridWorld<Board>, seesThroughWalls: Bool) {
    let forward = world.direction.step
    let middle = world.agent + 3 * forward
    let window = MiniGridArea(x: middle.x &- 3, y: middle.y &- 3, width: 7, height: 7)
      .clipped(to: MiniGridWorld<Board>.everywhere)
    // How much a step right or down on the grid changes a cell's number in the view.
    let stride = world.direction.clockwise.step + -7 * forward
    let first =
      45 &+ (window.x &- world.agent.x) &* stride.x &+ (window.y &- world.agent.y) &* stride.y
    var clear: UInt64 = 0
    world.board.forEach(in: window, first: Int(first), stride: stride) { index, cell in
      cells[index] = cell
      clear |= (cell.isOpaque ? 0 : 1) &<< UInt64(index)
    }
    cells[45] = world.carried
    if !seesThroughWalls { seen = Self.visible(through: clear) }
  }

  /// Computes MiniGrid's field of view.
  ///
  /// Light starts at the agent and spreads through clear cells row by row, nearest row first, in
  /// each row to the right and then to the left. A lit clear cell lights its neighbour in that
  /// direction and, in the next row, the cells in front of both. The last cell of a row in the
  /// direction of the light passes nothing on.
  ///
  /// - Parameter clear: one bit for each cell, 1 if it is transparent.
  static func visible(through clear: UInt64) -> UInt64 {
    var seen: UInt64 = 0
    var lit: UInt64 = 1 << 3
    for row in (0..<side).reversed() where lit != 0 {
      let clear = clear >> UInt64(row * side) & 0x7f
      // Adding a lit clear cell makes a carry that stops at the end of its run of clear cells.
      let passing = lit & clear
      let rightward = (clear & (clear ^ (clear + passing)) | passing) & 0x3f
      lit |= rightward << 1
      let leftward = spreadLeft(lit & clear, through: clear) & 0x7e
      lit |= leftward >> 1
      seen |= lit << UInt64(row * side)
      lit = rightward | rightward << 1 | leftward | leftward >> 1
    }
    return seen
  }

  /// Spreads bits of a row to the left along unbroken runs of clear cells.
  private static func spreadLeft(_ bits: UInt64, through clear: UInt64) -> UInt64 {
    var bits = bits | clear & bits >> 1
    var run = clear & clear >> 1
    bits |= run & bits >> 2
    run &= run >> 2
    return bits | run & bits >> 4
  }
}
