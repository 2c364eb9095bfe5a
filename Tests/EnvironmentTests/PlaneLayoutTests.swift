import Testing

@testable import Environments

/// The orders of observations that show a grid of cells.
struct PlaneLayoutTests {
  @Test(arguments: Catalogue.builtIn.filter { $0.facts.planes != nil })
  func `every number of the observation has one place`(task: CatalogueEntry) throws {
    let layout = try #require(task.facts.planes)
    let cells = layout.height * layout.width
    #expect(cells * layout.channels + layout.uniform == task.facts.observationSize)
    #expect(layout.observationSize == task.facts.observationSize)
    var seen: Set<Int> = []
    for channel in 0..<layout.channels {
      for y in 0..<layout.height {
        for x in 0..<layout.width { seen.insert(layout.index(y: y, x: x, channel: channel)) }
      }
    }
    #expect(seen == Set(0..<cells * layout.channels))
    for uniform in 0..<layout.uniform {
      for (y, x) in [(0, 0), (layout.height - 1, layout.width - 1)] {
        #expect(
          layout.index(y: y, x: x, channel: layout.channels + uniform)
            == cells * layout.channels + uniform)
      }
    }
  }

  @Test func `the tasks without a grid are these`() {
    let others = Catalogue.builtIn.filter { $0.facts.planes == nil }.map(\.facts.name)
    #expect(
      others == ["bandit", "chain", "quadratic", "pong-easy", "pong", "pong-hard", "pong-doubles"])
  }

  /// The ones of a state, as cells of the layout.
  private static func cells<Task: BinaryEnvironment>(
    of task: Task
  ) throws -> Set<[Int]> {
    let layout = try #require(Task.facts.planes)
    var ones: Set<Int> = []
    task.forEachNonzero { ones.insert($0) }
    var cells: Set<[Int]> = []
    for channel in 0..<layout.channels {
      for y in 0..<layout.height {
        for x in 0..<layout.width
        where ones.contains(layout.index(y: y, x: x, channel: channel)) {
          cells.insert([y, x, channel])
        }
      }
    }
    return cells
  }

  @Test func `known cells are at the places that the layout names`() throws {
    var random = Seed(5).stream(.environment)
    var catching = Catch(random: &random)
    (catching.ballRow, catching.ballColumn, catching.paddle) = (3, 1, 4)
    #expect(try Self.cells(of: catching) == [[3, 1, 0], [9, 4, 0]])

    var goal = GridGoal<8>(random: &random)
    (goal.agent, goal.goal) = (2 * 8 + 5, 7 * 8 + 1)
    #expect(try Self.cells(of: goal) == [[2, 5, 0], [7, 1, 1]])

    var sea = DeepSea<10>(random: &random)
    (sea.row, sea.column) = (6, 2)
    #expect(try Self.cells(of: sea) == [[6, 2, 0]])

    let pixels = PongPixels(random: &random)
    let ball = Int(PongPixels.cell(of: pixels.game.ball))
    let shown = try Self.cells(of: pixels)
    #expect(
      shown.contains([ball / 16, ball % 16, 0]) && shown.contains([ball / 16, ball % 16, 1]))
    let paddles = shown.filter { $0[2] > 1 }
    #expect(paddles.allSatisfy { $0[1] == ($0[2] == 2 ? 15 : 0) } && paddles.count >= 6)
  }

  /// The paddle of Breakout is plane 0 of the bottom row, the bricks are plane 3 of rows 1 to 3.
  @Test func `planes of an arcade game are channels`() throws {
    var random = Seed(5).stream(.environment)
    let cells = try Self.cells(of: Breakout(random: &random))
    #expect(cells.filter { $0[2] == 0 }.map { $0[0] } == [9])
    let bricks = Set((1...3).flatMap { y in (0..<10).map { [y, $0, 3] } })
    #expect(cells.filter { $0[2] == 3 } == bricks)
  }

  /// The agent stands in the middle of the nearest row and carries nothing, so the view shows an
  /// empty cell there; its direction is in the uniform numbers.
  @Test func `a view's features are channels, and the direction is uniform`() throws {
    var random = Seed(5).stream(.environment)
    let task = MiniGrid<EmptyRoom<8, CornerStart>>(random: &random)
    let layout = try #require(type(of: task).facts.planes)
    #expect(layout.channels == 16 && layout.uniform == 4)
    #expect(try Self.cells(of: task).contains([6, 3, 0]))
    var ones: Set<Int> = []
    task.forEachNonzero { ones.insert($0) }
    #expect(ones.contains(layout.index(y: 2, x: 4, channel: 16 + Int(task.world.direction.number))))
  }
}
