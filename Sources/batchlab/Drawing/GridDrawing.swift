internal import Environments

extension Catch: Drawable {
  var picture: Picture {
    var picture = Picture(rows: Int(Self.rows), columns: Int(Self.columns))
    picture[picture.rows - 1, Int(paddle)] = Cell("=", .green)
    picture[Int(ballRow), Int(ballColumn)] = Cell("o", .yellow)
    picture.notes = ["o ball  = paddle"]
    return picture
  }
}

extension GridGoal: DrawnByPlanes {
  static var planes: Planes {
    Planes(
      rows: side, columns: side, order: .planesFirst,
      planes: [
        .init(name: "agent", cell: Cell("@", .red)), .init(name: "goal", cell: Cell("G", .green)),
      ])
  }
}

extension DeepSea: DrawnByPlanes {
  static var planes: Planes {
    Planes(
      rows: size, columns: size, order: .planesFirst,
      planes: [.init(name: "diver", cell: Cell("@", .cyan))])
  }
}
