import Foundation
import TestSupport
import Testing

@testable import Analysis

struct CensoringTests {
  private static let grid = batches(8, from: 25, factor: 2.5)

  private static func study(_ draws: inout Draws) -> [Run] {
    // E = 25,000 (1 + B/500): large batches run out of the budget, the two largest mostly.
    runs(
      minimumUpdates: 50, criticalBatch: 500, batches: grid, seeds: 6, spread: 0.3,
      budget: 300_000, draws: &draws)
  }

  @Test func `recovers the truth from censored runs where dropping them does not`() throws {
    var draws = Draws(11)
    var (kept, dropped, naive) = (0.0, 0.0, 0.0)
    let repetitions = 100
    for _ in 0..<repetitions {
      let runs = Self.study(&draws)
      #expect(runs.contains { $0.isCensored })
      let all = try #require(fit(RunGroup(runs: runs), resamples: 0).law)
      let some = try #require(
        fit(RunGroup(runs: runs.filter { !$0.isCensored }), resamples: 0).law)
      let believed = runs.map { Run(batch: $0.batch, seed: $0.seed, updates: $0.updates) }
      let most = try #require(fit(RunGroup(runs: believed), resamples: 0).law)
      kept += log(all.criticalBatch / 500) / Double(repetitions)
      dropped += log(some.criticalBatch / 500) / Double(repetitions)
      naive += log(most.criticalBatch / 500) / Double(repetitions)
    }
    print("bias of ln B_crit: censored", kept, "dropped", dropped, "limits believed", naive)
    #expect(kept.magnitude < 0.04)
    #expect(dropped > 0.2)
    #expect(naive > 0.2)
  }

  /// Somewhat less often than without: 0.88 of 600 repetitions with six seeds a batch.
  @Test func `covers the truth with censored runs`() {
    var draws = Draws(12)
    var covered = 0
    let repetitions = 200
    for repetition in 0..<repetitions {
      let report = fit(
        RunGroup(runs: Self.study(&draws)), seed: repetition, resamples: 300)
      if report.criticalBatch.covers(500) { covered += 1 }
    }
    print("coverage with censored runs in \(repetitions):", covered)
    #expect(Double(covered) / Double(repetitions) >= 0.85)
  }

  /// The likelihood written out plainly; no neighbour of the fit may be likelier.
  @Test(arguments: 1...5) func `finds the greatest likelihood`(seed: Int) throws {
    var draws = Draws(seed)
    let runs = Self.study(&draws)
    let strata = StratifiedRuns(runs).strata
    let shape = LawShape(logBatches: strata.map { log($0.batch) })
    let found = CensoredLikelihood(strata, shape: shape).fit()
    func likelihood(_ critical: Double, _ level: Double, _ spread: Double) -> Double {
      strata.reduce(0) { sum, stratum in
        let centre = level + log(1 + exp(critical) / stratum.batch)
        let density = stratum.reached.reduce(0) {
          $0 - log(spread) - pow(($1 - centre) / spread, 2) / 2
        }
        let tails = stratum.limits.reduce(0) {
          $0 + log(0.5 * erfc(($1 - centre) / spread / 2.0.squareRoot()))
        }
        return sum + (density + tails) / Double(stratum.count)
      }
    }
    let best = likelihood(found.logCritical, found.level, found.spread)
    for _ in 0..<2000 {
      let size = pow(10, -4 * draws.uniform())
      let other = likelihood(
        found.logCritical + size * draws.normal(), found.level + size * draws.normal(),
        found.spread * exp(size * draws.normal()))
      #expect(other <= best + 1e-10)
    }
  }

  @Test func `is least squares of the batch means without censored runs`() throws {
    var draws = Draws(14)
    var runs = runs(
      minimumUpdates: 50, criticalBatch: 500, batches: Self.grid, seeds: 6, spread: 0.3,
      draws: &draws)
    runs.removeAll { $0.batch == 25 && $0.seed != 0 }
    let strata = StratifiedRuns(runs).strata
    let shape = LawShape(logBatches: strata.map { log($0.batch) })
    let squares = try #require(LawFit(strata, shape: shape))
    let likelihood = CensoredLikelihood(strata, shape: shape).fit()
    #expect((squares.logCritical - likelihood.logCritical).magnitude < 1e-5)
    #expect((squares.level - likelihood.level).magnitude < 1e-5)
  }

  @Test func `knows the tail of the normal distribution far out`() {
    // ln P(Z > x) from tables of extended precision.
    for (x, tail) in [(0.0, -0.693147), (5, -15.064998), (10, -53.231285), (30, -454.321244)] {
      #expect((logTail(x) - tail).magnitude < 1e-5)
    }
    #expect((logTail(19.9999999) - logTail(20.0000001)).magnitude < 1e-4)
    #expect((tailHazard(1000) - 1000.001).magnitude < 1e-6)
  }

  @Test func `counts batches with only censored runs but does not call them reached`() {
    var runs = exactRuns(
      minimumUpdates: 50, criticalBatch: 100, batches: [10, 40, 160])
    runs += [640, 2560].map { Run(batch: $0, updates: 20, isCensored: true) }
    let report = fit(RunGroup(runs: runs))
    #expect(report.verdict == .tooFew)
    #expect(report.batches == 5 && report.censored == 2)
  }

  @Test func `says so when no run reached the target`() {
    let runs = [10.0, 100, 1000, 10_000].map { Run(batch: $0, updates: 9, isCensored: true) }
    let report = fit(RunGroup(runs: runs))
    #expect(report.verdict == .tooFew)
    #expect(report.reason == "no run reached the target")
    #expect(report.criticalBatch == nil && report.censored == 4)
  }
}
