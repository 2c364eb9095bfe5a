import Testing

@testable import Environments

/// What holds for every task of the Pong family.
struct PongTests {
  @Test func `every pong of the catalogue is tested here`() {
    let names = Catalogue.builtIn.map(\.facts).filter { $0.family == .pong }.map(\.name)
    #expect(pongGames.map { $0.facts.name } == names)
  }

  @Test(arguments: pongGames)
  func `a court upside down plays upside down`(game: any PongGame.Type) {
    mirror(game)
  }

  /// Step by step: a bounce off a paddle multiplies a rounding error by about 16, so that whole
  /// games part after some of them.
  private func mirror<Game: PongGame>(_: Game.Type) {
    var (serves, strays) = (0, 0)
    var random = Seed(3).stream(.environment)
    var game = Game(random: &random)
    for step in 0..<20_000 {
      var mirrored = Mirrored(random: random)
      var twin = game.upsideDown
      let action = scriptedAction(copy: 0, step: step, of: Game.facts.actions.count)
      let outcome = game.advance(action, random: &random)
      let twinOutcome = twin.advance(Game.upsideDown(action), random: &mirrored)
      #expect(outcome.reward == twinOutcome.reward && outcome.isOver == twinOutcome.isOver)
      let rows = zip(game.observation(), twin.upsideDown.observation())
      if rows.contains(where: { abs($0 - $1) > 2e-5 }) { strays += 1 }
      if outcome.reward != 0 { serves += 1 }
      if outcome.isOver { game.restart(random: &random) }
    }
    // A pixel whose middle lies right at the end of a paddle may round either way.
    #expect(strays <= (Game.facts.hasBinaryObservation ? 2 : 0))
    #expect(serves > 100)
  }

  @Test(arguments: pongGames)
  func `serves fly in all four directions equally often`(game: any PongGame.Type) {
    serve(game)
  }

  private func serve<Game: PongGame>(_: Game.Type) {
    var random = Seed(4).stream(.environment)
    var counts = [Int](repeating: 0, count: 4)
    var heights: [Double] = []
    var game = Game(random: &random)
    while heights.count < 20_000 {
      // The first serve of an episode, and those after points.
      let served = game.ball
      counts[(served.velocityX > 0 ? 2 : 0) + (served.velocityY > 0 ? 1 : 0)] += 1
      heights.append(Double(served.y))
      #expect(served.x == 0.5 && abs(served.velocityX) == Ball.serveSpeed)
      var outcome = Outcome()
      while outcome.reward == 0 { outcome = game.advance(0, random: &random) }
      if outcome.isOver { game.restart(random: &random) }
    }
    #expect(abs(chiSquareDeviation(counts)) < 4.5)
    #expect(abs(summary(of: heights).mean - 0.5) < 0.005)
  }

  @Test(arguments: pongGames)
  func `the first side to five points wins`(game: any PongGame.Type) {
    playOut(game)
  }

  private func playOut<Game: PongGame>(_: Game.Type) {
    var random = Seed(7).stream(.environment)
    var game = Game(random: &random)
    for _ in 0..<30 {
      var (mine, theirs) = (0, 0)
      var isOver = false
      for step in 0..<20_000 where !isOver {
        let action = scriptedAction(copy: 1, step: step, of: Game.facts.actions.count)
        let outcome = game.advance(action, random: &random)
        if outcome.reward > 0 { mine += 1 } else if outcome.reward < 0 { theirs += 1 }
        isOver = outcome.isOver
        #expect(isOver == (max(mine, theirs) == 5))
        #expect(game.points == [Int32(mine), Int32(theirs)])
      }
      #expect(isOver)
      game.restart(random: &random)
      #expect(game.points == [0, 0])
    }
  }

  @Test func `pixels show the game of pong`() {
    var (random, pixelRandom) = (Seed(9).stream(.environment), Seed(9).stream(.environment))
    var game = PlainPong(random: &random)
    var pixels = PongPixels(random: &pixelRandom)
    // After a serve the ball is in both planes.
    var last = game.ball
    for step in 0..<5_000 {
      let row = pixels.observation()
      var board = [Float](repeating: 0, count: 4 * 256)
      for (plane, ball) in [game.ball, last].enumerated() {
        let (y, x) = (min(Int(ball.y * 16), 15), min(Int(ball.x * 16), 15))
        board[plane * 256 + y * 16 + x] = 1
      }
      for cell in 0..<16 {
        let middle = (Float(cell) + 0.5) / 16
        if abs(middle - game.player[0].y) <= 0.1 { board[2 * 256 + cell * 16 + 15] = 1 }
        if abs(middle - game.opponent[0].y) <= 0.1 { board[3 * 256 + cell * 16] = 1 }
      }
      #expect(row == board)
      last = game.ball
      let action = scriptedAction(copy: 0, step: step, of: 3)
      let outcome = game.advance(action, random: &random)
      let seen = pixels.advance(action, random: &pixelRandom)
      #expect(outcome.reward == seen.reward && outcome.isOver == seen.isOver)
      if outcome.isOver {
        game.restart(random: &random)
        pixels.restart(random: &pixelRandom)
      }
      if outcome.reward != 0 { last = game.ball }
    }
  }
}
