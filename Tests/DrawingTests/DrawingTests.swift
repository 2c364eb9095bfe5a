import Testing

@testable import Environments
@testable import batchlab

struct DrawingTests {
  @Test func `a picture has a frame, and colours only on request`() {
    var picture = Picture(rows: 2, columns: 3)
    picture[1, 2] = Cell("@", .red)
    picture.notes = ["@ agent"]
    #expect(
      picture.lines(inColour: false) == [
        "┌──────┐", "│· · · │", "│· · @ │", "└──────┘", "@ agent",
      ])
    let coloured = picture.lines(inColour: true)
    #expect(coloured[2].contains("\u{1B}[30;41m@ \u{1B}[0m"))
    #expect(!coloured[1].contains("\u{1B}[30;41m"))
    // Letters are black on their ground, blocks are their ground.
    picture[0, 0] = Cell("█", .grey)
    #expect(picture.lines(inColour: true)[1].contains("\u{1B}[90;100m█ \u{1B}[0m"))
  }

  @Test func `letters of one column make narrow pictures`() {
    let picture = Picture(rows: 1, columns: 3, isSquare: false, of: Cell("x"))
    #expect(picture.lines(inColour: false) == ["┌───┐", "│xxx│", "└───┘"])
  }

  @Test(arguments: Catalogue.builtIn)
  func `every task has a picture that changes as it is played`(task: CatalogueEntry) throws {
    let copies = task.copies(1, seed: Seed(3))
    var rewards: [Float] = [0]
    var endings: [Ending] = [.none]
    var last = [Float](repeating: 0, count: task.facts.observationSize)
    var actions = Seed(4).stream(.actions)
    var pictures: Set<Picture> = []
    for _ in 0..<200 {
      let state = try #require(copies.task(of: 0))
      let picture = batchlab.picture(of: state)
      let lines = picture.lines(inColour: false).dropLast(picture.notes.count)
      #expect(Set(lines.map(\.count)).count == 1 && lines.count == picture.rows + 2)
      #expect(lines.allSatisfy { $0.count <= 80 })
      pictures.insert(picture)
      var rows = last.mutableSpan
      let action = actions.integer(below: Int32(task.facts.actions.count))
      _ = copies.advance(
        [action], rewards: &rewards, endings: &endings, at: StridedIndices(), last: &rows)
    }
    #expect(pictures.count > 1 || task.facts.observationSize == 1)
  }

  @Test func `a pong is drawn as it stands`() {
    var random = RandomStream(1, 2, 3, 4)
    var game = Pong<2, DoublesLevel>(random: &random)
    (game.ball.x, game.ball.y) = (0, 1)
    game.player[0].y = 0.9
    game.playerPoints = 3
    let picture = game.picture
    #expect(picture[20, 0] == Cell("●", .yellow))
    // At the back from 0.8 to 1, in front (0.3 before it) from 0.4 to 0.6.
    for row in 0..<21 {
      #expect((picture[row, 42] == Cell("█", .green)) == (16...20).contains(row))
      #expect((picture[row, 29] == Cell("█", .green)) == (8...12).contains(row))
    }
    #expect(picture.notes == ["opponent 0 : 3 player"])
  }

  @Test func `planes are read in their order, and the first of them is seen`() {
    let cells = [Cell("a"), Cell("b")]
    func planes(_ order: Planes.Order) -> Planes {
      Planes(
        rows: 1, columns: 3, order: order,
        planes: cells.map { .init(name: "\($0.symbol)", cell: $0) })
    }
    func text(_ picture: Picture) -> String { picture.lines(inColour: false)[1] }
    #expect(text(planes(.planesFirst).picture(of: [1, 0, 0, 1, 1, 0])) == "│a b · │")
    #expect(text(planes(.cellsFirst).picture(of: [1, 1, 0, 1, 0, 0])) == "│a b · │")
  }

  @Test func `a task without a drawing is shown as shades of its numbers`() {
    var random = RandomStream(1, 2, 3, 4)
    let picture = batchlab.picture(of: Bandit(random: &random))
    #expect(picture.lines(inColour: false)[1] == "│█ │")
  }
}
