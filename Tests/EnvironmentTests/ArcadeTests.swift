import Testing

@testable import Environments

struct ArcadeTests {
  @Test func `a stuck button repeats the last one, across episodes`() {
    var (smooth, stuck) = (ScriptedRandom(real: 0.1), ScriptedRandom(real: 0.099))
    var game = SpaceInvaders(random: &smooth)
    // Nothing has been carried out yet.
    _ = game.advance(1, random: &stuck)
    #expect(game.cannon == 5)
    _ = game.advance(1, random: &smooth)
    #expect(game.cannon == 4)
    _ = game.advance(3, random: &stuck)
    #expect(game.cannon == 3)
    game.restart(random: &smooth)
    #expect(game.cannon == 5)
    _ = game.advance(3, random: &stuck)
    #expect(game.cannon == 4)
    _ = game.advance(3, random: &smooth)
    #expect(game.cannon == 5)
  }

  /// With buttons that alternate, the share q of steps with the wrong one: it stuck, and the
  /// one before was right. So q = 0.1·(1 − q).
  @Test func `a tenth of the buttons stick`() {
    var random = Seed(3).stream(.environment)
    var game = SpaceInvaders(random: &random)
    var wrong = 0
    for step in 0..<50_000 {
      let action: Int32 = step.isMultiple(of: 2) ? 1 : 3
      _ = game.advance(action, random: &random)
      if game.lastButton.rawValue != Int8(action) { wrong += 1 }
    }
    #expect(abs(Double(wrong) / 50_000 - 1.0 / 11) < 0.006)
  }

  @Test func `boards move, meet and count their cells`() {
    var board = Board(rows: 8...9, columns: 0...1)
    #expect(board.count == 4)
    board.remove(1, 9)
    board.insert(5, 2)
    #expect(Self.cells(board) == [[0, 8], [1, 8], [0, 9], [5, 2]])
    #expect(Self.cells(board.movedDown) == [[0, 9], [1, 9], [5, 3]])
    #expect(Self.cells(board.movedDownAround) == [[0, 9], [1, 9], [0, 0], [5, 3]])
    #expect(Self.cells(board.movedUp) == [[0, 7], [1, 7], [0, 8], [5, 1]])
    #expect(Self.cells(board.movedRight) == [[1, 8], [2, 8], [1, 9], [6, 2]])
    #expect(board.lowestRow(in: 1) == 8 && board.lowestRow(in: 2) == nil)
    // Columns 1 and 5 are equally near to 3.
    #expect(board.nearestColumn(to: 3) == 1 && board.nearestColumn(to: 4) == 5)
    #expect(board.nearestColumn(to: 9) == 5 && Board().nearestColumn(to: 4) == nil)
    #expect(Self.cells(Board(rows: 0...9, columns: 9...9).movedUp).count == 9)
  }

  private static func cells(_ board: Board) -> Set<[Int]> {
    var cells: Set<[Int]> = []
    board.forEach { cells.insert([$0 % 10, $0 / 10]) }
    #expect(cells.count == board.count)
    return cells
  }
}
