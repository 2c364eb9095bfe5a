/// Two paddles and a ball on the court [0, 1] × [0, 1]; first to five points.
///
/// The player's paddle is at x = 1, the opponent's at x = 0; both reach 0.1 up and down from
/// their middle and stay in the court. In each step the player moves, then the opponent
/// (towards the ball, at most by its top speed), then the ball. Walls reflect. A paddle that
/// covers the ball where it crosses sends it back: vy = 0.3·vy + 0.5·offset, at most 0.06, and
/// |vx| grows by a twentieth, at most to 0.06. A ball that gets past is a point, and the next
/// one is served from the middle towards either side with equal chance.
public struct Pong: Environment {
  static let reach: Float = 0.1
  static let playerSpeed: Float = 0.04
  static let opponentSpeed: Float = 0.025
  static let serveSpeed: Float = 0.03
  static let topSpeed: Float = 0.06
  static let pointsToWin: Int32 = 5

  var ballX: Float = 0.5
  var ballY: Float = 0.5
  var velocityX: Float = 0
  var velocityY: Float = 0
  var player: Float = 0.5
  var opponent: Float = 0.5
  var playerPoints: Int32 = 0
  var opponentPoints: Int32 = 0

  public init(random: inout some RandomSource) { serve(random: &random) }

  public mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  mutating func serve(random: inout some RandomSource) {
    ballX = 0.5
    ballY = Float(random.real(from: 0.2, to: 0.8))
    velocityX = random.integer(below: 2) == 0 ? -Self.serveSpeed : Self.serveSpeed
    velocityY = Float(random.real(from: -0.03, to: 0.03))
  }

  public mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    player = Self.inCourt(player + Float(action - 1) * Self.playerSpeed)
    let towardsBall = min(max(ballY - opponent, -Self.opponentSpeed), Self.opponentSpeed)
    opponent = Self.inCourt(opponent + towardsBall)
    let missed = moveBall()
    guard missed != .none else { return Outcome() }
    let reward: Double = missed == .opponent ? 1 : -1
    if missed == .opponent { playerPoints += 1 } else { opponentPoints += 1 }
    if max(playerPoints, opponentPoints) == Self.pointsToWin {
      return Outcome(reward: reward, isOver: true)
    }
    serve(random: &random)
    return Outcome(reward: reward)
  }

  enum Side { case none, player, opponent }

  /// Moves the ball by its velocity, off walls and paddles; says whose paddle missed it.
  mutating func moveBall() -> Side {
    let nextX = ballX + velocityX
    guard nextX <= 0 || nextX >= 1 else {
      ballX = nextX
      fly(for: 1)
      return .none
    }
    let line: Float = nextX >= 1 ? 1 : 0
    let share = (line - ballX) / velocityX
    fly(for: share)
    let offset = ballY - (line == 1 ? player : opponent)
    guard abs(offset) <= Self.reach else { return line == 1 ? .player : .opponent }
    let speed = min(abs(velocityX) * 1.05, Self.topSpeed)
    velocityX = line == 1 ? -speed : speed
    velocityY = min(max(0.3 * velocityY + 0.5 * offset, -Self.topSpeed), Self.topSpeed)
    ballX = line + velocityX * (1 - share)
    fly(for: 1 - share)
    return .none
  }

  /// Moves the ball's y for a share of a step; walls reflect.
  mutating func fly(for share: Float) {
    ballY += velocityY * share
    guard ballY < 0 || ballY > 1 else { return }
    ballY = ballY < 0 ? -ballY : 2 - ballY
    velocityY = -velocityY
  }

  static func inCourt(_ y: Float) -> Float { min(max(y, reach), 1 - reach) }

  public func observe(into row: inout MutableSpan<Float>) {
    row[0] = 2 * ballX - 1
    row[1] = 2 * ballY - 1
    row[2] = velocityX / Self.topSpeed
    row[3] = velocityY / Self.topSpeed
    row[4] = (player - 0.5) / (0.5 - Self.reach)
    row[5] = (opponent - 0.5) / (0.5 - Self.reach)
  }

  public static let facts = EnvironmentFacts(
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
    bestScore: 5,
    targets: [-2.5, 0, 2.5],
    budget: 5_000_000,
    horizon: 64,
    batches: [128, 320, 768, 1_792, 4_096, 10_240, 25_600, 61_440],
    gamma: 0.97,
    gaeLambda: 1,
    entropyCoefficient: 0.003,
    valueCoefficient: 0.1,
    learningRate: .init(rate: 0.014, batch: 800, exponent: 0.7),
    evaluationEpisodes: 24)
}
