import Algebra
import Foundation
import Records
import Testing

@testable import Environments
@testable import Learning

/// What policy gradient learns in a small room, against value iteration.
struct ValueIterationTests {
  private static let side = 4
  private static let gamma = 0.97

  /// The value of being at a cell after `step` steps with the best actions, and which are best.
  private struct Optimum {
    /// [step][cell]
    var values: [[Double]]
    /// [cell]: best actions at the first step.
    var best: [Set<Int>] = []
  }

  private static func move(_ cell: Int, _ action: Int) -> Int {
    let row = cell / side + [-1, 0, 1, 0][action]
    let column = cell % side + [0, 1, 0, -1][action]
    let isInside = (0..<side).contains(row) && (0..<side).contains(column)
    return isInside ? row * side + column : cell
  }

  private static func iterate(goal: Int, gamma: Double) -> Optimum {
    let cells = side * side
    var optimum = Optimum(
      values: Array(repeating: Array(repeating: 0, count: cells), count: cells + 1))
    func worth(_ cell: Int, _ action: Int, _ step: Int) -> Double {
      let next = move(cell, action)
      return next == goal
        ? 1 - 0.9 * Double(step + 1) / Double(cells) : gamma * optimum.values[step + 1][next]
    }
    for step in (0..<cells).reversed() {
      for cell in 0..<cells where cell != goal {
        optimum.values[step][cell] = (0..<4).map { worth(cell, $0, step) }.max() ?? 0
      }
    }
    optimum.best = (0..<cells).map { cell in
      let worths = (0..<4).map { worth(cell, $0, 0) }
      return Set((0..<4).filter { worths[$0] > (worths.max() ?? 0) - 1e-9 })
    }
    return optimum
  }

  @Test func `value iteration finds the shortest paths`() {
    for goal in 0..<16 {
      let optimum = Self.iterate(goal: goal, gamma: 1)
      for cell in 0..<16 where cell != goal {
        let way = abs(cell / 4 - goal / 4) + abs(cell % 4 - goal % 4)
        #expect(abs(optimum.values[0][cell] - (1 - 0.9 * Double(way) / 16)) < 1e-12)
      }
    }
  }

  private static func train(updates: Int) throws -> Network {
    var hyperparameters = Hyperparameters()
    hyperparameters.entCoef = 0.003
    let settings = trialSettings(
      hyperparameters, environments: 64, horizon: 16, learningRate: 0.01)
    let shape = NetworkShape(
      inputs: 32, actions: 4, hidden: LayerSizes([64, 64]), activation: .tanh, trunks: .shared)
    var learner = Learner(shape: shape, settings: settings, seed: Seed(1))
    var collector = Collector(
      task: CatalogueEntry(GridGoal<4>.self), count: 64, horizon: 16, shape: shape,
      seed: Seed(2))
    for _ in 0..<updates {
      collector.collect(
        with: learner.network,
        AdvantageEstimation(gamma: Float(gamma), lambda: 0.95))
      _ = try learner.learn(from: collector.rollouts)
    }
    return learner.network
  }

  @Test func `policy gradient finds the best actions, their return and their value`() throws {
    let network = try Self.train(updates: 300)
    let indices = (0..<256).filter { $0 / 16 != $0 % 16 }
    let observations = Matrix(rows: indices.count, columns: 32)
    for (row, index) in indices.enumerated() {
      observations[row, index / 16] = 1
      observations[row, 16 + index % 16] = 1
    }
    let activations = Activations(network.shape, rows: indices.count)
    network.forward(.dense(observations), into: activations, at: RowSelection(0..<indices.count))
    var (hits, error, best) = (0, 0.0, 0.0)
    for (row, index) in indices.enumerated() {
      let (cell, goal) = (index / 16, index % 16)
      let optimum = Self.iterate(goal: goal, gamma: Self.gamma)
      let greedy = (0..<4).max { activations.heads[row, $0] < activations.heads[row, $1] }
      if let greedy, optimum.best[cell].contains(greedy) { hits += 1 }
      error += abs(Double(activations.heads[row, 4]) - optimum.values[0][cell]) / 240
      best += Self.iterate(goal: goal, gamma: 1).values[0][cell] / 240
    }
    #expect(hits >= 228, "\(hits) of 240")
    #expect(error < 0.1, "\(error)")
    let scores = Evaluator.play(
      CatalogueEntry(GridGoal<4>.self), with: network, episodes: 0..<2_000, seed: Seed(9)
    ).scores
    let mean = scores.reduce(0, +) / 2_000
    #expect(abs(mean - best) < 0.03, "\(mean) of \(best)")
  }
}
