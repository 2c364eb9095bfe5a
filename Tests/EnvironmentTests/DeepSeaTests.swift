import Testing

@testable import Environments

struct DeepSeaTests {
  /// bsuite's own mapping of size 10 and seed 42.
  private static let mapping = [
    "0111000111", "0110000100", "1000010110", "1001110010", "0001010110",
    "1111110000", "0010010101", "1001111000", "1100001110", "0111101000",
  ]

  @Test func `actions are mapped as in the package`() {
    let expected = Self.mapping.joined().map { $0 == "1" }
    #expect((0..<100).map { deepSeaMapping[$0] } == expected)
  }

  /// Plays right or left by the mapping.
  private func dive<let size: Int>(
    _: DeepSea<size>.Type, isRight: (Int) -> Bool
  ) -> (cells: [[Int]], rewards: [Double], isOver: [Bool]) {
    var random = ScriptedRandom()
    var task = DeepSea<size>(random: &random)
    var (cells, rewards, isOver): ([[Int]], [Double], [Bool]) = ([], [], [])
    for step in 0..<size {
      let cell = task.observation().firstIndex(of: 1) ?? -1
      cells.append([cell % size, cell / size])
      let right: Int32 = deepSeaMapping[cell] ? 1 : 0
      let outcome = task.advance(isRight(step) ? right : 1 - right, random: &random)
      rewards.append(outcome.reward)
      isOver.append(outcome.isOver)
    }
    #expect(task.observation() == Array(repeating: 0, count: size * size))
    return (cells, rewards, isOver)
  }

  @Test func `always right finds the treasure`() {
    let (small, large) = (
      dive(DeepSea<10>.self) { _ in true }, dive(DeepSea<20>.self) { _ in true }
    )
    #expect(small.cells == (0..<10).map { [$0, $0] })
    #expect(large.cells == (0..<20).map { [$0, $0] })
    for (rewards, size) in [(small.rewards, 10), (large.rewards, 20)] {
      #expect(rewards.dropLast().allSatisfy { $0 == -0.01 / Double(size) })
      #expect(abs(rewards.reduce(0, +) - 0.99) < 1e-12)
    }
    #expect(small.isOver == Array(repeating: false, count: 9) + [true])
  }

  @Test func `walls block, and one step to the left loses the treasure`() {
    let left = dive(DeepSea<10>.self) { _ in false }
    #expect(left.cells == (0..<10).map { [0, $0] })
    #expect(left.rewards == Array(repeating: 0, count: 10))
    let missed = dive(DeepSea<10>.self) { $0 != 8 }
    #expect(missed.rewards.allSatisfy { $0 <= 0 })
    #expect(abs(missed.rewards.reduce(0, +) + 0.009) < 1e-12)
  }
}
