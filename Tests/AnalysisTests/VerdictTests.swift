import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

struct VerdictTests {
  private static func noisy(_ critical: Double, spread: Double = 0.05, seeds: Int = 5) -> [Run] {
    var draws = Draws(21)
    return runs(
      minimumUpdates: 50, criticalBatch: critical, batches: batches(7, from: 10, factor: 3),
      seeds: seeds, spread: spread, draws: &draws)
  }

  @Test func `is fitted where both ends of the law were tried`() throws {
    let report = fit(RunGroup(runs: Self.noisy(300)))
    #expect(report.verdict == .fitted && report.reason == nil)
    #expect(report.criticalBatch.covers(300))
  }

  @Test func `is too narrow below a factor of five, however many batches`() {
    for (last, verdict) in [(49.9, Verdict.tooNarrow), (50, .fitted)] {
      let report = fit(
        RunGroup(
          runs: exactRuns(
            minimumUpdates: 50, criticalBatch: 22, batches: [10, 15, 20, 30, 40, last])))
      #expect(report.verdict == verdict)
      #expect((report.criticalBatch == nil) == (verdict == .tooNarrow))
      #expect(report.linearFit != nil)
    }
  }

  @Test func `is too few below four batches, and too narrow comes first`() {
    let exact = { batches in
      fit(RunGroup(runs: exactRuns(minimumUpdates: 50, criticalBatch: 22, batches: batches)))
    }
    let few = exact([1, 20, 400])
    #expect(few.verdict == .tooFew && few.linearFit == nil && few.criticalBatch == nil)
    #expect(few.reason == "3 batches reached the target; the law needs at least 4")
    #expect(exact([1, 2, 3]).verdict == .tooNarrow)
    #expect(exact([1]).verdict == .tooNarrow)
    #expect(exact([]).verdict == .tooFew)
  }

  @Test(arguments: [(0.5, 0.02), (0.6, 0.05), (0.6, 0.0)])
  func `one value a batch is rejected where another exponent fits`(exponent: Double, spread: Double)
  {
    var draws = Draws(24)
    for _ in 0..<10 {
      let runs = batches(8, from: 27, factor: 2.4).map { batch in
        Run(
          batch: batch,
          updates: 200 * (1 + pow(800 / batch, exponent)) * exp(spread * draws.normal()))
      }
      let report = fit(RunGroup(runs: runs))
      #expect(report.verdict == .rejected && report.reason?.contains("with a = 1") == true)
    }
  }

  @Test func `one value a batch of the law itself is rarely rejected`() {
    var draws = Draws(25)
    let rejected = (0..<300).count { _ in
      let runs = runs(
        minimumUpdates: 200, criticalBatch: 800, batches: batches(8, from: 27, factor: 2.4),
        spread: 0.1, draws: &draws)
      return fit(RunGroup(runs: runs)).verdict == .rejected
    }
    #expect(rejected <= 15)
  }

  /// Without scatter, only rounding tells one exponent from another.
  @Test func `rounding rejects nothing`() {
    for updates in [{ _ in 100 }, { _ in 100.0 / 3 }, { 1e6 / $0 }, { 1e7 / 3 / $0 }]
      as [(Double) -> Double]
    {
      let runs = batches(8, from: 16, factor: 4).map { Run(batch: $0, updates: updates($0)) }
      #expect(fit(RunGroup(runs: runs)).verdict != .rejected)
    }
    let exact = exactRuns(
      minimumUpdates: 50, criticalBatch: 800, batches: batches(8, from: 16, factor: 4))
    #expect(fit(RunGroup(runs: exact)).verdict == .fitted)
  }

  @Test func `is rejected where batches are off by more than their seeds`() throws {
    for (miss, verdict) in [(0.4, Verdict.rejected), (0.1, .fitted)] {
      var draws = Draws(22)
      var runs = runs(
        minimumUpdates: 50, criticalBatch: 300, batches: batches(8, from: 10, factor: 3), seeds: 4,
        spread: 0.1, draws: &draws)
      for index in runs.indices {
        runs[index].updates *= exp((index / 8).isMultiple(of: 2) ? miss : -miss)
      }
      let report = fit(RunGroup(runs: runs))
      #expect(report.verdict == verdict)
      #expect((report.criticalBatch?.value == nil) == (verdict == .rejected))
      #expect(report.rmsLogResidual != nil && report.linearFit != nil && report.law != nil)
      #expect((miss - (report.batchDeviation ?? 0)).magnitude < 0.15)
    }
  }

  @Test func `is rejected where another exponent moves B_crit`() throws {
    var draws = Draws(23)
    let runs = batches(8, from: 10, factor: 3).flatMap { batch in
      (0..<12).map { seed in
        Run(
          batch: batch, seed: seed,
          updates: 50 * (1 + pow(300 / batch, 0.6)) * exp(0.1 * draws.normal()))
      }
    }
    let report = fit(RunGroup(runs: runs))
    #expect(report.verdict == .rejected)
    let exponent = try #require(report.exponent)
    #expect(exponent.excludes(1) && !exponent.excludes(0.6))
  }

  @Test func `is too noisy where the interval is wider than a factor of four, and says what helps`()
    throws
  {
    let report = fit(RunGroup(runs: Self.noisy(300, spread: 0.6, seeds: 3)))
    #expect(report.verdict == .tooNoisy)
    let critical = try #require(report.criticalBatch)
    #expect(report.criticalBatch.covers(300) && critical.value != nil && critical.width > log(4))
    let seeds = try #require(report.seedsNeeded)
    #expect(
      report.need
        == "about \(seeds) more seeds per batch would narrow the interval of B_crit to ±25 %")
    // With that many more it is about there.
    let more = fit(RunGroup(runs: Self.noisy(300, spread: 0.6, seeds: 3 + seeds)))
    #expect(try #require(more.criticalBatch).width < 2 * log(1.25) * 1.6)
    #expect(more.verdict == .fitted)
  }

  @Test func `of precise runs needs no more seeds, of scattered batches none help`() {
    let precise = fit(RunGroup(runs: Self.noisy(300, spread: 0.01)))
    #expect(precise.seedsNeeded == 0 && precise.need == nil)
    var runs = Self.noisy(300, spread: 0.01)
    for index in runs.indices {
      runs[index].updates *= exp((index / 5).isMultiple(of: 2) ? 0.11 : -0.11)
    }
    let scattered = fit(RunGroup(runs: runs))
    #expect(scattered.verdict == .fitted && scattered.seedsNeeded == nil)
    #expect(scattered.need?.hasPrefix("more seeds alone") == true)
  }

  @Test func `is flat where observations stay level, and says what B_crit is above`() throws {
    for critical in [1e6, 1e7, 1e300] {
      let report = fit(RunGroup(runs: Self.noisy(critical)))
      #expect(report.verdict == .flat)
      let bound = try #require(report.criticalBatch)
      #expect(bound.value == nil && bound.high == nil)
      #expect((7290...critical).contains(try #require(bound.low)))
      #expect(report.minimumUpdates?.value == nil)
      #expect(report.minimumObservations.covers(50 * critical))
    }
  }

  @Test func `is flat where the noise hides every change`() {
    let runs = zip([10.0, 20, 40, 80], [1.0, -1, 1, -1]).map { batch, miss in
      Run(batch: batch, seed: 0, updates: exp(miss) / batch.squareRoot())
    }
    let report = fit(RunGroup(runs: runs))
    #expect(report.verdict == .flat)
    #expect(report.reason?.hasPrefix("neither updates nor observations") == true)
    #expect(report.criticalBatch == nil)
  }

  @Test func `is a lower bound where the largest batch is not far enough`() throws {
    let report = fit(RunGroup(runs: Self.noisy(20_000)))
    #expect(report.verdict == .lowerBound)
    let bound = try #require(report.criticalBatch)
    #expect(bound.value == nil && bound.high == nil)
    #expect((7290 / 2...20_000).contains(try #require(bound.low)))
    #expect(report.reason?.contains("or beyond the largest batch (7,290)") == true)
    #expect(report.minimumUpdates?.value == nil)
    #expect(try #require(report.minimumUpdates?.high) > 50)
    #expect(report.minimumObservations.covers(1e6))
  }

  @Test func `keeps the number with a lower bound within the batches that were tried`() throws {
    let report = fit(RunGroup(runs: Self.noisy(5500, spread: 0.01)))
    #expect(report.verdict == .lowerBound)
    #expect(report.criticalBatch.covers(5500))
    #expect(report.criticalBatch?.value != nil)
  }

  @Test func `is an upper bound where the smallest batch is not small enough`() throws {
    let report = fit(RunGroup(runs: Self.noisy(3)))
    #expect(report.verdict == .upperBound)
    let bound = try #require(report.criticalBatch)
    #expect(bound.value == nil && bound.low == nil)
    #expect((3...20).contains(try #require(bound.high)))
    #expect((try #require(report.minimumUpdates?.value) / 50 - 1).magnitude < 0.03)
    #expect(report.minimumObservations?.value == nil)
  }

  @Test func `judges exact single seeds by the value alone`() {
    for (critical, verdict) in [(300.0, Verdict.fitted), (20_000, .lowerBound), (3, .upperBound)] {
      let report = fit(RunGroup(runs: Self.noisy(critical, spread: 0, seeds: 1)))
      #expect(report.verdict == verdict)
      #expect((report.criticalBatch?.value == nil) == (verdict != .fitted))
    }
  }

  /// Infinite, absent and absurd numbers, in any combination, end in a report that is valid JSON.
  @Test func `survives any numbers`() throws {
    var draws = Draws(31)
    let odd = [
      0, 1, 1, 2, 3, 10, 1e-300, 1e300, .leastNonzeroMagnitude, .infinity, -.infinity, .nan, -1,
      .greatestFiniteMagnitude,
    ]
    for _ in 0..<300 {
      let runs = (0..<draws.index(14)).map { index in
        Run(
          batch: draws.index(2) == 0 ? odd[draws.index(odd.count)] : pow(3, Double(index / 2)),
          seed: draws.index(3) == 0 ? nil : Int.max,
          updates: draws.index(2) == 0 ? odd[draws.index(odd.count)] : draws.uniform(),
          isCensored: draws.index(4) == 0,
          noise: draws.index(2) == 0
            ? nil
            : .init(
              numerator: odd[draws.index(odd.count)], denominator: odd[draws.index(odd.count)]))
      }
      let report = fit(RunGroup(runs: runs), seed: .min, resamples: 20)
      #expect(try !JSONEncoder().encode(report).isEmpty)
    }
    #expect(fit(RunGroup(runs: Self.noisy(300)), resamples: -5).verdict == .fitted)
  }
}
