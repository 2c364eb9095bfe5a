import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

/// The law through two or three batches with an assumed τ.
@Suite struct `A law of few batches` {
  /// Three runs at each batch, a factor of exp(±spread) around S.
  private func group(_ updates: [(batch: Double, updates: Double)], spread: Double) -> RunGroup {
    let runs = updates.flatMap { batch, updates in
      [-spread, 0, spread].enumerated().map { seed, deviation in
        Run(batch: batch, seed: seed, updates: updates * exp(deviation))
      }
    }
    return RunGroup(Question(task: "t"), runs: runs)
  }

  /// B_crit of the law through S_1 = r·S_2 at B_1 < B_2, solved by hand.
  private func critical(ratio r: Double, _ small: Double, _ large: Double) -> Double {
    (r - 1) / (1 / small - r / large)
  }

  /// σ is the spread, with 2 + 2 degrees of freedom. With τ = 0 the quantile is Student's with 4; with
  /// τ² = σ²/3, half of the variance has these and half none, so Satterthwaite's number is 4/0.5² = 16.
  @Test(arguments: [(0, 2.776445), (1, 2.119905)])
  func `through two batches is solved exactly, and so are the ends of its interval`(
    share: Double, quantile: Double
  ) throws {
    let (small, large, spread) = (30.0, 6_000.0, 0.12)
    let (first, second) = (50 * (1 + 800 / small), 50 * (1 + 800 / large))
    let deviation = (share * spread * spread / 3).squareRoot()
    let report = estimate(
      group([(small, first), (large, second)], spread: spread), batchDeviation: deviation)
    let result = try #require(report.criticalBatch)
    let error = (2 * (deviation * deviation + spread * spread / 3)).squareRoot()
    let ratio = first / second
    let expected = [-1.0, 0, 1].map {
      critical(ratio: ratio * exp($0 * quantile * error), small, large)
    }
    let found = [result.low, result.value, result.high]
    for (found, expected) in zip(found, expected) {
      #expect((try #require(found) / expected - 1).magnitude < 1e-4)
    }
    #expect(report.verdict == .estimated && report.reason == nil)
    #expect(report.batchDeviation == deviation)
    #expect((try #require(report.seedDeviation) - spread).magnitude < 1e-12)
    #expect((try #require(report.minimumUpdates?.value) / 50 - 1).magnitude < 1e-4)
    #expect((try #require(report.minimumObservations?.value) / 40_000 - 1).magnitude < 1e-4)
  }

  @Test func `is estimated by nothing but estimate`() {
    let few = group([(30, 1_383), (6_000, 56.7)], spread: 0.1)
    #expect(fit(few).verdict == .tooFew && fit(few).criticalBatch == nil)
    let narrow = group([(30, 1_383), (120, 383)], spread: 0.1)
    #expect(estimate(narrow, batchDeviation: 0.1).verdict == .tooNarrow)
    let many = group([(30, 1_383), (200, 250), (1_000, 90), (6_000, 56.7)], spread: 0.1)
    #expect(estimate(many, batchDeviation: 0.1) == fit(many))
  }

  /// Observations are level: B_crit may be as large as one likes. Updates are level: as small.
  @Test func `gives a bound where the batches leave an end open`() throws {
    let level = estimate(
      group([(30, 1_000), (3_000, 10.2)], spread: 0.1), batchDeviation: 0.1)
    #expect(level.verdict == .estimated && level.criticalBatch?.value == nil)
    #expect(level.criticalBatch?.high == nil)
    #expect(try #require(level.criticalBatch?.low) > 3_000)
    let flat = estimate(group([(30, 1_000), (3_000, 990)], spread: 0.1), batchDeviation: 0.1)
    #expect(flat.criticalBatch?.value == nil && flat.criticalBatch?.low == nil)
    #expect(try #require(flat.criticalBatch?.high) < 30)
    #expect(level.law == nil && flat.minimumObservations?.value == nil)
  }

  @Test func `widens and says so if a third batch misses it`() throws {
    func updates(_ batch: Double) -> Double { 50 * (1 + 800 / batch) }
    func report(_ factor: Double) -> FitReport {
      estimate(
        group(
          [(30, updates(30)), (800, factor * updates(800)), (6_000, updates(6_000))], spread: 0.1),
        batchDeviation: 0.05)
    }
    let (exact, missed) = (report(1), report(1.8))
    #expect(exact.reason == nil)
    #expect(missed.reason?.contains("deviate from the law by more than τ and the") == true)
    #expect((try #require(exact.criticalBatch?.value) / 800 - 1).magnitude < 1e-4)
    func half(_ report: FitReport) throws -> Double {
      let critical = try #require(report.criticalBatch)
      return log(try #require(critical.high) / (try #require(critical.low))) / 2
    }
    #expect(try half(missed) > 2 * half(exact))
  }

  /// τ² + σ²/n of the weights has more freedom than σ has: with that of σ, the test rejects 2 %.
  @Test func `rejects three batches of the law in five of a hundred studies`() {
    let (studies, spread, deviation) = (isSoak ? 100_000 : 10_000, 0.1, 0.082)
    var draws = Draws(9)
    var rejected = 0
    for _ in 0..<studies {
      let strata = [30.0, 800, 6_000].map { batch in
        let centre = log(50 * (1 + 800 / batch)) + deviation * draws.normal()
        return Stratum(
          batch: batch, reached: (0..<3).map { _ in centre + spread * draws.normal() })
      }
      if EstimatedLaw(strata, batchDeviation: deviation)?.missesLaw == true { rejected += 1 }
    }
    print("rejected \(rejected) of \(studies)")
    #expect((0.042...0.058).contains(Double(rejected) / Double(studies)))
  }

  @Test func `counts a censored run as longer than its limit`() throws {
    var runs = group([(30, 1_383), (6_000, 56.7)], spread: 0.1).runs
    let whole = try #require(
      estimate(RunGroup(runs: runs), batchDeviation: 0.1).criticalBatch?.value)
    runs[2].isCensored = true
    let cut = try #require(
      estimate(RunGroup(runs: runs), batchDeviation: 0.1).criticalBatch?.value)
    #expect(cut > whole && cut < 1.3 * whole)
    runs.removeLast(5)
    #expect(estimate(RunGroup(runs: runs), batchDeviation: 0.1).verdict != .estimated)
  }

  @Test func `assumes the deviation of studies, and more where there are none`() {
    for algorithm in Algorithm.allCases {
      let known = AssumedDeviation(algorithm, .adam)
      let unknown = AssumedDeviation(algorithm, .sgd)
      #expect(known.isMeasured && known.value < unknown.value)
      #expect(!unknown.isMeasured && unknown.value == 0.15)
    }
  }
}
