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
    #expect(((Estimate.noiseScale(of: runs)?.value ?? 0) - 52.0 / 7).magnitude < 1e-12)
  }

  /// Runs with a noise scale of 250, so many at each batch, which are B_crit/30 to 8 B_crit.
  ///
  /// - Parameters:
  ///   - ratio: B_crit over the noise scale. It makes both sums of a batch larger or smaller.
  ///   - error: of a run's denominator, as a share. Its numerator has a third of that.
  ///   - scatter: of batches, in ln.
  private static func runs(
    _ counts: [Int], ratio: Double, error: Double, scatter: Double = 0, draws: inout Draws
  ) -> [Run] {
    counts.enumerated().flatMap { index, count in
      let batch = pow(240, Double(index) / Double(max(counts.count - 1, 1))) / 30
      let size = 40 * (1 + batch) / (1 / ratio + batch)
      let scale = 250 * exp(scatter * draws.normal())
      return (0..<count).map { seed in
        // A slow run has more of everything.
        let own = size * exp(0.3 * draws.normal())
        return Run(
          batch: 1000 * batch, seed: seed, updates: 50,
          noise: LawWeightedNoise(
            numerator: own * scale * (1 + error / 3 * draws.normal()),
            denominator: own * (1 + error * draws.normal())))
      }
    }
  }

  /// Of runs per batch, and of B_crit over the noise scale.
  private static let designs: [(counts: [Int], ratio: Double)] = [
    ([5, 5, 1, 1], 1), ([5, 1, 1, 1, 1], 1), ([3, 3, 1], 1), ([30, 5, 5, 5, 5, 5, 5, 5], 1),
    ([3, 3, 3], 2.5), ([3, 3, 3], 3), ([3, 3, 3], 4), ([3, 3, 3], 14), ([3, 3, 3], 0.3),
    ([2, 2], 14), ([1, 3], 3), ([6], 1),
  ]

  /// What a batch's sums have in common is no error of their quotient.
  @Test(arguments: designs) func `is well known where all quotients agree`(
    counts: [Int], ratio: Double
  ) throws {
    var draws = Draws(56)
    let runs = Self.runs(counts, ratio: ratio, error: 0.02, draws: &draws)
    let noise = try #require(Estimate.noiseScale(of: runs))
    let (low, high) = (try #require(noise.low), try #require(noise.high))
    #expect(low > 250 / 1.15 && high < 250 * 1.15, "\(noise)")
  }

  /// In a thousand cases, 95 % are 950 ± 7. Where the denominators differ most, by a factor of ten,
  /// the smallest batch decides, and intervals are a little too narrow.
  @Test(arguments: designs, [0, 0.3]) func `covers the true noise scale`(
    design: (counts: [Int], ratio: Double), scatter: Double
  ) {
    // The interval at one or two batches is that of the noise scale there.
    guard scatter == 0 || design.counts.count >= PooledNoise.fewestBatches else { return }
    var draws = Draws(51)
    var covered = 0
    for _ in 0..<1000 {
      let runs = Self.runs(
        design.counts, ratio: design.ratio, error: 0.25, scatter: scatter, draws: &draws)
      let noise = Estimate.noiseScale(of: runs)
      if noise.covers(250) || noise?.value == nil && (noise?.low ?? 0) < 250 { covered += 1 }
    }
    print("noise scale", design, scatter, "covered", covered)
    #expect((design.ratio == 14 ? 880...980 : 915...985).contains(covered), "\(covered) of 1000")
  }

  @Test func `a batch counts once, however many runs it has`() throws {
    func value(_ seeds: Int) throws -> Double {
      let runs = [(16.0, 100.0, seeds), (64, 200, 1), (256, 200, 1)].flatMap {
        batch, scale, count in
        (0..<count).map {
          Run(
            batch: batch, seed: $0, updates: 50,
            noise: LawWeightedNoise(numerator: 40 * scale, denominator: 40))
        }
      }
      return try #require(Estimate.noiseScale(of: runs)?.value)
    }
    let (few, many) = (try value(1), try value(30))
    #expect((few - 500.0 / 3).magnitude < 1e-9 && (many - few).magnitude < 1e-9)
  }

  /// Without the first batch the rest would be negative.
  @Test func `where nothing says whether the denominator is positive, there is no number`() {
    let runs = [(16.0, 5.0), (64, -1), (256, -3)].map { batch, steps in
      Run(
        batch: batch, seed: 0, updates: 50,
        noise: LawWeightedNoise(numerator: 1000, denominator: steps))
    }
    #expect(Estimate.noiseScale(of: runs) == nil)
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
