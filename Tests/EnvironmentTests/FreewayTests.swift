import Testing

@testable import Environments

struct FreewayTests {
  /// Cars that stand still, out of the way.
  private static func emptyRoad() -> (Freeway, ScriptedRandom) {
    var random = ScriptedRandom()
    var game = Freeway(random: &random)
    for index in game.cars.indices { game.cars[index].timer = 127 }
    return (game, random)
  }

  @Test func `a crossing takes nine moves of three steps and pays one`() {
    var (game, random) = Self.emptyRoad()
    let paid = (1...60).filter { _ in
      for index in game.cars.indices { game.cars[index].timer = 127 }
      let outcome = game.play(.up, random: &random)
      if outcome.reward == 1 { #expect(game.cells(0) == [[4, 9]]) }
      return outcome.reward == 1
    }
    #expect(paid == [28, 55])
  }

  @Test func `an episode takes 2501 steps, time limit or not`() {
    var (game, random) = Self.emptyRoad()
    let ends = (1...2_501).filter { _ in game.play(.none, random: &random).isOver }
    #expect(ends == [2_501])
    #expect(Freeway.facts.timeLimit == 2_501)
    #expect(Ending(isOver: true, isTimeUp: true) == .terminated)
  }

  @Test(arguments: 1...5 as ClosedRange<Int8>)
  func `a car moves every speed + 1 steps and comes in again`(speed: Int8) {
    var (game, random) = Self.emptyRoad()
    game.cars[2] = .init(x: 8, speed: speed, isRightward: true, timer: speed)
    var columns: [Int8] = []
    let moves = (1...20).filter { _ in
      let before = game.cars[2].x
      _ = game.play(.none, random: &random)
      if game.cars[2].x != before { columns.append(game.cars[2].x) }
      #expect(game.cells(1 + Int(speed)).contains([(Int(game.cars[2].x) + 9) % 10, 3]))
      return game.cars[2].x != before
    }
    let period = Int(speed) + 1
    #expect(moves == Array(stride(from: period, through: 20, by: period)))
    #expect(columns == [9, 0, 1, 2, 3, 4, 5, 6, 7, 8].prefix(columns.count).map { $0 })
  }

  @Test(arguments: [0, 1] as [Int8])
  func `a car in its cell sends the chicken back, before and after it moves`(distance: Int8) {
    var (game, random) = Self.emptyRoad()
    game.chicken = 5
    game.cars[4] = .init(x: 4 - distance, speed: 3, isRightward: true, timer: 0)
    #expect(!game.play(.none, random: &random).isOver)
    #expect(game.chicken == 9)
  }
}
