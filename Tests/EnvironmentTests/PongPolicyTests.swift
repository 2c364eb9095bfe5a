import Testing

@testable import Environments

/// What simple policies score at Pong.
struct PongPolicyTests {
  /// Mean score of whole episodes; `policy` sees an observation.
  private static func score(
    episodes: Int, _ policy: ([Float]) -> Int32
  ) -> (mean: Double, truncated: Int) {
    var arena = Arena(CatalogueEntry(Pong.self).copies(episodes, seed: Seed(31)))
    var scores: [Double] = []
    var truncated = 0
    while arena.copies.count > 0 {
      arena.step(arena.rows().map(policy))
      for copy in (0..<arena.copies.count).reversed() where arena.endings[copy] != .none {
        scores.append(arena.copies.score(of: copy))
        if arena.endings[copy] == .truncated { truncated += 1 }
        arena.copies.remove(copy)
      }
    }
    return (summary(of: scores).mean, truncated)
  }

  /// Towards a height in the court of the observation, where a step of the paddle is 0.1.
  private static func move(from paddle: Float, to height: Float) -> Int32 {
    height < paddle - 0.02 ? 0 : height > paddle + 0.02 ? 2 : 1
  }

  @Test func `random play loses almost every point`() {
    let scores = RandomPlayTests.scores(CatalogueEntry(Pong.self), episodes: 500, seed: 5)
    #expect((-5.0 ... -4.0).contains(summary(of: scores).mean))
  }

  @Test func `following the ball and striking with the edge wins`() {
    let (mean, _) = Self.score(episodes: 60) { row in
      // In court units the paddle's observation covers 0.8 and the ball's 1.
      let (ball, paddle) = (row[1] / 2, row[4] * 0.4)
      let opponent = row[5] * 0.4
      // Away from the opponent: the ball leaves towards the side of the paddle it met.
      let edge: Float = opponent > 0 ? 0.06 : -0.06
      let isNear = row[0] > 0.6 && row[2] > 0
      return Self.move(from: paddle, to: ball + (isNear ? edge : 0))
    }
    #expect(mean > 2, "\(mean)")
  }
}
