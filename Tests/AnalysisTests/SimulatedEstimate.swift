import Foundation
import Records
import TestSupport

@testable import Analysis

/// An estimate whose runs are drawn from the law, with what each batch and each seed is off.
struct SimulatedEstimate {
  var criticalBatch = 800.0
  var minimumUpdates = 50.0
  var seedDeviation = 0.3
  var batchDeviation = 0.08
  /// The τ that the estimate assumes.
  var assumedDeviation = 0.08
  /// The noise scale, as a multiple of B_crit.
  var prediction = 1.0
  var candidates = [16, 32, 80, 192, 448, 1_024, 2_304, 5_120, 10_240, 20_480]
  var pilot = 448
  var pilotCost = 0.0
  /// Batches at which no rate reaches the target.
  var failing: Set<Int> = []
  var goal = EstimateGoal(within: 1.5, budget: .infinity)
  private var draws: Draws
  private var offsets: [Int: Double] = [:]
  private var seeds: [Int: [Double]] = [:]

  init(_ seed: Int) { draws = Draws(seed) }

  struct Result {
    var end: EstimateEnd
    var state: EstimateState
    var purposes: [EstimatePurpose]
  }

  /// Runs to the end, from a study with these batches and seeds.
  mutating func run(
    batches: [Int] = [], seeds: Int = EstimateState.firstSeeds
  ) -> Result {
    var (batches, seeds, purposes) = (batches, seeds, [EstimatePurpose]())
    while true {
      let state = state(batches: batches, seeds: seeds)
      switch state.next(goal) {
      case .end(let end): return Result(end: end, state: state, purposes: purposes)
      case .measure(let next, let more, let purpose):
        purposes.append(purpose)
        precondition(Set(next).isSuperset(of: batches) && more >= seeds, "not more than before")
        precondition((next, more) != (batches, seeds), "the same again")
        (batches, seeds) = (next, more)
      }
    }
  }

  /// The state after these batches with as many seeds. A run is the same whenever it is asked for.
  mutating func state(batches: [Int], seeds: Int) -> EstimateState {
    let usable = batches.filter { !failing.contains($0) }
    var costs: [Int: EstimateState.Cost] = [:]
    var runs: [Run] = []
    for batch in batches {
      let observations = minimumUpdates * (Double(batch) + criticalBatch)
      costs[batch] = EstimateState.Cost(search: 15 * observations)
    }
    for batch in usable {
      draw(batch, seeds)
      for (seed, deviation) in (self.seeds[batch] ?? []).prefix(seeds).enumerated() {
        let updates =
          minimumUpdates * (1 + criticalBatch / Double(batch))
          * exp((offsets[batch] ?? 0) + deviation)
        runs.append(
          Run(
            batch: Double(batch), seed: seed, updates: updates,
            noise: LawWeightedNoise(numerator: prediction * criticalBatch, denominator: 1)))
        costs[batch]?.measurement += 1.2 * updates * Double(batch)
        costs[batch]?.measuringRuns += 1
      }
    }
    return EstimateState(
      candidates: candidates, pilot: pilot, pilotCost: pilotCost, batches: batches, seeds: seeds,
      group: RunGroup(Question(task: "t"), runs: runs), costs: costs,
      batchDeviation: assumedDeviation)
  }

  private mutating func draw(_ batch: Int, _ count: Int) {
    if offsets[batch] == nil { offsets[batch] = batchDeviation * draws.normal() }
    while seeds[batch, default: []].count < count {
      seeds[batch, default: []].append(seedDeviation * draws.normal())
    }
  }
}
