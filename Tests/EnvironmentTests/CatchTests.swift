import Testing

@testable import Environments

struct CatchTests {
  private static func game(ball column: Int32) -> (Catch, RandomStream) {
    var random = RandomStream(1, 2, 3, 4)
    var game = Catch(random: &random)
    game.ballColumn = column
    return (game, random)
  }

  /// Moves `right` columns to the right (to the left if negative), then stays.
  private static func play(ball: Int32, right: Int32) -> [Outcome] {
    var (game, random) = game(ball: ball)
    return (0..<9).map { step in
      let action: Int32 = step >= abs(right) ? 1 : right > 0 ? 2 : 0
      return game.advance(action, random: &random)
    }
  }

  @Test(arguments: 0..<5 as Range<Int32>)
  func `pays +1 exactly where the paddle is under the ball`(ball: Int32) {
    // From column 2; a wall stops the paddle at columns 0 and 4.
    for (right, column) in [-9: 0, -3: 0, -2: 0, -1: 1, 0: 2, 1: 3, 2: 4, 3: 4, 9: 4] {
      let outcomes = Self.play(ball: ball, right: Int32(right))
      #expect(outcomes.map(\.reward).dropLast() == Array(repeating: 0, count: 8))
      #expect(outcomes.map(\.isOver) == Array(repeating: false, count: 8) + [true])
      #expect(outcomes.last?.reward == (column == ball ? 1 : -1))
    }
  }

  @Test func `an episode takes nine steps whatever the actions`() {
    var arena = Arena(CatalogueEntry(Catch.self).copies(30, seed: Seed(1)))
    for step in 1...180 {
      arena.step((0..<30).map { scriptedAction(copy: $0, step: step, of: 3) })
      let expected: Ending = step.isMultiple(of: 9) ? .terminated : .none
      #expect(arena.endings == Array(repeating: expected, count: 30))
    }
  }

  @Test func `shows the ball falling by a row a step and the paddle below`() {
    var (game, random) = Self.game(ball: 4)
    for step in 0..<9 {
      var board = [Float](repeating: 0, count: 50)
      board[step * 5 + 4] = 1
      board[45 + max(2 - step, 0)] = 1
      #expect(game.observation() == board)
      _ = game.advance(0, random: &random)
    }
  }

  @Test func `the ball starts in every column equally often`() {
    var counts = [Int](repeating: 0, count: 5)
    var random = Seed(2).stream(.environment)
    for _ in 0..<50_000 { counts[Int(Catch(random: &random).ballColumn)] += 1 }
    #expect(abs(chiSquareDeviation(counts)) < 4.5)
  }
}
