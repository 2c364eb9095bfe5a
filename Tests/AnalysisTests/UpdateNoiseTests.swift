import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

/// The noise scale of single runs on processes whose noise scale is known.
struct UpdateNoiseTests {
  /// One update's moments: a gradient of square `square` in the first of `dimensions`, and noise of
  /// total variance `trace` per observation.
  private static func update(
    square: Double, trace: Double, batch: Int, shards: Int = 16, dimensions: Int = 20,
    draws: inout Draws
  ) -> NoiseMoments {
    let deviation = (trace / Double(dimensions) * Double(shards) / Double(batch)).squareRoot()
    var (shardSquares, mean) = (0.0, [Double](repeating: 0, count: dimensions))
    for _ in 0..<shards {
      for dimension in 0..<dimensions {
        let number =
          (dimension == 0 ? square.squareRoot() : 0) + deviation * draws.normal()
        shardSquares += number * number
        mean[dimension] += number / Double(shards)
      }
    }
    var moments = NoiseMoments(shardSize: batch / shards, batchSize: batch)
    moments.add(
      meanShardSquare: shardSquares / Double(shards),
      batchSquare: mean.reduce(0) { $0 + $1 * $1 })
    return moments
  }

  @Test(arguments: [(100.0, 16), (100, 128), (100, 1_024), (3_000, 1_024)])
  func `intervals cover a constant noise scale`(truth: Double, batch: Int) throws {
    var draws = Draws(7)
    var covered = 0
    for _ in 0..<200 {
      let updates = (0..<120).map { _ in
        Self.update(square: 1, trace: truth, batch: batch, draws: &draws)
      }
      let estimate = try #require(UpdateNoise(updates)?.lawWeighted)
      let (low, high) = (estimate.low ?? 0, estimate.high ?? .infinity)
      covered += low <= truth && truth <= high ? 1 : 0
    }
    #expect(covered >= 180, "\(covered) of 200")
  }

  @Test func `without a gradient there is a bound and never a number`() {
    var draws = Draws(8)
    var bounds = 0
    for _ in 0..<200 {
      let updates = (0..<60).map { _ in
        Self.update(square: 0, trace: 50, batch: 64, draws: &draws)
      }
      guard let estimate = UpdateNoise(updates)?.lawWeighted else { continue }
      // One in forty is significantly positive by chance.
      bounds += estimate.value == nil ? 1 : 0
      if estimate.value == nil {
        #expect(estimate.high == nil)
        #expect((estimate.low ?? 0) > 0 && (estimate.low ?? 0).isFinite)
      }
    }
    #expect(bounds >= 185, "\(bounds) of 200")
  }

  @Test func `one update makes one block, and no update or a single shard nothing`() {
    var draws = Draws(9)
    #expect(UpdateNoise([]) == nil)
    let single = NoiseMoments(
      shardSize: 64, batchSize: 64, updates: 1, shardSquares: 1, batchSquares: 1)
    #expect(UpdateNoise([single]) == nil)
    let one = UpdateNoise([Self.update(square: 1, trace: 10, batch: 64, draws: &draws)])
    #expect(one?.blocks.count == 1)
  }

  /// A quadratic loss falls from 1 to 0.01 with dL = −η·L/(1 + c/(L·B)) and |G|² = L, tr Σ = c: its
  /// updates follow S(B) = (ln(L₀/L₁) + c/B·(1/L₁ − 1/L₀))/η, so that B_crit = 99c/ln 100 = 21.4976c
  /// is the law-weighted average to be found.
  @Test(arguments: [1.0, 4, 16, 64, 256, 1_024], [0.1, 0.3])
  func `the average over a run predicts the critical batch of a known law`(
    batch: Double, rate: Double
  ) throws {
    let scale = 1_000.0
    var draws = Draws(10)
    var runs: [UpdateNoise] = []
    for _ in 0..<10 {
      var (loss, updates) = (1.0, [NoiseMoments]())
      while loss > 0.01 {
        updates.append(
          Self.update(
            square: loss, trace: scale, batch: Int(batch * scale), shards: 8, dimensions: 50,
            draws: &draws))
        loss *= exp(-rate / (1 + 1 / (loss * batch)))
      }
      runs.append(try #require(UpdateNoise(updates)))
    }
    let truth = scale * 99 / log(100)
    let found = try #require(UpdateNoise.lawWeighted(of: runs)?.value)
    #expect(abs(log(found / truth)) < log(1.25), "\(found) instead of \(truth)")
  }

  /// Observations of one environment share a part of their gradient, with correlation ρ. In units
  /// of the noise per observation the mean of a batch has the variance (1 + (T − 1)·ρ)/N, so that is
  /// what decides how far a batch goes. Shards of whole environments see it; shards of shuffled
  /// observations don't, because each holds a part of every environment.
  @Test func `shards must be whole environments where observations are correlated`() throws {
    var draws = Draws(11)
    let (environments, horizon, correlation) = (64, 32, 0.3)
    let (square, trace, shards, dimensions) = (0.01, 1.0, 16, 10)
    let count = environments * horizon
    let own = (trace * (1 - correlation) / Double(dimensions)).squareRoot()
    let shared = (trace * correlation / Double(dimensions)).squareRoot()
    func moments(_ shardOf: (Int, Int) -> Int, _ gradients: [[Double]]) -> NoiseMoments {
      var sums = [[Double]](
        repeating: [Double](repeating: 0, count: dimensions), count: shards)
      for environment in 0..<environments {
        for step in 0..<horizon {
          for dimension in 0..<dimensions {
            sums[shardOf(environment, step)][dimension] +=
              gradients[environment * horizon + step][dimension]
          }
        }
      }
      let size = Double(count / shards)
      let means = sums.map { $0.map { $0 / size } }
      let total = (0..<dimensions).map { dimension in
        means.reduce(0) { $0 + $1[dimension] } / Double(shards)
      }
      var moments = NoiseMoments(shardSize: count / shards, batchSize: count)
      moments.add(
        meanShardSquare: means.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } / Double(shards),
        batchSquare: total.reduce(0) { $0 + $1 * $1 })
      return moments
    }
    var (whole, shuffled) = ([NoiseMoments](), [NoiseMoments]())
    for _ in 0..<400 {
      var gradients = [[Double]](
        repeating: [Double](repeating: 0, count: dimensions), count: count)
      for environment in 0..<environments {
        let common = (0..<dimensions).map { _ in shared * draws.normal() }
        for step in 0..<horizon {
          for dimension in 0..<dimensions {
            gradients[environment * horizon + step][dimension] =
              (dimension == 0 ? square.squareRoot() : 0) + common[dimension]
              + own * draws.normal()
          }
        }
      }
      whole.append(moments({ environment, _ in environment * shards / environments }, gradients))
      shuffled.append(moments({ environment, step in (step + environment) % shards }, gradients))
    }
    let truth = trace * (1 + Double(horizon - 1) * correlation) / square
    let right = try #require(UpdateNoise(whole)?.lawWeighted?.value)
    #expect(abs(right / truth - 1) < 0.1, "\(right) instead of \(truth)")
    let wrong = try #require(UpdateNoise(shuffled)?.lawWeighted?.value)
    // What is shared counts as a gradient: nothing finds more than N/(D − 1).
    let cap = Double(count) / (Double(horizon - 1) * correlation)
    #expect(wrong < cap && wrong < truth / 10, "\(wrong)")
  }
}
