import Testing

@testable import Environments

struct GridGoalTests {
  private static func room<let side: Int>(
    _: GridGoal<side>.Type, agent: Int32, goal: Int32
  ) -> GridGoal<side> {
    var random = RandomStream(1, 2, 3, 4)
    var room = GridGoal<side>(random: &random)
    (room.agent, room.goal) = (agent, goal)
    return room
  }

  /// What the four moves do to (row, column).
  private static let moves: [(row: Int, column: Int)] = [(-1, 0), (0, 1), (1, 0), (0, -1)]

  @Test func `moves go up, right, down and left, and walls stop them`() {
    checkMoves(GridGoal<3>.self)
    checkMoves(GridGoal<8>.self)
    #expect(GridGoal<8>.facts.actions == ["up", "right", "down", "left"])
  }

  private func checkMoves<let side: Int>(_ task: GridGoal<side>.Type) {
    var random = RandomStream(1, 2, 3, 4)
    for cell in 0..<side * side {
      for (action, move) in Self.moves.enumerated() {
        let target = (row: cell / side + move.row, column: cell % side + move.column)
        let isInside =
          (0..<side).contains(target.row) && (0..<side).contains(target.column)
        let expected = isInside ? target.row * side + target.column : cell
        // A goal that is neither here nor there.
        let goal = (0..<side * side).first { $0 != cell && $0 != expected } ?? 0
        var room = Self.room(task, agent: Int32(cell), goal: Int32(goal))
        let outcome = room.advance(Int32(action), random: &random)
        #expect(room.agent == Int32(expected))
        #expect(outcome.reward == 0 && !outcome.isOver)
      }
    }
  }

  @Test func `the goal pays less for every step and ends the episode`() {
    checkReward(GridGoal<3>.self)
    checkReward(GridGoal<8>.self)
  }

  private func checkReward<let side: Int>(_ task: GridGoal<side>.Type) {
    var random = RandomStream(1, 2, 3, 4)
    // Runs into the upper wall for a while, then walks a step to the right.
    for time in 1...side * side {
      var room = Self.room(task, agent: 0, goal: 1)
      for _ in 1..<time {
        let outcome = room.advance(0, random: &random)
        #expect(outcome.reward == 0 && !outcome.isOver)
      }
      let outcome = room.advance(1, random: &random)
      #expect(outcome.isOver)
      #expect(abs(outcome.reward - (1 - 0.9 * Double(time) / Double(side * side))) < 1e-12)
    }
  }

  @Test func `reaching the goal at the very limit still counts`() {
    var arena = Arena(CatalogueEntry(GridGoal<3>.self).copies(400, seed: Seed(2)))
    var rewards: [Float] = []
    for step in 1...9 {
      let isLast = step == 9
      arena.step((0..<400).map { scriptedAction(copy: $0, step: step, of: 4) })
      guard isLast else { continue }
      for copy in 0..<400 where arena.endings[copy] == .terminated {
        if arena.copies.score(of: copy) < 0.11 { rewards.append(arena.rewards[copy]) }
      }
    }
    #expect(!rewards.isEmpty)
    #expect(rewards.allSatisfy { abs($0 - 0.1) < 1e-6 })
    // All others that never arrived were cut off at the same step.
    #expect(arena.endings.contains(.truncated))
  }

  @Test func `start and goal are drawn uniformly and never equal`() {
    var counts = [Int](repeating: 0, count: 81)
    var random = Seed(3).stream(.environment)
    var room = GridGoal<3>(random: &random)
    for _ in 0..<100_000 {
      room.restart(random: &random)
      counts[Int(room.agent) * 9 + Int(room.goal)] += 1
      #expect(room.steps == 0)
    }
    for cell in 0..<9 { #expect(counts[cell * 10] == 0) }
    let pairs = counts.indices.filter { !$0.isMultiple(of: 10) }.map { counts[$0] }
    #expect(abs(chiSquareDeviation(pairs)) < 4.5)
  }

  @Test func `shows the agent in the first plane and the goal in the second`() {
    for agent in 0..<9 {
      for goal in 0..<9 where goal != agent {
        var expected = [Float](repeating: 0, count: 18)
        expected[agent] = 1
        expected[9 + goal] = 1
        let room = Self.room(GridGoal<3>.self, agent: Int32(agent), goal: Int32(goal))
        #expect(room.observation() == expected)
      }
    }
  }
}
