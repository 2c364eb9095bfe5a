import Testing

@testable import Environments

struct AsterixTests {
  @Test func `ramps every 102 steps to its limits and no further`() {
    var random = ScriptedRandom()
    var game = Asterix(random: &random)
    var lastSpawn = 1
    for step in 1...1_500 {
      let (draws, speed) = (random.reals, game.spawnSpeed)
      // Endings are ignored.
      _ = game.play(.none, random: &random)
      if random.reals != draws {
        // Spawned one period after the last time; the period was set then.
        #expect(random.reals == draws + 2)
        #expect((step - lastSpawn) - Int(speed) <= 1 && step - lastSpawn >= Int(speed))
        lastSpawn = step
      }
      let ramps = step / 102
      #expect(game.spawnSpeed == Int8(max(1, 10 - ramps)))
      #expect(game.moveSpeed == Int8(max(1, 5 - ramps / 2)))
    }
    #expect(game.spawnSpeed == 1 && game.moveSpeed == 1)
  }

  @Test func `gold is taken, an enemy ends the episode, before and after it moves`() {
    for (isGold, distance) in [(true, 0), (true, 1), (false, 0), (false, 1), (true, 2)] {
      var random = ScriptedRandom()
      var game = Asterix(random: &random)
      game.slots[4] = .init(
        mover: Mover(x: 5 - Int8(distance), y: 5, isRightward: true), isFree: false,
        isGold: isGold)
      game.moveTimer = 0
      #expect(game.cells(isGold ? 3 : 1) == [[5 - distance, 5]])
      #expect(game.cells(2) == [[4 - distance, 5]])
      let outcome = game.play(.none, random: &random)
      #expect(outcome.reward == (isGold && distance < 2 ? 1 : 0))
      #expect(outcome.isOver == (!isGold && distance < 2))
      #expect(game.slots[4].isFree == (isGold && distance < 2))
    }
  }

  @Test func `the player stays on rows 1 to 8 and things come in at either wall`() {
    var random = ScriptedRandom(real: 0.2, whole: 3)
    var game = Asterix(random: &random)
    for _ in 1...10 { _ = game.play(.up, random: &random) }
    #expect(game.cells(0) == [[5, 1]])
    for _ in 1...10 { _ = game.play(.down, random: &random) }
    #expect(game.cells(0) == [[5, 8]])
    // 0.2: from the left, gold; into the fourth free row and then the fourth of the others.
    // Things move in steps 6, 11, 16, 21: right after they came in, too.
    #expect(game.cells(3) == [[2, 4]])
    _ = game.play(.down, random: &random)
    #expect(game.cells(3) == [[3, 4], [1, 5]])
  }
}
