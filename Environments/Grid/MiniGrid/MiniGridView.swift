/// The 7×7 cells before the agent, in its own frame: it stands in the middle of the last row
/// and looks up. Cells are numbered row by row, the farthest row first.
///
/// The agent's own cell shows what it carries. Beyond the grid there are walls.
struct MiniGridView {
  static let side = 7
  static let cells = side * side

  private(set) var cells: [49 of MiniGridCell] = .init(repeating: .wall)
  /// A bit for each cell, 1 where it is seen.
  private(set) var seen: UInt64 = 1 << 49 - 1

  init<Board: MiniGridBoard>(_ world: MiniGridWorld<Board>, seesThroughWalls: Bool) {
    let (forward, right) = (world.direction.step, world.direction.clockwise.step)
    var clear: UInt64 = 0
    for row in 0..<Self.side {
      let middle = world.agent + Int32(Self.side - 1 - row) * forward
      var place = middle + -3 * right
      for column in 0..<Self.side {
        let index = row * Self.side + column
        if place.x >= 0 && place.x < Board.width && place.y >= 0 && place.y < Board.height {
          let cell = world[place]
          cells[index] = cell
          clear |= (cell.isOpaque ? 0 : 1) << UInt64(index)
        }
        place = place + right
      }
    }
    cells[Self.cells - 4] = world.carried
    if !seesThroughWalls { seen = Self.visible(through: clear) }
  }

  /// MiniGrid's field of view. Light starts at the agent and goes through clear cells along
  /// each row, nearest row first: to the right, then to the left. A lit clear cell lights its
  /// neighbour that way and, in the next row, the cell before it and the neighbour's.
  ///
  /// A row's last cell in the direction of the light passes nothing on.
  ///
  /// - Parameter clear: a bit for each cell that light goes through.
  static func visible(through clear: UInt64) -> UInt64 {
    var seen: UInt64 = 0
    var lit: UInt64 = 1 << 3
    for row in (0..<side).reversed() {
      let clear = clear >> UInt64(row * side) & 0x7f
      var next: UInt64 = 0
      let rightward = spread(lit & clear, through: clear) { $0 << $1 } & 0x3f
      lit |= rightward << 1
      next |= rightward | rightward << 1
      let leftward = spread(lit & clear, through: clear) { $0 >> $1 } & 0x7e
      lit |= leftward >> 1
      next |= leftward | leftward >> 1
      seen |= lit << UInt64(row * side)
      lit = next
    }
    return seen
  }

  /// Bits and all that a run of clear ones joins to them on one side, up to seven away.
  private static func spread(
    _ bits: UInt64, through clear: UInt64, _ shifted: (UInt64, UInt64) -> UInt64
  ) -> UInt64 {
    var (bits, clear) = (bits, clear)
    for doubling in 0..<3 as Range<UInt64> {
      bits |= clear & shifted(bits, 1 << doubling)
      clear &= shifted(clear, 1 << doubling)
    }
    return bits
  }
}
