import Foundation
import TestSupport
import Testing

@testable import Analysis

struct RelationTests {
  @Test func `gives equal values the mean of their ranks`() {
    #expect(midRanks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
    #expect(midRanks([5, 5, 5]) == [2, 2, 2])
    #expect(midRanks([]).isEmpty)
  }

  /// Ranks differ by 0, 1, …: ρ = 1 − 6 Σd²/(n(n²−1)) = 1 − 6·194/990 = −29/165, a textbook's.
  @Test func `gives the rank correlation of a textbook`() throws {
    let x = [106.0, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    let y = [7.0, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    #expect((try #require(rankCorrelation(x, y)) + 29.0 / 165).magnitude < 1e-12)
    #expect(rankCorrelation(x, x.map { _ in 0.1 }) == nil)
    // Too many orders to go through.
    #expect(permutationProbability(x, y) == nil)
  }

  /// Tables of the exact distribution of ρ: n = 4: P(|ρ| = 1) = 2/24; n = 5: P(|ρ| ≥ 0.9) = 10/120,
  /// P(|ρ| ≥ 0.8) = 16/120; n = 7: P(|ρ| ≥ 0.786) = 0.048.
  @Test func `knows the exact distribution of the rank correlation`() throws {
    #expect(permutationProbability([1, 2, 3, 4], [1, 2, 3, 4]) == 2.0 / 24)
    #expect(permutationProbability([1, 2, 3, 4, 5], [1, 2, 3, 5, 4]) == 10.0 / 120)
    #expect(permutationProbability([1, 2, 3, 4, 5], [5, 4, 3, 1, 2]) == 10.0 / 120)
    #expect(permutationProbability([1, 2, 3, 4, 5], [2, 1, 3, 5, 4]) == 16.0 / 120)
    let seven = try #require(
      permutationProbability([1, 2, 3, 4, 5, 6, 7], [2, 3, 1, 5, 6, 4, 7]))
    #expect((seven - 0.048).magnitude < 0.001)
    // With a tie in each: of 24 orders 2 give the greatest product, 4.5; the least is −4.
    #expect(permutationProbability([1, 1, 2, 3], [1, 1, 2, 3]) == 2.0 / 24)
  }

  private static func pairs(_ count: Int, spread: Double, draws: inout Draws) -> [UncertainPair] {
    (0..<count).compactMap { _ in
      let x = 3 * draws.normal()
      let y = 0.5 * x + spread * draws.normal()
      let estimate = Estimate(value: exp(y), low: exp(y - 0.2), high: exp(y + 0.2))
      return UncertainLogarithm(estimate).map {
        UncertainPair(x: UncertainLogarithm(exact: exp(x)), y: $0)
      }
    }
  }

  /// Of 700 about 0.95 with 4 tasks and 0.92 with 8; these are few.
  @Test(arguments: [4, 8]) func `covers the exponent of a power law`(tasks: Int) {
    var draws = Draws(71)
    var covered = 0
    for repetition in 0..<300 {
      let pairs = Self.pairs(tasks, spread: 0.5, draws: &draws)
      if Relation(pairs, seed: repetition, resamples: 300).exponent.covers(0.5) { covered += 1 }
    }
    #expect((262...297).contains(covered), "\(covered) of 300")
  }

  @Test(arguments: [4, 5]) func `gives correlations an interval from five tasks on`(tasks: Int) {
    var draws = Draws(73)
    let pairs = Self.pairs(tasks, spread: 0.5, draws: &draws)
    let prediction = Prediction(pairs, seed: 1, resamples: 300)
    for estimate in [prediction.rSquared, prediction.relation.rankCorrelation] {
      #expect(estimate?.value != nil)
      #expect((estimate?.low != nil) == (tasks > 4) && (estimate?.high != nil) == (tasks > 4))
    }
    #expect(prediction.relation.lacksInterval == (tasks == 4))
    #expect(prediction.relation.exponent?.low != nil)
  }

  @Test func `widens with the uncertainty of each task`() throws {
    var draws = Draws(72)
    let known = Self.pairs(6, spread: 0, draws: &draws)
    var unknown = known
    for index in unknown.indices { (unknown[index].y.below, unknown[index].y.above) = (1, 1) }
    let narrow = try #require(Relation(known, seed: 1, resamples: 500).exponent)
    let wide = try #require(Relation(unknown, seed: 1, resamples: 500).exponent)
    #expect(narrow.value == wide.value)
    let widths = [narrow, wide].map { ($0.high ?? .infinity) - ($0.low ?? -.infinity) }
    #expect(widths[1] > 2 * widths[0])
  }
}
