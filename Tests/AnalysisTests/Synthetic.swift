import Foundation

@testable import Analysis

/// Random numbers of tests, apart from those of the module.
struct Draws {
  private var random: SplitMix

  init(_ seed: Int) { random = SplitMix(seed: seed &* 7_919 &+ 1_000_003) }

  /// Between 0 and 1, never either.
  mutating func uniform() -> Double { (Double(random.next() >> 11) + 0.5) / 9_007_199_254_740_992 }

  /// Mean 0, deviation 1 (Box and Muller 1958).
  mutating func normal() -> Double {
    (-2 * log(uniform())).squareRoot() * cos(2 * Double.pi * uniform())
  }

  mutating func index(_ count: Int) -> Int { random.index(below: count) }
}

/// `count` batches from `first`, each `factor` times the one before.
func batches(_ count: Int, from first: Double, factor: Double) -> [Double] {
  (0..<count).map { first * pow(factor, Double($0)) }
}

/// Runs that follow the law, with log-normal spread; stopped at a budget of observations if
/// there is one.
func runs(
  minimumUpdates: Double, criticalBatch: Double, batches: [Double], seeds: Int = 1,
  spread: Double = 0, budget: Double = .infinity, draws: inout Draws
) -> [Run] {
  batches.flatMap { batch in
    (0..<seeds).map { seed in
      let noise = spread == 0 ? 0 : spread * draws.normal()
      let updates = minimumUpdates * (1 + criticalBatch / batch) * exp(noise)
      let limit = budget / batch
      return Run(
        batch: batch, seed: seed, updates: min(updates, limit), isCensored: updates > limit)
    }
  }
}

/// Runs that follow the law exactly.
func exactRuns(minimumUpdates: Double, criticalBatch: Double, batches: [Double]) -> [Run] {
  var draws = Draws(0)
  return runs(
    minimumUpdates: minimumUpdates, criticalBatch: criticalBatch, batches: batches, draws: &draws)
}
