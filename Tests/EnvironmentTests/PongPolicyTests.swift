import Testing

@testable import Environments

/// What simple policies score at each Pong.
struct PongPolicyTests {
  struct Expectation: CustomTestStringConvertible {
    var task: String
    var random: ClosedRange<Double>
    /// Of following the ball and striking with the edge.
    var winsBy: Double
    var testDescription: String { task }
  }

  @Test(arguments: [
    Expectation(task: "pong-easy", random: -3.3 ... -2.5, winsBy: 4),
    Expectation(task: "pong", random: -5 ... -4, winsBy: 2.8),
    Expectation(task: "pong-hard", random: -5 ... -4.5, winsBy: 0.7),
    Expectation(task: "pong-pixels", random: -5 ... -4, winsBy: 1),
    Expectation(task: "pong-doubles", random: -5 ... -3.9, winsBy: 2.8),
  ])
  func `random play loses, following the ball and striking with the edge wins`(
    expected: Expectation
  ) throws {
    let task = try #require(Catalogue.builtIn[expected.task])
    let scores = RandomPlayTests.scores(task, episodes: 500, seed: 5)
    #expect(expected.random.contains(summary(of: scores).mean), "\(summary(of: scores))")
    let mean = Self.score(task, episodes: 200)
    #expect(mean > expected.winsBy, "\(mean)")
  }

  /// Mean score of whole episodes of the follower.
  private static func score(_ task: CatalogueEntry, episodes: Int) -> Double {
    var arena = Arena(task.copies(episodes, seed: Seed(31)))
    var scores: [Double] = []
    while arena.copies.count > 0 {
      arena.step(arena.rows().map { Sight(task.facts, $0).action })
      for copy in (0..<arena.copies.count).reversed() where arena.endings[copy] != .none {
        scores.append(arena.copies.score(of: copy))
        arena.copies.remove(copy)
      }
    }
    return summary(of: scores).mean
  }
}

/// What a player makes of an observation; heights in [0, 1].
private struct Sight {
  var ballX, ballY, opponent: Float
  var isComing: Bool
  /// The one at the back first.
  var player: [Float]

  init(_ facts: EnvironmentFacts, _ row: [Float]) {
    guard facts.hasBinaryObservation else {
      (ballX, ballY, isComing) = ((row[0] + 1) / 2, (row[1] + 1) / 2, row[2] > 0)
      let paddles = (facts.observationSize - 4) / 2
      player = row[4..<4 + paddles].map { 0.5 + 0.4 * $0 }
      opponent = 0.5 + 0.4 * row[4 + paddles]
      return
    }
    func middle(_ plane: Int) -> (x: Float, y: Float) {
      let cells = (0..<256).filter { row[plane * 256 + $0] == 1 }
      let count = Float(max(cells.count, 1))
      let x = cells.reduce(0) { $0 + Float($1 % 16) + 0.5 } / count
      return (x / 16, cells.reduce(0) { $0 + Float($1 / 16) + 0.5 } / count / 16)
    }
    (ballX, ballY) = middle(0)
    isComing = ballX >= middle(1).x
    player = [middle(2).y]
    opponent = middle(3).y
  }

  /// Towards the ball, and once it is near towards its side away from the opponent: a ball
  /// leaves towards the side of the paddle that it met.
  var action: Int32 {
    var (action, unit): (Int32, Int32) = (0, 1)
    for (index, paddle) in player.enumerated() {
      let edge: Float = opponent > 0.5 ? 0.06 : -0.06
      let isNear = ballX > 0.8 - 0.3 * Float(index) && isComing
      let aim = ballY + (isNear ? edge : 0)
      action += unit * (aim < paddle - 0.02 ? 0 : aim > paddle + 0.02 ? 2 : 1)
      unit *= 3
    }
    return action
  }
}
