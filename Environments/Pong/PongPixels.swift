/// The rules of `pong`, observed as a picture of 16 × 16 cells.
///
/// The observation has four planes, row by row from the top: the ball, the ball one step ago, the
/// player's paddle and the opponent's. The ball is one cell; after a serve both planes show its
/// current cell. A paddle is the three or four cells of its column (the last or the first) whose
/// middle it covers. Positions within a cell are not visible.
public struct PongPixels: BinaryEnvironment {
  package static let side = 16

  var game: Pong<1, NormalLevel>
  /// The ball's cell one step ago.
  var lastCell: Int32

  public init(random: inout some RandomSource) {
    game = Pong(random: &random)
    lastCell = Self.cell(of: game.ball)
  }

  public mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  public mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    let cell = Self.cell(of: game.ball)
    let outcome = game.advance(action, random: &random)
    lastCell = outcome.reward == 0 ? cell : Self.cell(of: game.ball)
    return outcome
  }

  static func cell(of ball: Ball) -> Int32 {
    let (row, column) = (Int32(ball.y * Float(side)), Int32(ball.x * Float(side)))
    return min(row, Int32(side) - 1) * Int32(side) + min(column, Int32(side) - 1)
  }

  /// The rows whose middle a paddle covers.
  static func rows(of paddle: Paddle) -> ClosedRange<Int> {
    let first = (paddle.y - Paddle.reach) * Float(side) + 0.5
    let last = (paddle.y + Paddle.reach) * Float(side) - 0.5
    return Int(first)...Int(last)
  }

  public static var maxNonzeros: Int { 10 }

  public func forEachNonzero(_ body: (Int) -> Void) {
    let (side, plane) = (Self.side, Self.side * Self.side)
    body(Int(Self.cell(of: game.ball)))
    body(plane + Int(lastCell))
    for row in Self.rows(of: game.player[0]) { body(2 * plane + row * side + side - 1) }
    for row in Self.rows(of: game.opponent[0]) { body(3 * plane + row * side) }
  }

  public static let facts: EnvironmentFacts = {
    var facts = EnvironmentFacts.pongVariant(
      name: "pong-pixels", summary: "pong drawn on 16 × 16 cells", typicalEpisodeLength: 300,
      randomScore: NormalLevel.facts.randomScore)
    facts.observationSize = 4 * side * side
    facts.observationLayout =
      "four planes of 16 × 16, row by row: ball, ball one step ago, player, opponent"
    facts.planes = PlaneLayout(height: side, width: side, channels: 4, order: .planes)
    facts.hasBinaryObservation = true
    return facts
  }()
}
