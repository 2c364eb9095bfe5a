/// A submarine among fish and enemy submarines rescues divers before its oxygen runs out. Rules
/// of MinAtar 1.0.15's `seaquest`, byte for byte; see `ArcadeGame` for the screen and sticky
/// actions.
///
/// * Every `spawnSpeed` steps an enemy enters one of the rows 1 … 8, from the left or the right
///   with equal probability, unless an enemy in that row moves the other way. A third of the
///   enemies are submarines, the others fish. Enemies move every `moveSpeed` + 1 steps, and
///   submarines shoot every 11 steps. Contact with an enemy or its bullet ends the episode.
/// * Every 30 steps a diver enters one of these rows, from either side. Divers move every 6 steps;
///   contact takes a diver aboard, up to six.
/// * The player's submarine shoots in the direction it faces, at most every fifth step. Hitting an
///   enemy pays +1.
/// * Under water the oxygen falls by 1 a step, and at 0 the episode ends. Surfacing without a diver
///   also ends it. Surfacing with one to five divers refills the oxygen and costs one diver.
///   Surfacing with six first pays one point for each lit cell of the oxygen gauge and removes all
///   six. The cost then leaves −1 divers, and surfacing with fewer than 0 divers does not end the
///   episode. Each surfacing lowers `spawnSpeed` by one (from 20 to 1), and every second one
///   `moveSpeed` (from 5 to 2).
public struct Seaquest: ArcadeGame {
  static let fullOxygen: Int16 = 200
  static let mostDivers: Int32 = 6
  static let diverTime: Int8 = 30
  static let diverMoveTime: Int8 = 5
  static let enemyShotTime: Int8 = 10
  static let coolDown: Int8 = 5

  var lastButton = Button.none
  var x: Int8 = 5
  var y: Int8 = 0
  var isFacingRight = false
  var oxygen = fullOxygen
  /// Divers aboard; below 0 after surfacing with six.
  var diverCount: Int32 = 0
  var isSurfaced = true
  var shotTimer: Int8 = 0
  var spawnSpeed: Int8 = 20
  var spawnTimer: Int8 = 20
  var diverTimer = diverTime
  var moveSpeed: Int8 = 5
  var rampIndex: Int32 = 0

  // Capacities: an enemy stays on the screen for at most 60 steps, or 30 once one enters every
  // step. A bullet stays for 10, and each submarine fires only every 11.
  var bullets = Movers<4>()
  var divers = Movers<4>()
  var fish = Movers<32>()
  var submarines = Movers<32>()
  var enemyBullets = Movers<32>()

  public init(random: inout some RandomSource) {}

  mutating func play(_ button: Button, random: inout some RandomSource) -> Outcome {
    var outcome = Outcome()
    if spawnTimer == 0 {
      spawnEnemy(random: &random)
      spawnTimer = spawnSpeed
    }
    if diverTimer == 0 {
      spawnDiver(random: &random)
      diverTimer = Self.diverTime
    }
    obey(button)
    moveBullets(&outcome)
    moveDivers()
    moveSubmarines(&outcome)
    moveEnemyBullets(&outcome)
    moveFish(&outcome)
    if spawnTimer > 0 { spawnTimer -= 1 }
    if diverTimer > 0 { diverTimer -= 1 }
    if shotTimer > 0 { shotTimer -= 1 }
    breathe(&outcome)
    return outcome
  }

  private mutating func obey(_ button: Button) {
    switch button {
    case .fire where shotTimer == 0:
      bullets.append(Mover(x: x, y: y, isRightward: isFacingRight))
      shotTimer = Self.coolDown
    case .left:
      x = max(x - 1, 0)
      isFacingRight = false
    case .right:
      x = min(x + 1, 9)
      isFacingRight = true
    case .up: y = max(y - 1, 0)
    case .down: y = min(y + 1, 8)
    default: break
    }
  }

  private mutating func breathe(_ outcome: inout Outcome) {
    if oxygen <= 0 { outcome.isOver = true }
    if y > 0 {
      oxygen -= 1
      isSurfaced = false
    } else if !isSurfaced {
      if diverCount == 0 { outcome.isOver = true } else { surface(&outcome) }
    }
  }

  private mutating func surface(_ outcome: inout Outcome) {
    isSurfaced = true
    if diverCount == Self.mostDivers {
      diverCount = 0
      outcome.reward += Double(oxygenCells)
    }
    oxygen = Self.fullOxygen
    diverCount -= 1
    if moveSpeed > 2, !rampIndex.isMultiple(of: 2) { moveSpeed -= 1 }
    if spawnSpeed > 1 { spawnSpeed -= 1 }
    rampIndex += 1
  }

  /// Number of lit cells of the oxygen gauge.
  private var oxygenCells: Int8 { Int8(max(oxygen, 0) * 10 / Self.fullOxygen) }

  func isHere(_ mover: Mover) -> Bool { mover.isAt(x, y) }

  static var planes: Int { 10 }
  /// 2 cells for the player's submarine, 16 for the gauges, 30 enemies and 3 divers with their
  /// trails, 2 of the player's bullets and at most 32 enemy bullets.
  public static let maxNonzeros = 118

  func forEachThing(_ body: (Int, Int) -> Void) {
    body(0, cell(x, y))
    body(1, cell(isFacingRight ? x - 1 : x + 1, y))
    forEachMover(body)
    for column in 0..<oxygenCells { body(7, cell(column, 9)) }
    for column in 9 - Int8(max(diverCount, 0))..<9 { body(8, cell(column, 9)) }
  }

  static let original = Original(package: .minAtar, id: "seaquest")
  public static let facts = EnvironmentFacts.arcade(
    name: "seaquest",
    summary: "a submarine, enemies, divers and little oxygen (MinAtar's Seaquest)",
    planes: planes,
    layout: """
      submarine, its back, our bullets, a trail behind what swims, their bullets, \
      fish, enemy submarines, oxygen, divers aboard, divers
      """,
    typicalEpisodeLength: 100,
    // At most an enemy every fifth step, and 10 points for every six of at most 33 divers.
    scoreRange: 0...250,
    randomScore: 0.1,
    bestScore: 50)
}
