/// A ball falls through a board of 10 rows and 5 columns, and a paddle on the bottom row has to
/// catch it. Rules of bsuite 0.3.6's `catch`, byte for byte.
///
/// The ball starts in a random column of the top row, the paddle in the middle of the bottom row.
/// In each step the paddle moves (and stays on the board), then the ball falls by a row. The ninth
/// step ends the episode with +1 or −1.
public struct Catch: BinaryEnvironment, PublicTask {
  package static let rows: Int32 = 10
  package static let columns: Int32 = 5

  package var ballColumn: Int32
  package var ballRow: Int32
  package var paddle: Int32

  public init(random: inout some RandomSource) {
    ballColumn = random.integer(below: Self.columns)
    ballRow = 0
    paddle = Self.columns / 2
  }

  public mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  public mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    paddle = min(max(paddle + action - 1, 0), Self.columns - 1)
    ballRow += 1
    guard ballRow == Self.rows - 1 else { return Outcome() }
    return Outcome(reward: paddle == ballColumn ? 1 : -1, isOver: true)
  }

  public static let maxNonzeros = 2

  /// The cells of ball and paddle, which are the same if the ball was caught.
  public func forEachNonzero(_ body: (Int) -> Void) {
    let ballCell = ballRow * Self.columns + ballColumn
    let paddleCell = (Self.rows - 1) * Self.columns + paddle
    body(Int(ballCell))
    if paddleCell != ballCell { body(Int(paddleCell)) }
  }

  typealias OriginalRandom = NumPyRandomState
  static let original = Original(package: .bsuite, id: "catch")

  public static let facts = EnvironmentFacts(
    name: "catch",
    family: .grid,
    rulesVersion: 1,
    summary: "a paddle catches a falling ball (bsuite's catch)",
    observationSize: Int(rows * columns),
    observationLayout: "the board row by row, 1 where the ball or the paddle is",
    planes: PlaneLayout(
      height: Int(rows), width: Int(columns), channels: 1, order: .planes),
    hasBinaryObservation: true,
    actions: ["left", "stay", "right"],
    timeLimit: 100,
    typicalEpisodeLength: 9,
    states: 195,
    scoreRange: -1...1,
    randomScore: -0.6,
    bestScore: 1)
}
