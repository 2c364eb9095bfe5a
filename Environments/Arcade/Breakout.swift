/// A ball, a paddle and a wall of three rows of bricks. Rules of MinAtar 1.0.15's `breakout`,
/// byte for byte; see `ArcadeGame` for the screen and sticky actions.
///
/// The ball moves diagonally, one cell a step, and starts on row 3 at the left or the right wall
/// with equal probability. Walls and ceiling reflect it. A brick that it hits is removed, pays +1
/// and reflects the ball, unless the ball also met a brick in the previous step: then it flies on
/// through the bricks. On the bottom row, a paddle directly below the ball reflects it upward, and
/// a paddle where the ball arrives sends it back the way it came; otherwise the episode ends. When
/// no brick is left, the wall of bricks returns as soon as the ball comes down.
public struct Breakout: ArcadeGame {
  static let wall = Board(rows: 1...3, columns: 0...9)

  var lastButton = Button.none
  var ballX: Int8
  var ballY: Int8 = 3
  var isRightward: Bool
  var isDownward = true
  var trailX: Int8
  var trailY: Int8 = 3
  var paddle: Int8 = 4
  var bricks = wall
  /// Whether the ball met a brick in the previous step.
  var isStriking = false

  public init(random: inout some RandomSource) {
    isRightward = random.integer(below: 2) == 0
    ballX = isRightward ? 0 : 9
    trailX = ballX
  }

  mutating func play(_ button: Button, random: inout some RandomSource) -> Outcome {
    if button == .left { paddle = max(paddle - 1, 0) }
    if button == .right { paddle = min(paddle + 1, 9) }
    (trailX, trailY) = (ballX, ballY)
    ballX += isRightward ? 1 : -1
    ballY += isDownward ? 1 : -1
    if ballX < 0 || ballX > 9 {
      ballX = trailX
      isRightward.toggle()
    }
    return meet()
  }

  /// Resolves what the ball meets in its new cell.
  private mutating func meet() -> Outcome {
    var outcome = Outcome()
    let isInBrick = ballY >= 0 && bricks.contains(ballX, ballY)
    if ballY < 0 {
      ballY = 0
      isDownward = true
    } else if isInBrick {
      if !isStriking {
        outcome.reward = 1
        bricks.remove(ballX, ballY)
        turnBack()
      }
    } else if ballY == 9 {
      if bricks.isEmpty { bricks = Self.wall }
      if trailX == paddle {
        turnBack()
      } else if ballX == paddle {
        isRightward.toggle()
        turnBack()
      } else {
        outcome.isOver = true
      }
    }
    isStriking = isInBrick
    return outcome
  }

  private mutating func turnBack() {
    ballY = trailY
    isDownward.toggle()
  }

  static var planes: Int { 4 }
  public static let maxNonzeros = 33

  func forEachThing(_ body: (Int, Int) -> Void) {
    body(0, cell(paddle, 9))
    body(1, cell(ballX, ballY))
    body(2, cell(trailX, trailY))
    bricks.forEach { body(3, $0) }
  }

  static let original = Original(package: .minAtar, id: "breakout")
  public static let facts = EnvironmentFacts.arcade(
    name: "breakout",
    summary: "a ball, a paddle and a wall of bricks (MinAtar's Breakout)",
    planes: planes,
    layout: "paddle, ball, where the ball was, bricks",
    typicalEpisodeLength: 35,
    // Two consecutive steps never break two bricks.
    scoreRange: 0...500,
    randomScore: 0.51,
    bestScore: 50)
}
