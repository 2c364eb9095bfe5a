import Testing

@testable import Environments

struct MiniGridObstacleTests {
  private typealias Task = MiniGrid<DynamicObstacles<6, 3, RandomStart>>

  private static func balls(_ task: Task) -> [MiniGridPosition] {
    var found: [MiniGridPosition] = []
    for y in Int32(0)..<6 {
      for x in Int32(0)..<6 where task.world.board[x, y].kind == .ball {
        found.append(MiniGridPosition(x: x, y: y))
      }
    }
    return found
  }

  @Test func `three balls move by one cell at most, and stay off agent, goal and walls`() {
    var random = Seed(18).stream(.environment)
    var task = Task(random: &random)
    var moves = 0
    for _ in 0..<3_000 {
      let before = Self.balls(task)
      // Turning changes nothing but what the balls do.
      let outcome = task.advance(0, random: &random)
      let after = Self.balls(task)
      #expect(!outcome.isOver && outcome.reward == 0)
      #expect(after.count == 3 && !after.contains(task.world.agent))
      #expect(task.world.board[4, 4] == .goal)
      for ball in after {
        #expect(before.contains { abs($0.x - ball.x) <= 1 && abs($0.y - ball.y) <= 1 })
      }
      moves += after.filter { !before.contains($0) }.count
      if random.integer(below: 50) == 0 { task.restart(random: &random) }
    }
    #expect(moves > 3_000)
  }

  /// What was ahead before the balls moved decides, wherever they go.
  @Test func `a collision depends on what was ahead before the balls moved`() {
    var random = Seed(19).stream(.environment)
    var task = Task(random: &random)
    var ends: [MiniGridCell.Kind: Int] = [:]
    for _ in 0..<20_000 {
      let (ahead, place) = (task.world[task.world.ahead].kind, task.world.ahead)
      let outcome = task.advance(2, random: &random)
      switch ahead {
      case .wall, .ball: #expect(outcome.isOver && outcome.reward == -1)
      case .goal: #expect(outcome.isOver && outcome.reward > 0)
      default:
        // A ball may have come: then the agent stays and nothing happens.
        #expect(!outcome.isOver && outcome.reward == 0)
        #expect((task.world.agent == place) == (task.world[place].kind != .ball))
      }
      ends[ahead, default: 0] += 1
      task.restart(random: &random)
    }
    #expect(ends.count == 4 && ends.values.allSatisfy { $0 > 100 })
  }
}
