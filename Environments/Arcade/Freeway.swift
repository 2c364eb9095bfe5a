/// A chicken crosses a road with eight cars. Rules of MinAtar 1.0.15's `freeway`, byte for byte;
/// see `ArcadeGame` for the screen and sticky actions.
///
/// The chicken stays in column 4 and moves up or down at most every third step. Reaching the top
/// pays +1, gives all cars a new speed and direction, and puts the chicken back at the bottom. A
/// car in its cell, before or after the car moves, also puts it back. A car of speed s = 1 … 5
/// moves every s + 1 steps and re-enters at the other side. The episode ends after 2,501 steps.
public struct Freeway: ArcadeGame {
  static let column: Int8 = 4
  static let rest: Int8 = 3

  struct Car: BitwiseCopyable, Sendable {
    var x: Int8 = 0
    var speed: Int8 = 1
    var isRightward = false
    var timer: Int8 = 0
  }

  var lastButton = Button.none
  var chicken: Int8 = 9
  var moveTimer = rest
  var timeLeft: Int16 = 2_500
  /// Car i drives on row i + 1.
  var cars: [8 of Car] = .init(repeating: Car())

  public init(random: inout some RandomSource) { drawSpeeds(random: &random) }

  private mutating func drawSpeeds(random: inout some RandomSource) {
    for index in cars.indices {
      cars[index].speed = Int8(truncatingIfNeeded: 1 + random.integer(below: 5))
      cars[index].timer = cars[index].speed
    }
    for index in cars.indices { cars[index].isRightward = random.unit() > 0.5 }
  }

  mutating func play(_ button: Button, random: inout some RandomSource) -> Outcome {
    var outcome = Outcome()
    if moveTimer == 0, button == .up || button == .down {
      chicken = button == .up ? max(chicken - 1, 0) : min(chicken + 1, 9)
      moveTimer = Self.rest
    }
    if chicken == 0 {
      outcome.reward = 1
      drawSpeeds(random: &random)
      chicken = 9
    }
    for index in cars.indices { drive(index) }
    if moveTimer > 0 { moveTimer -= 1 }
    timeLeft -= 1
    outcome.isOver = timeLeft < 0
    return outcome
  }

  private mutating func drive(_ index: Int) {
    hit(index)
    guard cars[index].timer == 0 else {
      cars[index].timer -= 1
      return
    }
    cars[index].timer = cars[index].speed
    cars[index].x = Self.onRoad(cars[index].x + (cars[index].isRightward ? 1 : -1))
    hit(index)
  }

  private mutating func hit(_ index: Int) {
    if cars[index].x == Self.column, chicken == Int8(index) + 1 { chicken = 9 }
  }

  private static func onRoad(_ x: Int8) -> Int8 { x < 0 ? 9 : x > 9 ? 0 : x }

  static var planes: Int { 7 }
  public static let maxNonzeros = 17

  func forEachThing(_ body: (Int, Int) -> Void) {
    body(0, cell(Self.column, chicken))
    for index in cars.indices {
      let (car, y) = (cars[index], Int8(index) + 1)
      body(1, cell(car.x, y))
      let behind = Self.onRoad(car.x + (car.isRightward ? -1 : 1))
      body(1 + Int(car.speed), cell(behind, y))
    }
  }

  static let original = Original(package: .minAtar, id: "freeway")
  public static let facts = EnvironmentFacts.arcade(
    name: "freeway",
    summary: "a chicken crosses a road with eight cars (MinAtar's Freeway)",
    planes: planes,
    layout: "chicken, cars, and a trail behind each car in the plane of its speed, 1 … 5",
    timeLimit: 2_501,
    typicalEpisodeLength: 2_501,
    // The shortest crossing takes nine moves of three steps each.
    scoreRange: 0...93,
    randomScore: 0.147,
    bestScore: 60)
}
