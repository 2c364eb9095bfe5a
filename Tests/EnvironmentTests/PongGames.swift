@testable import Environments

typealias PlainPong = Pong<1, NormalLevel>

/// A task of the Pong family as its tests see it.
protocol PongGame: Environment {
  var ball: Ball { get }
  var points: [Int32] { get }
  /// The same game with the court upside down.
  var upsideDown: Self { get }
}

/// Every variant; a test says that none of the catalogue is missing.
let pongGames: [any PongGame.Type] = [
  Pong<1, EasyLevel>.self, PlainPong.self, Pong<1, HardLevel>.self, PongPixels.self,
  Pong<2, DoublesLevel>.self,
]

extension PongGame {
  /// Up for down, with every paddle.
  static func upsideDown(_ action: Int32) -> Int32 { Int32(facts.actions.count) - 1 - action }
}

extension Pong: PongGame {
  var points: [Int32] { [playerPoints, opponentPoints] }

  var upsideDown: Self {
    var twin = self
    (twin.ball.y, twin.ball.velocityY) = (1 - ball.y, -ball.velocityY)
    for index in 0..<paddles {
      twin.player[index].y = 1 - player[index].y
      twin.opponent[index].y = 1 - opponent[index].y
    }
    return twin
  }
}

extension PongPixels: PongGame {
  var ball: Ball { game.ball }
  var points: [Int32] { game.points }

  var upsideDown: Self {
    var twin = self
    twin.game = game.upsideDown
    twin.lastCell = (15 - lastCell / 16) * 16 + lastCell % 16
    return twin
  }
}

/// The same numbers, with every unit real u as 1 − u.
struct Mirrored: RandomSource {
  var random: RandomStream
  mutating func integer(below bound: Int32) -> Int32 { random.integer(below: bound) }
  mutating func unit() -> Double { 1 - random.unit() }
}
