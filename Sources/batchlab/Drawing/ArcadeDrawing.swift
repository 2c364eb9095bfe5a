internal import Environments

/// The screen of an arcade game, 10 × 10 cells, with its planes.
private func screen(_ planes: (String, Character, Colour)...) -> Planes {
  Planes(
    rows: 10, columns: 10, order: .cellsFirst,
    planes: planes.map { .init(name: $0, cell: Cell($1, $2)) })
}

extension Breakout: DrawnByPlanes {
  static var planes: Planes {
    screen(
      ("paddle", "=", .green), ("ball", "o", .yellow), ("where the ball was", "'", .grey),
      ("brick", "#", .red))
  }
}

extension SpaceInvaders: DrawnByPlanes {
  static var planes: Planes {
    screen(
      ("cannon", "A", .green), ("alien", "W", .red), ("moving left", "<", .red),
      ("moving right", ">", .red), ("our bullet", "|", .yellow), ("theirs", "!", .purple))
  }
}

extension Asterix: DrawnByPlanes {
  static var planes: Planes {
    screen(
      ("player", "@", .green), ("enemy", "x", .red), ("trail", "'", .grey), ("gold", "$", .yellow))
  }
}

extension Freeway: DrawnByPlanes {
  static var planes: Planes {
    screen(
      ("chicken", "@", .yellow), ("car", "#", .red), ("fastest car's trail", "1", .grey),
      ("slower", "2", .grey), ("slower", "3", .grey), ("slower", "4", .grey),
      ("slowest", "5", .grey))
  }
}

extension Seaquest: DrawnByPlanes {
  static var planes: Planes {
    screen(
      ("submarine", "@", .green), ("its back", "=", .green), ("our bullet", "-", .yellow),
      ("trail", "'", .grey), ("their bullet", "*", .purple), ("fish", "f", .red),
      ("enemy submarine", "s", .red), ("oxygen", "O", .blue), ("diver aboard", "+", .cyan),
      ("diver", "d", .cyan))
  }
}
