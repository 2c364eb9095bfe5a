import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

struct NoiseTests {
  private static func runs(
    scale: Double, seeds: Int, spread: Double, denominator: Double = 40, draws: inout Draws
  ) -> [Run] {
    batches(5, from: 16, factor: 4).flatMap { batch in
      (0..<seeds).map { seed in
        let steps = denominator + spread * draws.normal()
        return Run(
          batch: batch, seed: seed, updates: 50 * (1 + 300 / batch),
          noise: LawWeightedNoise(
            numerator: 40 * scale * (1 + 0.1 * draws.normal()), denominator: steps))
      }
    }
  }

  @Test func `is the sum of numerators over the sum of denominators`() {
    let runs = [(10.0, 2.0), (12, 2), (30, 3)].enumerated().map { index, sums in
      Run(
        batch: 16, seed: index, updates: 100,
        noise: LawWeightedNoise(numerator: sums.0, denominator: sums.1))
    }
    // Averaging the quotients would give 7.
    #expect(Estimate.noiseScale(of: runs)?.value == 52.0 / 7)
  }

  /// Batches differ by a scatter of their own, as they do in the reference studies.
  @Test(arguments: [0.0, 0.23]) func `covers the true noise scale`(scatter: Double) {
    var draws = Draws(51)
    var covered = 0
    for _ in 0..<200 {
      let runs = batches(5, from: 16, factor: 4).flatMap { batch in
        let scale = 250 * exp(scatter * draws.normal())
        return (0..<5).map { seed in
          let steps = 40 + 8 * draws.normal()
          return Run(
            batch: batch, seed: seed, updates: 50,
            noise: LawWeightedNoise(
              numerator: 40 * scale * (1 + 0.1 * draws.normal()), denominator: steps))
        }
      }
      if Estimate.noiseScale(of: runs).covers(250) { covered += 1 }
    }
    #expect((180...199).contains(covered), "\(covered) of 200")
  }

  @Test func `takes its interval from the runs where there are one or two batches`() throws {
    func runs(_ count: Int) -> [Run] {
      var draws = Draws(55)
      return Self.runs(scale: 250, seeds: 6, spread: 4, draws: &draws).filter {
        $0.batch < 16 * pow(4, Double(count) - 0.5)
      }
    }
    let one = try #require(Estimate.noiseScale(of: runs(1)))
    let two = try #require(Estimate.noiseScale(of: runs(2)))
    let (width, narrower) = try (
      #require(one.high) - #require(one.low), #require(two.high) - #require(two.low)
    )
    // Two batches as draws would have the quantile 12.7 instead of 2.2.
    #expect(narrower < 1.5 * width)
  }

  @Test func `is only bounded where the denominator may be zero`() throws {
    var draws = Draws(52)
    let runs = Self.runs(scale: 250, seeds: 4, spread: 60, denominator: 5, draws: &draws)
    let noise = try #require(Estimate.noiseScale(of: runs))
    #expect(noise.value == nil && noise.high == nil)
    #expect(try #require(noise.low) > 0)
  }

  @Test func `has no interval with a single run and is absent without moments`() throws {
    var draws = Draws(53)
    let runs = Self.runs(scale: 250, seeds: 1, spread: 1, draws: &draws)
    let single = try #require(Estimate.noiseScale(of: Array(runs.prefix(1))))
    #expect(single.value != nil && single.low == nil && single.high == nil)
    #expect(fit(RunGroup(runs: [Run(batch: 1, updates: 1)])).noiseScale == nil)
  }

  @Test func `leaves out runs that did not reach the target`() {
    var draws = Draws(54)
    var runs = Self.runs(scale: 250, seeds: 3, spread: 1, draws: &draws)
    let expected = fit(RunGroup(runs: runs)).noiseScale
    runs.append(
      Run(
        batch: 16, seed: 9, updates: 5000, isCensored: true,
        noise: LawWeightedNoise(numerator: 1e9, denominator: 1)))
    #expect(expected != nil)
    #expect(fit(RunGroup(runs: runs)).noiseScale == expected)
  }
}
