internal import Environments

extension MiniGridChart {
  /// The whole grid. (The network sees only the 7 × 7 cells in front of the agent.)
  var picture: Picture {
    var picture = Picture(rows: rows, columns: columns)
    for (index, cell) in cells.enumerated() {
      picture[index / columns, index % columns] = cell.drawing
    }
    let arrows: [Character] = [">", "v", "<", "^"]
    picture[agent / columns, agent % columns] = Cell(arrows[direction], .white)
    let hands = carried.kind == .empty ? "nothing" : "a \(carried.colour) \(carried.kind)"
    picture.notes = [
      "carries \(hands)", "# wall  G goal  ~ lava  k key  o ball  door: / open  + closed  L locked",
    ]
    return picture
  }
}

extension MiniGridCell {
  fileprivate var drawing: Cell {
    switch kind {
    case .empty: .empty
    case .wall: Cell("#", .grey)
    case .goal: Cell("G", .green)
    case .lava: Cell("~", .red)
    case .key: Cell("k", shade)
    case .ball: Cell("o", shade)
    case .door:
      switch state {
      case .open: Cell("/", shade)
      case .closed: Cell("+", shade)
      case .locked: Cell("L", shade)
      }
    }
  }

  private var shade: batchlab.Colour {
    switch colour {
    case .red: .red
    case .green: .green
    case .blue: .blue
    case .purple: .purple
    case .yellow: .yellow
    case .grey: .grey
    }
  }
}
