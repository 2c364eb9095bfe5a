/// A MiniGrid from above, for those who look at it and don't know its layout.
package struct MiniGridChart: Sendable {
  package let columns: Int
  package let rows: Int
  /// Row by row.
  package let cells: [MiniGridCell]
  /// The agent's cell.
  package let agent: Int
  /// Right, down, left, up: from 0 to 3.
  package let direction: Int
  /// What the agent holds; empty hands hold an empty cell.
  package let carried: MiniGridCell
}

/// A MiniGrid of any layout.
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
