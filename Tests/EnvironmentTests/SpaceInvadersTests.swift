import Testing

@testable import Environments

struct SpaceInvadersTests {
  private var random = ScriptedRandom()

  /// What is hit in the ten steps from this one on, if nothing else is done.
  private mutating func score(of game: SpaceInvaders, after button: Button) -> Double {
    var game = game
    return (0..<10).reduce(0) { sum, step in
      sum + game.play(step == 0 ? button : .none, random: &random).reward
    }
  }

  /// Fires whenever that is going to hit, and else goes where an alien is near, or waits for
  /// the last ones in the middle. The aliens' guns are kept from being ready.
  @Test mutating func `a wave that was shot is followed by a faster one, down to six`() throws {
    var game = SpaceInvaders(random: &random)
    var (score, intervals): (Double, [Int8]) = (0, [])
    for _ in 0..<20_000 where intervals.count < 9 {
      game.alienShotTimer = 100
      let before = game
      let isCrowd = game.aliens.count > 8
      let goal = isCrowd ? game.aliens.nearestColumn(to: game.cannon) ?? 0 : 4
      let isHit = self.score(of: game, after: .fire) > self.score(of: game, after: .none)
      let outcome = game.play(
        isHit ? .fire : goal < game.cannon ? .left : goal > game.cannon ? .right : .none,
        random: &random)
      try #require(!outcome.isOver)
      score += outcome.reward
      guard before.aliens.count == Int(outcome.reward) else {
        #expect(game.aliens.count == before.aliens.count - Int(outcome.reward))
        continue
      }
      intervals.append(game.moveInterval)
      #expect(score == Double(24 * intervals.count))
      #expect(game.cells(1) == Set((0..<24).map { [2 + $0 % 6, $0 / 6] }))
      if before.moveTimer > 0 {
        #expect(game.moveTimer == before.moveTimer - 1)
        #expect(game.isRightward == before.isRightward)
      }
    }
    #expect(intervals == [11, 10, 9, 8, 7, 6, 6, 6, 6])
  }

  @Test mutating func `aliens walk every twelfth step, turn at the wall and then win`() {
    var game = SpaceInvaders(random: &random)
    var (moves, rows, isOver): ([Int], [Int], Bool) = ([], [3], false)
    for step in 1..<2_000 where !isOver {
      game.alienShotTimer = 100
      let before = game.cells(1)
      isOver = game.play(.none, random: &random).isOver
      if game.cells(1) != before { moves.append(step) }
      let lowest = game.cells(1).map { $0[1] }.max() ?? 0
      if lowest != rows.last { rows.append(lowest) }
      #expect(game.cells(game.isRightward ? 3 : 2) == game.cells(1))
      #expect(game.cells(game.isRightward ? 2 : 3).isEmpty)
    }
    #expect(moves == moves.indices.map { 13 + 12 * $0 })
    // Left wall after two moves, then five columns of walking between turns; the cannon in
    // column 5 is met on the bottom row, which is reached with the sixth turn.
    #expect(rows == [3, 4, 5, 6, 7, 8, 9])
    #expect(game.cells(1).contains([5, 9]))
    #expect(moves.count == 2 + 1 + 5 * 5)
  }

  @Test mutating func `the lowest alien of the nearest column shoots every tenth step`() {
    var game = SpaceInvaders(random: &random)
    var shots: [Int] = []
    for step in 1...22 {
      let before = game.cells(5)
      _ = game.play(.none, random: &random)
      let isNew = game.cells(5).count > before.count
      if isNew {
        shots.append(step)
        #expect(game.cells(5).contains([5, 3]))
      }
    }
    // Fired on row 3 in step 11, on the cannon's row in step 17.
    #expect(shots == [11, 21])
    game = SpaceInvaders(random: &random)
    let ends = (1...17).filter { _ in game.play(.none, random: &random).isOver }
    #expect(ends == [17])
  }

  @Test mutating func `the cannon fires every fifth step`() {
    var game = SpaceInvaders(random: &random)
    game.aliens = Board(rows: 0...0, columns: 9...9)
    game.alienShotTimer = 100
    let shots = (1...16).filter { _ in
      _ = game.play(.fire, random: &random)
      return game.bullets.contains(5, 8)
    }
    #expect(shots == [1, 6, 11, 16])
  }
}
