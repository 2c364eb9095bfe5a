import Foundation
import TestSupport
import Testing

@testable import Analysis

struct IntervalTests {
  private static let spread8 = batches(8, from: 16, factor: 3)

  /// Of 500 studies with five seeds a batch, spread 0.2; every end of an interval is given.
  @Test(arguments: [
    Coverage.Study(repetitions: 500, resamples: 600, draws: 1),
    // E = 25,000 (1 + B/500): a fifth of the runs meet the budget. `make test` takes 60 of 500.
    Coverage.Study(
      criticalBatch: 500, batches: batches(8, from: 25, factor: 2.5), budget: 300_000,
      repetitions: isSoak ? 500 : 60, resamples: isSoak ? 400 : 200, draws: 12),
  ])
  func `covers the truth in at least nine tenths of repeated studies`(study: Coverage.Study) {
    let shares = Coverage(of: study).counts.map { Double($0) / Double(study.repetitions) }
    print("coverage of 95% intervals in \(study.repetitions):", shares)
    // Nor may they be so wide that they say nothing.
    let least = study.repetitions < 500 ? 0.85 : 0.9
    for share in shares { #expect((least...0.985).contains(share)) }
  }

  @Test func `gives the same intervals for the same seed and others for another`() {
    var draws = Draws(2)
    let runs = runs(
      minimumUpdates: 50, criticalBatch: 1000, batches: Self.spread8, seeds: 4, spread: 0.2,
      draws: &draws)
    let group = RunGroup(Question(task: "t"), runs: runs)
    let first = fit(group, seed: 1)
    #expect(first == fit(group, seed: 1))
    #expect(first == fit(RunGroup(Question(task: "t"), runs: runs.reversed()), seed: 1))
    #expect(first == fit([RunGroup(runs: []), group], seed: 1)[1])
    let second = fit(group, seed: 2)
    #expect(first.criticalBatch?.low != second.criticalBatch?.low)
    #expect(first.criticalBatch?.value == second.criticalBatch?.value)
  }

  /// The first numbers of SplitMix64 from 1234567, as other implementations print them.
  @Test func `draws the numbers that SplitMix64 is known for`() {
    var random = SplitMix(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.next() == 9_817_491_932_198_370_423)
  }

  @Test func `gives no interval to single seeds`() throws {
    let runs = exactRuns(minimumUpdates: 50, criticalBatch: 1000, batches: Self.spread8)
    let critical = try #require(fit(RunGroup(runs: runs)).criticalBatch)
    #expect(critical.value != nil)
    #expect(critical.low == nil && critical.high == nil)
  }

  @Test func `lends residuals to a batch with a single seed`() throws {
    var draws = Draws(3)
    var runs = runs(
      minimumUpdates: 50, criticalBatch: 1000, batches: Self.spread8, seeds: 5, spread: 0.2,
      draws: &draws)
    let full = try #require(fit(RunGroup(runs: runs)).criticalBatch)
    runs.removeAll { $0.batch == 48 && $0.seed != 0 }
    let single = try #require(fit(RunGroup(runs: runs)).criticalBatch)
    #expect(full.width < single.width)
  }

  @Test func `stretches the residuals of small samples`() throws {
    // Two seeds a batch at ±d: resampled means vary by d²·2/2 = d² after the stretch of √2, so
    // that the interval of the level is ±1.96 d/√batches.
    let runs = Self.spread8.flatMap { batch in
      [-0.1, 0.1].map { Run(batch: batch, updates: 50 * (1 + 1e-9 / batch) * exp($0)) }
    }
    let updates = try #require(fit(RunGroup(runs: runs), resamples: 20_000).minimumUpdates)
    let width = log(try #require(updates.high) / (try #require(updates.value)))
    #expect((width / (1.96 * 0.1 / 8.0.squareRoot()) - 1).magnitude < 0.1)
  }
}

/// How often the intervals of S_min, E_min and B_crit contain the truth.
struct Coverage {
  struct Study {
    var criticalBatch = 1000.0
    var batches = AnalysisTests.batches(8, from: 16, factor: 3)
    var budget = Double.infinity
    var repetitions: Int
    var resamples: Int
    /// Seed of the runs.
    var draws: Int
  }

  /// Of S_min, E_min and B_crit.
  private(set) var counts = [0, 0, 0]

  init(of study: Study) {
    var draws = Draws(study.draws)
    for repetition in 0..<study.repetitions {
      let runs = runs(
        minimumUpdates: 50, criticalBatch: study.criticalBatch, batches: study.batches, seeds: 5,
        spread: 0.2, budget: study.budget, draws: &draws)
      let report = fit(RunGroup(runs: runs), seed: repetition, resamples: study.resamples)
      let isCovered = [
        report.minimumUpdates.covers(50),
        report.minimumObservations.covers(50 * study.criticalBatch),
        report.criticalBatch.covers(study.criticalBatch),
      ]
      for index in counts.indices where isCovered[index] { counts[index] += 1 }
    }
  }
}

extension Estimate? {
  func covers(_ truth: Double) -> Bool {
    guard let low = self?.low, let high = self?.high else { return false }
    return low <= truth && truth <= high
  }
}

extension Estimate {
  /// Width of the interval in logarithms; infinite where an end is open.
  var width: Double {
    guard let low, let high else { return .infinity }
    return log(high / low)
  }
}
