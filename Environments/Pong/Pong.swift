/// A ball and one or two paddles on each side of the court [0, 1] × [0, 1]. The first side to score
/// five points wins.
///
/// The player has the right side. The back paddles are at x = 1 and x = 0, front paddles 0.3 in
/// front of them. All paddles extend 0.1 up and down from their middle and stay in the court. In
/// each step the player's paddles move, then the opponent's (towards the ball, limited by the
/// level's speed), then the ball. Walls reflect the ball. If a paddle covers the point at which the
/// ball crosses its line, the ball bounces: vy = 0.3·vy + 0.5·offset, at most 0.06, and |vx| grows
/// by a twentieth, to at most 0.06. A front paddle lets shots from its own side pass. A ball that
/// gets past a back paddle scores a point, and the next one is served from the middle towards
/// either side with equal probability.
public struct Pong<let paddles: Int, Level: PongLevel>: Environment {
  static var pointsToWin: Int32 { 5 }

  package var ball = Ball()
  /// The player's paddles, the back one first.
  package var player = [paddles of Paddle](repeating: Paddle())
  package var opponent = [paddles of Paddle](repeating: Paddle())
  package var playerPoints: Int32 = 0
  package var opponentPoints: Int32 = 0

  public init(random: inout some RandomSource) { ball.serve(random: &random) }

  public mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  /// - Parameter action: one base-3 digit for each paddle, the back paddle's last: up, stay, down.
  public mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    var digits = action
    for index in 0..<paddles {
      player[index].move(by: Float(digits % 3 - 1) * Paddle.playerSpeed)
      opponent[index].follow(ball.y, topSpeed: Level.opponentSpeed)
      digits /= 3
    }
    let missed = moveBall()
    guard missed != .none else { return Outcome() }
    let reward: Double = missed == .opponent ? 1 : -1
    if missed == .opponent { playerPoints += 1 } else { opponentPoints += 1 }
    if max(playerPoints, opponentPoints) == Self.pointsToWin {
      return Outcome(reward: reward, isOver: true)
    }
    ball.serve(random: &random)
    return Outcome(reward: reward)
  }

  /// Distance of a paddle's line from the wall behind it.
  package static func depth(_ paddle: Int) -> Float { 0.3 * Float(paddle) }

  /// Moves the ball by its velocity; walls and paddles reflect it. It crosses at most one line in a
  /// step, since the lines are farther apart than it flies.
  ///
  /// - Returns: the side whose back paddle missed the ball.
  mutating func moveBall() -> Side {
    let (nextX, isRight) = (ball.x + ball.velocityX, ball.velocityX > 0)
    for index in 0..<paddles {
      let line = isRight ? 1 - Self.depth(index) : Self.depth(index)
      let isCrossing = isRight ? ball.x < line && nextX >= line : ball.x > line && nextX <= line
      guard isCrossing else { continue }
      var met = ball
      let share = (line - ball.x) / ball.velocityX
      met.fly(for: share)
      let offset = met.y - (isRight ? player[index] : opponent[index]).y
      if abs(offset) <= Paddle.reach {
        met.bounce(at: line, offset: offset, after: share)
        ball = met
        return .none
      }
      if index == 0 {
        ball = met
        return isRight ? .player : .opponent
      }
    }
    ball.x = nextX
    ball.fly(for: 1)
    return .none
  }

  public func observe(into row: inout MutableSpan<Float>) {
    row[0] = 2 * ball.x - 1
    row[1] = 2 * ball.y - 1
    row[2] = ball.velocityX / Ball.topSpeed
    row[3] = ball.velocityY / Ball.topSpeed
    for index in 0..<paddles {
      row[4 + index] = player[index].observation
      row[4 + paddles + index] = opponent[index].observation
    }
  }

  public static var facts: EnvironmentFacts { Level.facts }
}

/// The side whose back paddle missed the ball.
enum Side { case none, player, opponent }

/// The strength of the opponent, and the facts of the resulting task.
public protocol PongLevel: Sendable {
  /// Maximum distance by which the opponent's paddles move in a step.
  static var opponentSpeed: Float { get }
  static var facts: EnvironmentFacts { get }
}

/// The opponent of `pong`.
enum NormalLevel: PongLevel {
  static var opponentSpeed: Float { 0.025 }

  static let facts = EnvironmentFacts(
    name: "pong",
    family: .pong,
    rulesVersion: 1,
    summary: "two paddles, a ball, first to five points",
    observationSize: 6,
    observationLayout:
      "ball x, y, vx, vy, the player's paddle, the opponent's, each scaled to [−1, 1]",
    hasBinaryObservation: false,
    actions: ["up", "stay", "down"],
    timeLimit: 2_000,
    typicalEpisodeLength: 300,
    scoreRange: -5...5,
    randomScore: -4.18,
    bestScore: 5)
}
