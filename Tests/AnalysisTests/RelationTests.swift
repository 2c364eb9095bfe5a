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

  @Test(arguments: [4, 5]) func `gives correlations an interval from five games on`(games: Int)
    throws
  {
    var draws = Draws(73)
    var pairs = Self.pairs(2 * games, spread: 0.5, draws: &draws)
    for index in pairs.indices { pairs[index].game = "game \(index % games)" }
    let relation = Relation(pairs, seed: 1, resamples: 300)
    #expect(relation.tasks == 2 * games && relation.games == games)
    let correlation = try #require(relation.rankCorrelation)
    #expect(correlation.value != nil && (correlation.low != nil) == (games > 4))
    #expect(relation.lacksInterval == (games == 4) && relation.exponent?.low != nil)
    #expect(relation.pValue == nil, "variants of a game can't change places with all others")
  }

  /// Four variants of each of eight games share what their game is off the line. Taken for 32 tasks,
  /// they would promise an exponent four times as sure as it is.
  @Test func `covers the exponent of a power law over variants of games`() throws {
    var draws = Draws(75)
    var (covered, naive) = (0, 0)
    for repetition in 0..<200 {
      var pairs: [UncertainPair] = []
      for game in 0..<8 {
        let x: Double = 3 * draws.normal()
        let offset: Double = 0.5 * draws.normal()
        for _ in 0..<4 {
          let own: Double = x + 0.1 * draws.normal()
          let y: Double = 0.5 * own + offset + 0.05 * draws.normal()
          pairs.append(
            UncertainPair(
              game: "\(game)", x: UncertainLogarithm(exact: exp(own)),
              y: UncertainLogarithm(exact: exp(y))))
        }
      }
      if Relation(pairs, seed: repetition, resamples: 1).exponent.covers(0.5) { covered += 1 }
      let line = try #require(UncertainLine(pairs))
      if line.slopeInterval.contains(0.5) { naive += 1 }
    }
    #expect((178...200).contains(covered) && naive < 160, "\(covered) and \(naive) of 200")
  }

  @Test func `is the plain line of exact values, with its interval`() throws {
    let (x, y) = ([1.0, 2, 3, 4, 5], [2.1, 3.9, 6.2, 7.8, 10.1])
    let pairs = zip(x, y).map {
      UncertainPair(
        x: UncertainLogarithm(exact: exp($0)), y: UncertainLogarithm(exact: exp($1)))
    }
    let line = try #require(UncertainLine(pairs))
    // Σ(x − x̄)(y − ȳ) = 19.9, Σ(x − x̄)² = 10, Σ residual² = 0.107; t with 3 degrees is 3.18245.
    #expect((line.slope - 1.99).magnitude < 1e-6 && (line.level - 0.05).magnitude < 1e-6)
    let half = 3.18245 * (0.107 / 3 / 10).squareRoot()
    #expect((line.slopeInterval.upperBound - 1.99 - half).magnitude < 1e-4)
    #expect((1.99 - line.slopeInterval.lowerBound - half).magnitude < 1e-4)
  }

  @Test func `is not flattened by errors of x`() throws {
    var draws = Draws(74)
    var (plain, found) = (0.0, 0.0)
    for _ in 0..<200 {
      let pairs = (0..<12).map { _ in
        let x = 2 * draws.normal()
        var pair = UncertainPair(
          x: UncertainLogarithm(exact: exp(x + draws.normal())),
          y: UncertainLogarithm(exact: exp(0.5 * x + 0.2 * draws.normal())))
        (pair.x.below, pair.x.above, pair.y.below, pair.y.above) = (1, 1, 0.2, 0.2)
        return pair
      }
      plain += try #require(straightLine(pairs.map(\.x.centre), pairs.map(\.y.centre))).slope / 200
      found += try #require(UncertainLine(pairs)).slope / 200
    }
    #expect((0.35...0.43).contains(plain) && (0.47...0.54).contains(found), "\(plain) \(found)")
  }

  @Test func `heeds an uncertain task less`() throws {
    var draws = Draws(72)
    var pairs = Self.pairs(6, spread: 0.05, draws: &draws)
    let without = try #require(UncertainLine(pairs)).slope
    pairs.append(pairs[0])
    pairs[6].y.centre += 3
    let with = try #require(UncertainLine(pairs)).slope
    (pairs[6].y.below, pairs[6].y.above) = (5, 5)
    let heeding = try #require(UncertainLine(pairs)).slope
    #expect((heeding - without).magnitude < 0.1 * (with - without).magnitude)
  }

  /// With deviations 0.1 of ln S_min, 0.2 of ln B_crit and 0.3 of their sum ln E_min:
  /// cov(B_crit, E_min) = (0.09 − 0.01 + 0.04)/2, cov(B_crit, S_min) = (0.09 − 0.01 − 0.04)/2.
  @Test func `knows how the errors of one fit go together`() throws {
    func estimate(_ value: Double, _ deviation: Double) -> Estimate {
      let factor = exp(1.96 * deviation)
      return Estimate(value: value, low: value / factor, high: value * factor)
    }
    var fit = Analysis.fit(RunGroup(runs: []))
    fit.verdict = .fitted
    fit.minimumUpdates = estimate(10, 0.1)
    fit.criticalBatch = estimate(100, 0.2)
    fit.minimumObservations = estimate(1000, 0.3)
    // Ten operations an observation.
    fit.compute = ComputeToTarget(
      [
        Run(
          batch: 10, updates: 5, operations: OperationsToTarget(conventional: 500, executed: 400))
      ], minimumObservations: fit.minimumObservations)
    let point = ComparedTarget(fit, of: "s", traits: nil, referenceBatch: 1024)
    let expected = [
      (ComplexityAxis.data, 1000, 0.06), (.updates, 10, 0.02), (.compute, 10_000, 0.06),
    ]
    for (axis, value, covariance) in expected {
      let own = try #require(axis.pair(of: point, with: fit.criticalBatch, isFromFit: true))
      #expect((own.covariance - covariance).magnitude < 1e-9)
      #expect((own.x.centre - log(Double(value))).magnitude < 1e-9)
      let other = try #require(axis.pair(of: point, with: fit.criticalBatch, isFromFit: false))
      #expect(other.covariance == 0 && other.x.variance == own.x.variance)
    }
  }
}
