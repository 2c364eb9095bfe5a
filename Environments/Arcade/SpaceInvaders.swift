/// A cannon against waves of aliens. Rules of MinAtar 1.0.15's `space_invaders`, byte for byte;
/// see `ArcadeGame` for the screen and sticky actions, the only source of randomness.
///
/// Four rows of six aliens move sideways, one cell every 12 steps, or every n steps if only n of
/// them are left. At a wall they turn and move down a row. Every tenth step the lowest alien of the
/// column nearest to the cannon shoots (of two equally near columns, the left). The cannon may
/// shoot every fifth step. A hit removes the alien and the bullet and pays +1. A bullet or an alien
/// at the cannon ends the episode, and so do aliens that would leave the bottom row. Each further
/// wave moves one step sooner, down to every 6 steps.
public struct SpaceInvaders: ArcadeGame {
  static let wave = Board(rows: 0...3, columns: 2...7)
  static let bottom = Board(rows: 9...9, columns: 0...9)
  static let leftWall = Board(rows: 0...9, columns: 0...0)
  static let rightWall = Board(rows: 0...9, columns: 9...9)
  static let coolDown: Int8 = 5
  static let alienShotTime: Int8 = 10
  static let fastestInterval: Int8 = 6

  var lastButton = Button.none
  var cannon: Int8 = 5
  var isRightward = false
  var aliens = wave
  var bullets = Board()
  var alienBullets = Board()
  var moveInterval: Int8 = 12
  var moveTimer: Int8 = 12
  var shotTimer: Int8 = 0
  var alienShotTimer = alienShotTime

  public init(random: inout some RandomSource) {}

  mutating func play(_ button: Button, random: inout some RandomSource) -> Outcome {
    var outcome = Outcome()
    switch button {
    case .fire where shotTimer == 0:
      bullets.insert(cannon, 9)
      shotTimer = Self.coolDown
    case .left: cannon = max(cannon - 1, 0)
    case .right: cannon = min(cannon + 1, 9)
    default: break
    }
    bullets = bullets.movedUp
    alienBullets = alienBullets.movedDown
    if alienBullets.contains(cannon, 9) || aliens.contains(cannon, 9) { outcome.isOver = true }
    if moveTimer == 0 { moveAliens(&outcome) }
    if alienShotTimer == 0 {
      alienShotTimer = Self.alienShotTime
      shootBack()
    }
    let hit = aliens.intersection(bullets)
    outcome.reward = Double(hit.count)
    aliens = aliens.subtracting(hit)
    bullets = bullets.subtracting(hit)
    if shotTimer > 0 { shotTimer -= 1 }
    moveTimer -= 1
    alienShotTimer -= 1
    if aliens.isEmpty { sendWave() }
    return outcome
  }

  private mutating func moveAliens(_ outcome: inout Outcome) {
    moveTimer = min(Int8(truncatingIfNeeded: aliens.count), moveInterval)
    let wall = isRightward ? Self.rightWall : Self.leftWall
    if aliens.intersection(wall).isEmpty {
      aliens = isRightward ? aliens.movedRight : aliens.movedLeft
    } else {
      isRightward.toggle()
      if !aliens.intersection(Self.bottom).isEmpty { outcome.isOver = true }
      aliens = aliens.movedDownAround
    }
    if aliens.contains(cannon, 9) { outcome.isOver = true }
  }

  private mutating func shootBack() {
    guard let x = aliens.nearestColumn(to: cannon), let y = aliens.lowestRow(in: x) else { return }
    alienBullets.insert(x, y)
  }

  private mutating func sendWave() {
    if moveInterval > Self.fastestInterval { moveInterval -= 1 }
    aliens = Self.wave
  }

  static var planes: Int { 6 }
  /// The cannon, 24 aliens in two planes each, two of our bullets and one of theirs.
  public static let maxNonzeros = 52

  func forEachThing(_ body: (Int, Int) -> Void) {
    body(0, cell(cannon, 9))
    let direction = isRightward ? 3 : 2
    aliens.forEach {
      body(1, $0)
      body(direction, $0)
    }
    bullets.forEach { body(4, $0) }
    alienBullets.forEach { body(5, $0) }
  }

  static let original = Original(package: .minAtar, id: "space_invaders")
  public static let facts = EnvironmentFacts.arcade(
    name: "space-invaders",
    summary: "a cannon against waves of aliens (MinAtar's Space Invaders)",
    planes: planes,
    layout: "cannon, aliens, aliens moving left, aliens moving right, our bullets, theirs",
    typicalEpisodeLength: 250,
    // At most one alien per bullet, and a bullet every fifth step.
    scoreRange: 0...200,
    randomScore: 2.82,
    bestScore: 150)
}
