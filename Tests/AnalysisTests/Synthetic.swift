import Foundation
import TestSupport

@testable import Analysis

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
