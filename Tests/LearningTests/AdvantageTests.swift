import Environments
import Foundation
import Testing

@testable import Learning

/// Generalized advantage estimates against explicit sums of discounted errors.
struct AdvantageTests {
  private static let rewards: [Float] = [0.5, -1, 2, 0.25]
  private static let values: [Float] = [0.3, -0.7, 1.1, 0.9]
  private static let successors: [Float] = [4, -3, 2.5, -1.5]

  /// Every pattern of endings of four steps.
  private static let patterns: [[Ending]] = (0..<81).map { number in
    [1, 3, 9, 27].map { [.none, .terminated, .truncated][number / $0 % 3] }
  }

  /// Σ (γλ)ˡ δ over the steps from `start` to the end of the episode or of the row.
  private static func advantage(
    from start: Int, _ endings: [Ending], gamma: Double, lambda: Double
  ) -> Double {
    var sum = 0.0
    for step in start..<4 {
      let bootstrap: Double
      if endings[step] == .terminated {
        bootstrap = 0
      } else if endings[step] == .truncated || step == 3 {
        bootstrap = Double(successors[step])
      } else {
        bootstrap = Double(values[step + 1])
      }
      let error = Double(rewards[step]) + gamma * bootstrap - Double(values[step])
      sum += pow(gamma * lambda, Double(step - start)) * error
      if endings[step] != .none { break }
    }
    return sum
  }

  @Test(arguments: [(1, 1), (0.99, 0.95), (0.9, 1), (0.97, 0), (0, 0.5)] as [(Float, Float)])
  func `are sums of discounted errors up to any ending`(gamma: Float, lambda: Float) {
    // All patterns as the rows of one rollout, so that a row that leaks shows too.
    let endings = Array(Self.patterns.joined())
    func everyRow(_ numbers: [Float]) -> [Float] {
      Array(repeatElement(numbers, count: 81).joined())
    }
    var advantages = [Float](repeating: .nan, count: 324)
    generalizedAdvantages(
      rewards: everyRow(Self.rewards), values: everyRow(Self.values),
      successorValues: everyRow(Self.successors), endings: endings, horizon: 4, gamma: gamma,
      lambda: lambda, into: &advantages)
    for (row, pattern) in Self.patterns.enumerated() {
      for step in 0..<4 {
        let exact = Self.advantage(
          from: step, pattern, gamma: Double(gamma), lambda: Double(lambda))
        #expect(abs(Double(advantages[4 * row + step]) - exact) < 1e-5, "\(pattern) at \(step)")
      }
    }
  }

  @Test func `a truncation bootstraps, a termination does not`() {
    for (ending, expected) in [(Ending.terminated, 1 - 3), (.truncated, 1 + 10 - 3)] {
      var advantages: [Float] = [0, 0]
      generalizedAdvantages(
        rewards: [1, 0], values: [3, 1_000], successorValues: [20, 0], endings: [ending, .none],
        horizon: 2, gamma: 0.5, lambda: 1, into: &advantages)
      #expect(advantages[0] == Float(expected))
    }
  }

  @Test func `returns are advantages plus values, before any normalization`() {
    let network = Network(Twin().shape)
    network.scatter(1)
    let rollout = randomRollout(network, environments: 4, horizon: 6, drift: 0)
    for index in 0..<24 { rollout.rewards[index] = Float(index % 5) }
    rollout.estimateAdvantages(gamma: 0.9, lambda: 0.8)
    let (plain, returns) = (rollout.columns.advantages, rollout.columns.returns)
    let values = rollout.columns.values
    for index in 0..<24 { #expect(returns[index] == plain[index] + values[index]) }
    [rollout].normalizeAdvantages(threads: 1)
    let returnsAfter = rollout.columns.returns
    #expect(returnsAfter == returns)
    let scaled = rollout.columns.advantages.map { Double($0) }
    #expect(abs(scaled.reduce(0, +)) < 1e-4)
    #expect(abs(norm(scaled) - 24.squareRoot()) < 1e-4)
    // One factor and one shift for the whole batch: order and proportions stay.
    let (a, b, c) = (plain[0], plain[9], plain[20])
    let (x, y, z) = (scaled[0], scaled[9], scaled[20])
    #expect(abs((x - y) * Double(b - c) - (y - z) * Double(a - b)) < 1e-4)
  }

  /// Returns 1 to 4 and values that miss them by 1 up and down: squares of 5 and 4 about their
  /// means. A constant that all share changes nothing.
  @Test(arguments: [Float(0), 10_000])
  func `values explain what their errors leave of the variance of returns`(shared: Float) throws {
    let network = Network(Twin().shape)
    let rollout = randomRollout(network, environments: 2, horizon: 2, drift: 0)
    for index in 0..<4 {
      rollout.columns.returns[index] = shared + Float(index + 1)
      let target = rollout.columns.returns[index]
      rollout.columns.values[index] = target - (index.isMultiple(of: 2) ? 1 : -1)
    }
    let explained = [rollout].explainedVariance(threads: 1)
    #expect(abs(try #require(explained) - 0.2) < 1e-9)
    for index in 0..<4 { rollout.columns.returns[index] = 7 }
    #expect([rollout].explainedVariance(threads: 1) == nil)
  }
}
