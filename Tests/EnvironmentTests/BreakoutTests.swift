import Testing

@testable import Environments

struct BreakoutTests {
  /// A paddle that is always under the ball, or sometimes where it arrives, never misses.
  @Test func `a cleared wall returns when the ball comes down`() {
    var random = Seed(5).stream(.actions)
    var game = Breakout(random: &random)
    var (score, walls, rowOfBall) = (0.0, 0, 0)
    for _ in 0..<20_000 where walls < 3 {
      let before = game
      let next = game.ballX + (game.isRightward ? 1 : -1)
      let isCorner = game.ballY == 8 && (0...9).contains(next) && random.integer(below: 4) == 0
      let target = isCorner ? next : game.ballX
      let outcome = game.play(
        game.paddle < target ? .right : game.paddle > target ? .left : .none, random: &random)
      #expect(!outcome.isOver)
      score += outcome.reward
      let left = before.bricks.count - Int(outcome.reward)
      rowOfBall = Int(before.ballY)
      if left == 0, rowOfBall == 8, before.isDownward {
        walls += 1
        #expect(score == Double(30 * walls))
        #expect(game.cells(3) == Self.wall)
      } else {
        #expect(game.bricks.count == left)
        #expect(game.cells(3).isSubset(of: before.cells(3)))
      }
    }
    #expect(walls == 3)
  }

  private static let wall = Set((10..<40).map { [$0 % 10, $0 / 10] })

  @Test func `a brick sends the ball back, but not two steps in a row`() {
    var random = ScriptedRandom(whole: 0)
    var game = Breakout(random: &random)
    game.isDownward = false
    (game.ballX, game.ballY) = (3, 4)
    // Up against (4, 3), then down from there, as the walls of bricks are full above.
    #expect(game.play(.none, random: &random).reward == 1)
    #expect(game.ballX == 4 && game.ballY == 4 && game.isDownward && game.isStriking)
    #expect(!game.cells(3).contains([4, 3]) && game.cells(2) == [[3, 4]])
    // Turned around by hand, it strikes again in the next step and flies in unpaid.
    game.isDownward = false
    #expect(game.play(.none, random: &random).reward == 0)
    #expect(game.ballX == 5 && game.ballY == 3 && !game.isDownward)
    #expect(game.cells(3).contains([5, 3]))
  }

  @Test func `starts on either side, and a missed ball ends the episode`() {
    for (draw, x) in [(0, 0), (1, 9)] as [(Int32, Int8)] {
      var random = ScriptedRandom(whole: draw)
      var game = Breakout(random: &random)
      #expect(game.ballX == x && game.ballY == 3 && game.isDownward)
      game.paddle = 0
      let outcomes = (0..<6).map { _ in game.play(.none, random: &random) }
      #expect(outcomes.map(\.isOver) == [false, false, false, false, false, true])
      #expect(game.ballX == (x == 0 ? 6 : 3) && game.ballY == 9)
    }
  }
}
