import Testing

@testable import Environments

struct SeaquestTests {
  /// Enemies and divers come in on row 8 from the right, fish only.
  private var random = ScriptedRandom(real: 0.5)

  /// A submarine on row 1 with this many divers aboard, picked up one a step.
  private mutating func submerged(divers: Int) -> Seaquest {
    var game = Seaquest(random: &random)
    _ = game.play(.down, random: &random)
    for count in 0..<divers {
      game.divers.append(Mover(x: game.x, y: game.y, isRightward: true, timer: 5))
      #expect(!game.play(.none, random: &random).isOver)
      #expect(game.diverCount == min(Int32(count) + 1, 6))
      #expect(game.divers.count == (count < 6 ? 0 : 1))
      game.divers = Movers()
      #expect(game.cells(8) == Set((3...8).suffix(Int(game.diverCount)).map { [$0, 9] }))
    }
    return game
  }

  @Test(arguments: [6, 7])
  mutating func `six divers pay by the oxygen, and with −1 surfacing is free`(divers: Int) {
    for wait in [0, 53, 150] {
      var game = submerged(divers: divers)
      for _ in 0..<wait { _ = game.play(.none, random: &random) }
      // One for the dive and one for every step below; the surface costs none.
      let oxygen = 199 - divers - wait
      #expect(game.oxygen == Int16(oxygen))
      #expect(game.cells(7) == Set((0..<oxygen / 20).map { [$0, 9] }))
      let outcome = game.play(.up, random: &random)
      #expect(outcome.reward == Double(oxygen / 20) && !outcome.isOver)
      #expect(game.diverCount == -1 && game.oxygen == 200 && game.cells(8).isEmpty)
      // Whoever stays up pays nothing more.
      #expect(game.play(.none, random: &random).reward == 0)
      #expect(game.diverCount == -1)
      for count in 2...4 as ClosedRange<Int32> {
        _ = game.play(.down, random: &random)
        let free = game.play(.up, random: &random)
        #expect(free.reward == 0 && !free.isOver && game.diverCount == -count)
      }
    }
  }

  @Test(arguments: 0...5)
  mutating func `surfacing takes a diver, and without one it ends the episode`(divers: Int) {
    var game = submerged(divers: divers)
    let outcome = game.play(.up, random: &random)
    #expect(outcome.reward == 0 && outcome.isOver == (divers == 0))
    guard divers > 0 else { return }
    #expect(game.oxygen == 200 && game.diverCount == Int32(divers) - 1)
  }

  @Test mutating func `the oxygen lasts for two hundred steps under water`() {
    var game = Seaquest(random: &random)
    let ends = (1...201).filter { _ in
      game.play(game.y == 0 ? .down : .none, random: &random).isOver
    }
    #expect(ends == [201])
    // Above the water it doesn't fall.
    game = Seaquest(random: &random)
    for _ in 0..<300 { #expect(!game.play(.none, random: &random).isOver) }
    #expect(game.oxygen == 200)
  }

  @Test mutating func `ramps with every surfacing to its limits and no further`() {
    var game = submerged(divers: 6)
    for count in 1...40 {
      #expect(!game.play(.up, random: &random).isOver)
      #expect(game.spawnSpeed == Int8(max(1, 20 - count)))
      #expect(game.moveSpeed == Int8(max(2, 5 - count / 2)))
      _ = game.play(.down, random: &random)
    }
    // A fish a step, which moves every third: ten cells of three.
    var most = 0
    for _ in 0..<150 {
      #expect(!game.play(.none, random: &random).isOver)
      most = max(most, game.fish.count)
      #expect(game.cells(5).isSubset(of: Set((0...9).map { [$0, 8] })))
    }
    #expect(most == 29)
    #expect(game.cells(5).count == 10)
  }

  /// The lists of movers have room for the worst, at the limits of the ramp.
  @Test func `has room for everything that can swim`() {
    var random = Seed(4).stream(.environment)
    for share in [0.0, 0.4] {
      var script = ScriptedRandom(real: share, whole: 7)
      var game = Seaquest(random: &random)
      (game.y, game.diverCount) = (1, -1)
      var (enemies, shots) = (0, 0)
      for step in 0..<600 {
        game.oxygen = 200
        // Endings are ignored.
        let isUp = step < 80 && step.isMultiple(of: 2)
        _ = game.play(isUp ? .up : game.y == 0 ? .down : .fire, random: &script)
        enemies = max(enemies, game.fish.count + game.submarines.count)
        shots = max(shots, game.enemyBullets.count)
        #expect(game.bullets.count <= 2 && game.divers.count <= 3)
      }
      #expect(enemies == 29)
      // Submarines fire at the ages of 10 and 21, in columns 3 and 7: 6 and 2 cells of flight.
      #expect(shots == (share == 0 ? 8 : 0), "\(shots)")
    }
  }

  @Test mutating func `fires where it faces, and a hit is worth one`() {
    for (isRight, x) in [(false, 2), (true, 8)] as [(Bool, Int8)] {
      var game = Seaquest(random: &random)
      game.y = 3
      game.isFacingRight = isRight
      game.fish.append(Mover(x: x, y: 3, isRightward: isRight, timer: 100))
      let rewards = (1...6).map { _ in game.play(.fire, random: &random).reward }
      #expect(rewards == [0, 0, 1, 0, 0, 0])
      #expect(game.fish.count == 0 && game.bullets.count == 1)
      // The next shot came in step 6 and has moved once.
      #expect(game.cells(2) == [[isRight ? 6 : 4, 3]])
      #expect(game.cells(1) == [[isRight ? 4 : 6, 3]])
    }
  }

  @Test mutating func `contact with enemies and their bullets ends the episode`() {
    for distance in [0, 1, 2] as [Int8] {
      let isMet = distance < 2
      let enemy = Mover(x: 5 - distance, y: 3, isRightward: true, timer: 0, shotTimer: 9)
      var games = [Seaquest](repeating: Seaquest(random: &random), count: 3)
      for index in games.indices { games[index].y = 3 }
      games[0].fish.append(enemy)
      games[1].submarines.append(enemy)
      games[2].enemyBullets.append(enemy)
      for index in games.indices {
        #expect(games[index].play(.none, random: &random).isOver == isMet)
      }
    }
  }

  @Test mutating func `an enemy submarine fires every eleventh step`() {
    var game = Seaquest(random: &random)
    game.y = 1
    game.submarines.append(
      Mover(entering: 5, isRightward: true, timer: 5, shotTimer: 10))
    let shots = (1...44).filter { _ in
      let before = game.enemyBullets.count
      _ = game.play(.none, random: &random)
      return game.enemyBullets.count > before
    }
    #expect(shots == [11, 22, 33, 44])
  }

  @Test mutating func `enemies do not enter a row against its traffic`() {
    for isRightward in [false, true] {
      var game = Seaquest(random: &random)
      game.submarines.append(Mover(x: 5, y: 8, isRightward: isRightward, timer: 100))
      game.spawnTimer = 0
      // The script lets fish come in on row 8 from the right.
      _ = game.play(.none, random: &random)
      #expect(game.fish.count == (isRightward ? 0 : 1))
    }
  }
}
