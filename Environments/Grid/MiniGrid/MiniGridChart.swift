/// A MiniGrid task seen from above, for drawing. It doesn't depend on the layout's type.
package struct MiniGridChart: Sendable {
  package let columns: Int
  package let rows: Int
  /// The cells row by row.
  package let cells: [MiniGridCell]
  /// Index of the agent's cell.
  package let agent: Int
  /// 0 right, 1 down, 2 left, 3 up.
  package let direction: Int
  /// What the agent carries; an empty cell if nothing.
  package let carried: MiniGridCell
}

/// A MiniGrid task of any layout.
package protocol Charted: Environment {
  var chart: MiniGridChart { get }
}

extension MiniGrid: Charted {
  package var chart: MiniGridChart {
    let (columns, rows) = (Layout.Board.width, Layout.Board.height)
    let cells = (0..<rows).flatMap { y in (0..<columns).map { world.board[$0, y] } }
    return MiniGridChart(
      columns: Int(columns), rows: Int(rows), cells: cells,
      agent: Int(world.agent.y * columns + world.agent.x),
      direction: Int(world.direction.number), carried: world.carried)
  }
}
