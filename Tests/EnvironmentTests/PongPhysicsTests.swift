import Testing

@testable import Environments

/// Ball and paddles, with one and with two paddles a side.
struct PongPhysicsTests {
  /// Where a ball crosses a line, by unfolding the court in double precision.
  private static func crossing(of ball: Ball, at line: Float) -> Double {
    let time = (Double(line) - Double(ball.x)) / Double(ball.velocityX)
    let y = Double(ball.y) + Double(ball.velocityY) * time
    return y < 0 ? -y : y > 1 ? 2 - y : y
  }

  @Test func `a paddle that covers the ball sends it back, any other misses it`() {
    meet(PlainPong.self)
    meet(Pong<2, DoublesLevel>.self)
  }

  /// At every speed that a ball can have, every line and side.
  private func meet<let paddles: Int, Level: PongLevel>(_: Pong<paddles, Level>.Type) {
    var random = Seed(5).stream(.environment)
    var (returned, missed, passed) = (0, 0, 0)
    for _ in 0..<200_000 {
      var game = Pong<paddles, Level>(random: &random)
      let isRight = random.integer(below: 2) == 0
      let index = Int(random.integer(below: Int32(paddles)))
      let line: Float = isRight ? 1 - 0.3 * Float(index) : 0.3 * Float(index)
      let speed = Float(random.real(from: 0.03, to: 0.06))
      let distance = speed * Float(random.unit())
      game.ball.velocityX = isRight ? speed : -speed
      game.ball.velocityY = Float(random.real(from: -0.06, to: 0.06))
      game.ball.x = isRight ? line - distance : line + distance
      game.ball.y = Float(random.unit())
      let y = Self.crossing(of: game.ball, at: line)
      var paddle = Paddle()
      paddle.move(by: Float(y + random.real(from: -0.2, to: 0.2)) - 0.5)
      if isRight { game.player[index] = paddle } else { game.opponent[index] = paddle }
      let margin = 0.1 - abs(Double(paddle.y) - y)
      if abs(margin) < 1e-5 || distance < 1e-6 || distance > speed - 1e-6 { continue }
      let before = game.ball
      let side = game.moveBall()
      let ball = game.ball
      if margin < 0, index == 0 {
        missed += 1
        #expect(side == (isRight ? .player : .opponent))
        continue
      }
      let isBack = (ball.velocityX < 0) == isRight
      let isFine =
        margin < 0
        ? !isBack && abs(ball.x - before.x - before.velocityX) < 1e-6
        : isBack && (0...1).contains(ball.x) && (0...1).contains(ball.y)
          && abs(abs(ball.velocityX) - min(speed * 1.05, 0.06)) < 1e-6
          && abs(ball.velocityY) <= 0.06
      #expect(side == .none && isFine, "\(game)")
      if margin < 0 { passed += 1 } else { returned += 1 }
    }
    #expect(returned > 50_000 && missed > 15_000)
    #expect((passed > 15_000) == (paddles > 1))
  }

  @Test func `a front paddle lets its own side's shots pass`() {
    var random = RandomStream(1, 2, 3, 4)
    for isRight in [true, false] {
      var game = Pong<2, DoublesLevel>(random: &random)
      // Away from the wall behind the paddle, across the middle of it.
      game.ball.x = isRight ? 0.71 : 0.29
      (game.ball.velocityX, game.ball.velocityY) = (isRight ? -0.04 : 0.04, 0.01)
      (game.ball.y, game.player[1].y, game.opponent[1].y) = (0.5, 0.5, 0.5)
      #expect(game.moveBall() == .none)
      #expect(abs(game.ball.x - (isRight ? 0.67 : 0.33)) < 1e-6)
      #expect(abs(game.ball.y - 0.51) < 1e-6 && game.ball.velocityY == 0.01)
    }
  }

  @Test func `walls reflect`() {
    var random = RandomStream(1, 2, 3, 4)
    var game = PlainPong(random: &random)
    game.ball = Ball(x: 0.5, y: 0.01, velocityX: 0.03, velocityY: -0.03)
    #expect(game.moveBall() == .none)
    #expect(abs(game.ball.y - 0.02) < 1e-6 && game.ball.velocityY == 0.03)
    (game.ball.y, game.ball.velocityY) = (0.98, 0.05)
    #expect(game.moveBall() == .none)
    #expect(abs(game.ball.y - 0.97) < 1e-6 && game.ball.velocityY == -0.05)
  }

  @Test func `the edge of a paddle turns the ball`() {
    var random = RandomStream(1, 2, 3, 4)
    var game = PlainPong(random: &random)
    game.ball = Ball(x: 0.98, y: 0.5, velocityX: 0.04, velocityY: 0.01)
    game.player[0].y = 0.46
    #expect(game.moveBall() == .none)
    // The ball crosses at 0.505, 0.045 off the middle: 0.3·0.01 + 0.5·0.045.
    #expect(abs(game.ball.velocityY - 0.0255) < 1e-6)
    #expect(abs(game.ball.velocityX + 0.042) < 1e-6)
    #expect(abs(game.ball.x - (1 - 0.021)) < 1e-6)
  }

  @Test func `paddles keep their speed and stay in the court`() {
    pace(Pong<1, EasyLevel>.self, fastest: 0.015)
    pace(PlainPong.self, fastest: 0.025)
    pace(Pong<1, HardLevel>.self, fastest: 0.035)
    pace(Pong<2, DoublesLevel>.self, fastest: 0.025)
  }

  private func pace<let paddles: Int, Level: PongLevel>(
    _: Pong<paddles, Level>.Type, fastest: Float
  ) {
    var random = Seed(6).stream(.environment)
    var game = Pong<paddles, Level>(random: &random)
    var (isAtEdge, swiftest) = (false, Float.zero)
    let down = Int32(Pong<paddles, Level>.facts.actions.count) - 1
    for step in 0..<3_000 {
      let before = game
      let action = (step / 40).isMultiple(of: 2) ? 0 : down
      if game.advance(action, random: &random).isOver {
        game.restart(random: &random)
        continue
      }
      for index in 0..<paddles {
        #expect(abs(game.player[index].y - before.player[index].y) < 0.0401)
        swiftest = max(swiftest, abs(game.opponent[index].y - before.opponent[index].y))
        for paddle in [game.player[index], game.opponent[index]] {
          #expect((0.1...0.9).contains(paddle.y))
        }
        isAtEdge = isAtEdge || game.player[index].y == 0.1
      }
    }
    #expect(isAtEdge)
    #expect(abs(swiftest - fastest) < 1e-6)
  }

  @Test func `each digit of an action moves its own paddle`() {
    let actions = DoublesLevel.facts.actions
    let moves: [String: Float] = ["up": -0.04, "stay": 0, "down": 0.04]
    var random = RandomStream(1, 2, 3, 4)
    for (action, name) in actions.enumerated() {
      var game = Pong<2, DoublesLevel>(random: &random)
      _ = game.advance(Int32(action), random: &random)
      let words = name.split(whereSeparator: { " ,".contains($0) }).map(String.init)
      #expect(words[0] == "front" && words[2] == "back")
      #expect(abs(game.player[1].y - 0.5 - (moves[words[1]] ?? 9)) < 1e-6)
      #expect(abs(game.player[0].y - 0.5 - (moves[words[3]] ?? 9)) < 1e-6)
    }
  }
}
