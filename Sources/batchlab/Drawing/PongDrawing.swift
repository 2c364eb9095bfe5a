internal import Environments

extension Pong: Drawable {
  var picture: Picture {
    var picture = Picture(rows: 21, columns: 43, isSquare: false, of: Cell(" "))
    for row in stride(from: 0, to: picture.rows, by: 2) {
      picture[row, picture.columns / 2] = Cell("·")
    }
    func place(_ share: Float, of count: Int) -> Int {
      Int((min(max(share, 0), 1) * Float(count - 1)).rounded())
    }
    for index in 0..<paddles {
      let depth = Self.depth(index)
      for (paddle, x, colour) in [
        (player[index], 1 - depth, Colour.green), (opponent[index], depth, .red),
      ] {
        let first = place(paddle.y - Paddle.reach, of: picture.rows)
        for row in first...place(paddle.y + Paddle.reach, of: picture.rows) {
          picture[row, place(x, of: picture.columns)] = Cell("█", colour)
        }
      }
    }
    let column = place(ball.x, of: picture.columns)
    picture[place(ball.y, of: picture.rows), column] = Cell("●", .yellow)
    picture.notes = ["opponent \(opponentPoints) : \(playerPoints) player"]
    return picture
  }
}

extension PongPixels: DrawnByPlanes {
  static var planes: Planes {
    Planes(
      rows: side, columns: side, order: .planesFirst,
      planes: [
        .init(name: "ball", cell: Cell("o", .yellow)),
        .init(name: "ball one step ago", cell: Cell("'", .grey)),
        .init(name: "player", cell: Cell("#", .green)),
        .init(name: "opponent", cell: Cell("=", .red)),
      ])
  }
}
