/// A player collects gold and evades enemies, which cross the screen on eight rows. Rules of
/// MinAtar 1.0.15's `asterix`, byte for byte; see `ArcadeGame` for the screen and sticky actions.
///
/// Every `spawnSpeed` steps an object enters a free row, from the left or the right with equal
/// probability; a third of the objects are gold. Objects move every `moveSpeed` steps. Touching
/// gold pays +1 and removes it; touching an enemy ends the episode. Every 102 steps, `spawnSpeed`
/// falls by one (from 10 to 1), and every second time so does `moveSpeed` (from 5 to 1).
public struct Asterix: ArcadeGame {
  static let rampTime: Int8 = 100

  struct Slot: BitwiseCopyable, Sendable {
    var mover = Mover(x: 0, y: 0, isRightward: false)
    var isFree = true
    var isGold = false
  }

  var lastButton = Button.none
  var playerX: Int8 = 5
  var playerY: Int8 = 5
  /// The objects on rows 1 … 8, at most one a row.
  var slots: [8 of Slot] = .init(repeating: Slot())
  var spawnSpeed: Int8 = 10
  var spawnTimer: Int8 = 10
  var moveSpeed: Int8 = 5
  var moveTimer: Int8 = 5
  var rampTimer = rampTime
  var rampIndex: Int32 = 0

  public init(random: inout some RandomSource) {}

  mutating func play(_ button: Button, random: inout some RandomSource) -> Outcome {
    var outcome = Outcome()
    if spawnTimer == 0 {
      spawn(random: &random)
      spawnTimer = spawnSpeed
    }
    switch button {
    case .left: playerX = max(playerX - 1, 0)
    case .right: playerX = min(playerX + 1, 9)
    case .up: playerY = max(playerY - 1, 1)
    case .down: playerY = min(playerY + 1, 8)
    case .none, .fire: break
    }
    for index in slots.indices { meet(index, &outcome) }
    if moveTimer == 0 {
      moveTimer = moveSpeed
      for index in slots.indices { move(index, &outcome) }
    }
    spawnTimer -= 1
    moveTimer -= 1
    ramp()
    return outcome
  }

  private mutating func spawn(random: inout some RandomSource) {
    let isRightward = random.unit() < 0.5
    let isGold = random.unit() < 1.0 / 3
    var free: Int32 = 0
    for index in slots.indices where slots[index].isFree { free += 1 }
    guard free > 0 else { return }
    var choice = random.integer(below: free)
    for index in slots.indices where slots[index].isFree {
      if choice == 0 {
        let mover = Mover(entering: Int8(index) + 1, isRightward: isRightward, timer: 0)
        slots[index] = Slot(mover: mover, isFree: false, isGold: isGold)
        return
      }
      choice -= 1
    }
  }

  /// Takes gold that touches the player; ends the episode if an enemy does.
  private mutating func meet(_ index: Int, _ outcome: inout Outcome) {
    let slot = slots[index]
    guard !slot.isFree, slot.mover.isAt(playerX, playerY) else { return }
    if slot.isGold {
      outcome.reward += 1
      slots[index].isFree = true
    } else {
      outcome.isOver = true
    }
  }

  private mutating func move(_ index: Int, _ outcome: inout Outcome) {
    guard !slots[index].isFree else { return }
    slots[index].mover.move()
    if slots[index].mover.isOff { slots[index].isFree = true }
    meet(index, &outcome)
  }

  private mutating func ramp() {
    guard spawnSpeed > 1 || moveSpeed > 1 else { return }
    guard rampTimer < 0 else {
      rampTimer -= 1
      return
    }
    if moveSpeed > 1, !rampIndex.isMultiple(of: 2) { moveSpeed -= 1 }
    if spawnSpeed > 1 { spawnSpeed -= 1 }
    rampIndex += 1
    rampTimer = Self.rampTime
  }

  static var planes: Int { 4 }
  public static let maxNonzeros = 17

  func forEachThing(_ body: (Int, Int) -> Void) {
    body(0, cell(playerX, playerY))
    for index in slots.indices where !slots[index].isFree {
      let slot = slots[index]
      body(slot.isGold ? 3 : 1, cell(slot.mover.x, slot.mover.y))
      let behind = slot.mover.behind
      if (0...9).contains(behind) { body(2, cell(behind, slot.mover.y)) }
    }
  }

  static let original = Original(package: .minAtar, id: "asterix")
  public static let facts = EnvironmentFacts.arcade(
    name: "asterix",
    summary: "collect gold, evade enemies, ever faster (MinAtar's Asterix)",
    planes: planes,
    layout: "player, enemies, a trail behind each thing, gold",
    typicalEpisodeLength: 70,
    // The score if all objects are gold: one enters every 10, 9, … 2 steps, for 102 steps each,
    // then one a step.
    scoreRange: 0...280,
    randomScore: 0.5,
    bestScore: 50)
}
