import Testing

@testable import Environments

struct CalibrationTests {
  @Test func `one arm pays, one doesn't, and every pull is an episode`() {
    var random = RandomStream(1, 2, 3, 4)
    var bandit = Bandit(random: &random)
    for (action, reward) in [(0, 1.0), (1, 0), (0, 1)] as [(Int32, Double)] {
      let outcome = bandit.advance(action, random: &random)
      #expect(outcome.reward == reward && outcome.isOver)
      bandit.restart(random: &random)
      #expect(bandit.observation() == [1])
    }
  }

  /// Mean 0 and covariance I, within and between looks.
  @Test func `every look at the bowl shows fresh signs, none of which depends on another`() {
    var random = Seed(2).stream(.environment)
    var bowl = Quadratic(random: &random)
    let (looks, size) = (4_000, 1_024)
    var sums = [Double](repeating: 0, count: size)
    // By the distance between two dimensions, and with the look before.
    var products = [Double](repeating: 0, count: 40)
    var (lagged, before) = (0.0, [Float](repeating: 0, count: size))
    for _ in 0..<looks {
      let signs = bowl.observation()
      #expect(signs.count == size && signs.allSatisfy { abs($0) == 1 })
      for index in signs.indices {
        sums[index] += Double(signs[index])
        lagged += Double(signs[index] * before[index])
      }
      for distance in products.indices.dropFirst() {
        products[distance] += Double(signs[500] * signs[500 + distance])
      }
      before = signs
      let outcome = bowl.advance(0, random: &random)
      #expect(outcome.isOver && outcome.reward == 0)
      bowl.restart(random: &random)
    }
    // Five and a half standard errors of the largest of 1,024.
    let error = Double(looks).squareRoot()
    #expect(sums.allSatisfy { abs($0) < 5.5 * error })
    #expect(products.allSatisfy { abs($0) < 5.5 * error })
    #expect(abs(lagged) < 5 * (Double(looks * size)).squareRoot())
    let spread = sums.reduce(0) { $0 + $1 * $1 } / Double(looks * size)
    #expect(abs(spread - 1) < 0.25)
  }

  /// Where a step from a state leads, with its chance, from the rules.
  private static func steps(_ state: Int, right: Bool) -> [(to: Int, chance: Double)] {
    [(state + (right ? 1 : -1), 0.9), (state + (right ? -1 : 1), 0.1)].map { (max($0.0, 0), $0.1) }
  }

  @Test func `the chain slips one time in ten and ends at the right with a reward`() {
    var random = Seed(1).stream(.environment)
    for state in 0..<7 {
      for action in 0..<2 {
        var counts = [Int](repeating: 0, count: 8)
        for _ in 0..<20_000 {
          var chain = Chain(random: &random)
          chain.state = Int32(state)
          let outcome = chain.advance(Int32(action), random: &random)
          counts[Int(chain.state)] += 1
          #expect(outcome.isOver == (chain.state == 7))
          #expect(abs(outcome.reward - (chain.state == 7 ? 0.99 : -0.01)) < 1e-12)
        }
        for (to, chance) in Self.steps(state, right: action == 1) {
          // Five standard errors.
          #expect(abs(Double(counts[to]) / 20_000 - chance) < 5 * (0.09 / 20_000).squareRoot())
        }
      }
    }
  }

  /// The mean score from the left end over episodes of at most 100 steps; `choose` gives the
  /// worth of a state from those of its two actions.
  private static func score(_ choose: (Double, Double) -> Double) -> Double {
    var values = [Double](repeating: 0, count: 8)
    for _ in 0..<Chain.facts.timeLimit {
      let next = (0..<7).map { state in
        let worths = [false, true].map { right in
          steps(state, right: right).reduce(-0.01) { sum, step in
            sum + step.chance * (step.to == 7 ? 1 : values[step.to])
          }
        }
        return choose(worths[0], worths[1])
      }
      values = next + [0]
    }
    return values[0]
  }

  @Test func `value iteration gives the best and the random score of the chain`() {
    #expect(abs(Self.score(max) - Chain.facts.bestScore) < 0.001)
    #expect(abs(Self.score { ($0 + $1) / 2 } - Chain.facts.randomScore) < 0.001)
  }

  @Test func `walking right scores what value iteration says`() {
    var arena = Arena(CatalogueEntry(Chain.self).copies(4_000, seed: Seed(3)))
    var scores: [Double] = []
    while arena.copies.count > 0 {
      arena.step(Array(repeating: 1, count: arena.copies.count))
      for copy in (0..<arena.copies.count).reversed() where arena.endings[copy] != .none {
        scores.append(arena.copies.score(of: copy))
        arena.copies.remove(copy)
      }
    }
    let (mean, error) = summary(of: scores)
    #expect(abs(mean - Self.score(max)) < 4 * error && error < 0.001)
  }
}
