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
    #expect(dropped > 0.1)
    #expect(naive > 0.1)
  }

  /// Where only a few batches were finished, no deviation beyond them seems likely.
  @Test func `unfinished batches that agree with the law widen nothing`() throws {
    func stratum(_ batch: Double, _ updates: Double, isReached: Bool) -> Stratum {
      Stratum(
        batch: batch, reached: isReached ? [log(updates)] : [],
        limits: isReached ? [] : [log(updates)])
    }
    let finished = [(64.0, 5210.0), (4096, 480), (65_536, 450)].map {
      stratum($0, $1, isReached: true)
    }
    let others = [(256.0, 1500.0), (1024, 500), (16_384, 400)].map {
      stratum($0, $1, isReached: false)
    }
    let alone = try #require(LawFit(finished))
    let all = try #require(LawFit((finished + others).sorted { $0.batch < $1.batch }))
    #expect(all.batchDeviation < 0.1 && alone.batchDeviation < 0.1)
    #expect(log(all.law.criticalBatch / alone.law.criticalBatch).magnitude < 0.05)
  }

  private static let odd = Stratum(batch: 100, reached: [2.1, 2.5, 1.7], limits: [2.2, 2.6])

  /// ∫ φ(u) Π φ((y − μ − τu)/σ)/σ Π P(Z > (limit − μ − τu)/σ) du, by 20,001 equal steps.
  private static func integral(_ stratum: Stratum, _ centre: Double, _ sigma: Double, _ tau: Double)
    -> Double
  {
    let step = 20.0 / 20_000
    let sum = (0...20_000).reduce(0.0) { sum, index in
      let u = -10 + step * Double(index)
      let density = stratum.reached.reduce(-u * u / 2 - log(2 * .pi) / 2) {
        $0 - log(sigma) - pow(($1 - centre - tau * u) / sigma, 2) / 2
      }
      let tails = stratum.limits.reduce(0) {
        $0 + log(0.5 * erfc(($1 - centre - tau * u) / sigma / 2.0.squareRoot()))
      }
      return sum + step * exp(density + tails)
    }
    return log(sum)
  }

  @Test(arguments: [0, 0.05, 0.3, 2], [1.5, 2.2, 4])
  func `integrates what a batch is off`(tau: Double, centre: Double) {
    let likelihood = BatchLikelihood(Self.odd, seedDeviation: 0.25, batchDeviation: tau)
    let terms = likelihood.at(centre)
    #expect((terms.value - Self.integral(Self.odd, centre, 0.25, tau)).magnitude < 1e-6)
    let step = 1e-4
    let (below, above) = (likelihood.at(centre - step).value, likelihood.at(centre + step).value)
    #expect(
      (terms.slope - (above - below) / (2 * step)).magnitude < 1e-4 * (1 + terms.slope.magnitude))
    let bend = (2 * terms.value - above - below) / (step * step)
    #expect((terms.information - bend).magnitude < 1e-3 * (1 + bend))
  }

  /// What is left out without censored runs depends on neither μ nor τ.
  @Test func `is the density of the mean without censored runs`() {
    let stratum = Stratum(batch: 100, reached: [2.1, 2.5, 1.7])
    func rest(_ centre: Double, _ tau: Double) -> Double {
      BatchLikelihood(stratum, seedDeviation: 0.25, batchDeviation: tau).at(centre).value
        - Self.integral(stratum, centre, 0.25, tau)
    }
    for (centre, tau) in [(1.5, 0.05), (2, 0.4), (3, 1.1)] {
      #expect((rest(centre, tau) - rest(2.1, 0.2)).magnitude < 1e-6)
    }
  }

  /// The values and weights that stand for censored batches have the likelihood's maximum: no
  /// neighbour of the law is likelier, at the σ and τ that were found.
  @Test(arguments: 1...3) func `finds the greatest likelihood`(seed: Int) throws {
    var draws = Draws(seed)
    let strata = StratifiedRuns(Self.study(&draws)).strata
    let found = try #require(LawFit(strata))
    let sigma = try #require(found.seedDeviation)
    func likelihood(_ critical: Double, _ level: Double) -> Double {
      strata.reduce(0) { sum, stratum in
        let centre = level + log(1 + exp(critical) / stratum.batch)
        return sum
          + BatchLikelihood(
            stratum, seedDeviation: sigma, batchDeviation: found.batchDeviation
          ).at(centre).value
      }
    }
    let best = likelihood(found.fit.logCritical, found.fit.level)
    for _ in 0..<500 {
      let size = pow(10, -4 * draws.uniform())
      let other = likelihood(
        found.fit.logCritical + size * draws.normal(), found.fit.level + size * draws.normal())
      #expect(other <= best + 1e-7)
    }
  }

  @Test func `a censored run far below the others changes nothing`() throws {
    var draws = Draws(15)
    var runs = runs(
      minimumUpdates: 50, criticalBatch: 500, batches: Self.grid, seeds: 4, spread: 0.2,
      draws: &draws)
    let without = try #require(fit(RunGroup(runs: runs)).criticalBatch?.value)
    runs.append(Run(batch: 25, updates: 1, isCensored: true))
    let with = try #require(fit(RunGroup(runs: runs)).criticalBatch?.value)
    #expect((with / without - 1).magnitude < 1e-3)
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
