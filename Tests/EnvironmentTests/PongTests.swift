import Testing

@testable import Environments

struct PongTests {
  /// The same numbers, with every unit real u as 1 − u.
  private struct Mirrored: RandomSource {
    var random: RandomStream
    mutating func integer(below bound: Int32) -> Int32 { random.integer(below: bound) }
    mutating func unit() -> Double { 1 - random.unit() }
  }

  private static func mirror(_ game: Pong) -> Pong {
    var twin = game
    (twin.ballY, twin.velocityY) = (1 - game.ballY, -game.velocityY)
    (twin.player, twin.opponent) = (1 - game.player, 1 - game.opponent)
    return twin
  }

  /// Step by step: a bounce off a paddle multiplies a rounding error by about 16, so that whole
  /// games part after some of them.
  @Test func `a court upside down plays upside down`() {
    var (serves, worst) = (0, Float.zero)
    var random = Seed(3).stream(.environment)
    var game = Pong(random: &random)
    for step in 0..<20_000 {
      var mirrored = Mirrored(random: random)
      var twin = Self.mirror(game)
      let action = scriptedAction(copy: 0, step: step, of: 3)
      let outcome = game.advance(action, random: &random)
      let twinOutcome = twin.advance(2 - action, random: &mirrored)
      #expect(outcome.reward == twinOutcome.reward && outcome.isOver == twinOutcome.isOver)
      for (seen, other) in zip(game.observation(), Self.mirror(twin).observation()) {
        worst = max(worst, abs(seen - other))
      }
      if outcome.reward != 0 { serves += 1 }
      if outcome.isOver { game.restart(random: &random) }
    }
    #expect(worst < 2e-5)
    #expect(serves > 100)
  }

  @Test func `serves fly to all four sides equally often`() {
    var random = Seed(4).stream(.environment)
    var counts = [Int](repeating: 0, count: 4)
    var heights: [Double] = []
    var game = Pong(random: &random)
    for _ in 0..<40_000 {
      game.serve(random: &random)
      counts[(game.velocityX > 0 ? 2 : 0) + (game.velocityY > 0 ? 1 : 0)] += 1
      heights.append(Double(game.ballY))
      #expect(game.ballX == 0.5 && abs(game.velocityX) == Pong.serveSpeed)
    }
    #expect(abs(chiSquareDeviation(counts)) < 4.5)
    #expect(abs(summary(of: heights).mean - 0.5) < 0.004)
  }

  /// Where a ball crosses the line of a paddle, by unfolding the court in double precision.
  private static func crossing(of game: Pong) -> Double {
    let line = game.velocityX > 0 ? 1.0 : 0
    let time = (line - Double(game.ballX)) / Double(game.velocityX)
    let y = Double(game.ballY) + Double(game.velocityY) * time
    return y < 0 ? -y : y > 1 ? 2 - y : y
  }

  @Test func `a paddle that covers the ball sends it back, any other misses it`() {
    var random = Seed(5).stream(.environment)
    var (returned, missed) = (0, 0)
    for _ in 0..<200_000 {
      var game = Pong(random: &random)
      let isRight = random.integer(below: 2) == 0
      let speed = Float(random.real(from: 0.03, to: 0.06))
      game.velocityX = isRight ? speed : -speed
      game.velocityY = Float(random.real(from: -0.06, to: 0.06))
      let distance = speed * Float(random.unit())
      game.ballX = isRight ? 1 - distance : distance
      game.ballY = Float(random.unit())
      let y = Self.crossing(of: game)
      let paddle = Pong.inCourt(Float(y + random.real(from: -0.2, to: 0.2)))
      if isRight { game.player = paddle } else { game.opponent = paddle }
      let margin = 0.1 - abs(Double(paddle) - y)
      if abs(margin) < 1e-5 || distance < 1e-6 || distance > speed - 1e-6 { continue }
      let side = game.moveBall()
      if margin < 0 {
        missed += side == (isRight ? .player : .opponent) ? 1 : 0
        #expect(side == (isRight ? .player : .opponent))
        continue
      }
      returned += 1
      let isFine =
        side == .none && (game.velocityX < 0) == isRight && (0...1).contains(game.ballX)
        && (0...1).contains(game.ballY)
        && abs(abs(game.velocityX) - min(speed * 1.05, 0.06)) < 1e-6
        && abs(game.velocityY) <= 0.06
      #expect(isFine, "\(game)")
    }
    #expect(returned > 50_000 && missed > 30_000)
  }

  @Test func `walls reflect`() {
    var random = RandomStream(1, 2, 3, 4)
    var game = Pong(random: &random)
    (game.ballX, game.ballY, game.velocityX, game.velocityY) = (0.5, 0.01, 0.03, -0.03)
    #expect(game.moveBall() == .none)
    #expect(abs(game.ballY - 0.02) < 1e-6 && game.velocityY == 0.03)
    (game.ballY, game.velocityY) = (0.98, 0.05)
    #expect(game.moveBall() == .none)
    #expect(abs(game.ballY - 0.97) < 1e-6 && game.velocityY == -0.05)
  }

  @Test func `the edge of a paddle turns the ball`() {
    var random = RandomStream(1, 2, 3, 4)
    var game = Pong(random: &random)
    (game.ballX, game.ballY, game.velocityX, game.velocityY) = (0.98, 0.5, 0.04, 0.01)
    game.player = 0.46
    #expect(game.moveBall() == .none)
    // The ball crosses at 0.505, 0.045 off the middle: 0.3·0.01 + 0.5·0.045.
    #expect(abs(game.velocityY - 0.0255) < 1e-6)
    #expect(abs(game.velocityX + 0.042) < 1e-6)
    #expect(abs(game.ballX - (1 - 0.021)) < 1e-6)
  }

  @Test func `paddles keep their speed and stay in the court`() {
    var random = Seed(6).stream(.environment)
    var game = Pong(random: &random)
    var isAtEdge = false
    for step in 0..<3_000 {
      let before = game
      let action: Int32 = (step / 40).isMultiple(of: 2) ? 0 : 2
      if game.advance(action, random: &random).isOver { game.restart(random: &random) }
      if game.playerPoints + game.opponentPoints < before.playerPoints + before.opponentPoints {
        continue
      }
      #expect(abs(game.player - before.player) < 0.0401)
      #expect(abs(game.opponent - before.opponent) < 0.0251)
      for paddle in [game.player, game.opponent] { #expect((0.1...0.9).contains(paddle)) }
      isAtEdge = isAtEdge || game.player == 0.1
    }
    #expect(isAtEdge)
  }

  @Test func `who has five points first wins`() {
    var random = Seed(7).stream(.environment)
    for _ in 0..<30 {
      var game = Pong(random: &random)
      var (mine, theirs) = (0, 0)
      var isOver = false
      for step in 0..<20_000 where !isOver {
        let outcome = game.advance(scriptedAction(copy: 1, step: step, of: 3), random: &random)
        if outcome.reward > 0 { mine += 1 } else if outcome.reward < 0 { theirs += 1 }
        isOver = outcome.isOver
        #expect(isOver == (max(mine, theirs) == 5))
      }
      #expect(isOver)
      game.restart(random: &random)
      #expect(game.playerPoints == 0 && game.opponentPoints == 0)
    }
  }
}
