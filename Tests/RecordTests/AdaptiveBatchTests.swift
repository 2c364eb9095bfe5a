import Foundation
import Testing

@testable import Records

@Suite struct `A batch that follows the noise scale` {
  /// Sums of updates with this many environments at a noise scale, without any error.
  private func sums(
    _ noiseScale: Double, environments: Int, horizon: Int, square: Double = 1
  ) -> NoiseMoments {
    let (b, B) = (Double(2 * horizon), Double(environments * horizon))
    let trace = noiseScale * square
    return NoiseMoments(
      shardSize: 2 * horizon, batchSize: environments * horizon, updates: 10,
      shardSquares: 10 * (square + trace / b), batchSquares: 10 * (square + trace / B))
  }

  @Test(arguments: [40.0, 700, 20_000, 3e6])
  func `settles within half a doubling of the cheapest batch`(noiseScale: Double) {
    let batch = AdaptiveBatch(exchangeRate: 5_000, horizon: 16, minibatches: 1)
    var environments = batch.firstEnvironments
    for _ in 0..<20 {
      environments = batch.environments(
        after: environments, noise: sums(noiseScale, environments: environments, horizon: 16))
    }
    // The least of (B + r)(1 + N/B), by trying.
    let tried = stride(from: 1.0, through: 25, by: 0.001).map { pow(2, $0) }
    let best = tried.min {
      ($0 + 5_000) * (1 + noiseScale / $0) < ($1 + 5_000) * (1 + noiseScale / $1)
    }
    let limited = min(max(best ?? 0, Double(batch.firstBatch)), Double(batch.largestBatch))
    #expect(abs(log2(Double(environments * 16) / limited)) <= 0.501)
  }

  /// The minibatches of an epoch partition a rollout, so their summed noise is that of the batch.
  @Test func `is the same with any number of minibatches`() {
    for minibatches in [1, 4, 16] {
      let batch = AdaptiveBatch(exchangeRate: 5_000, horizon: 16, minibatches: minibatches)
      let moved = batch.environments(
        after: 128, noise: sums(2_000, environments: 128, horizon: 16))
      // √(5,000 · 2,000)/16 is 198 environments.
      #expect(moved == 256)
    }
  }

  @Test func `moves a factor of two at a time, and up where no gradient shows`() {
    let batch = AdaptiveBatch(exchangeRate: 4_096, horizon: 16, minibatches: 1)
    #expect(batch.firstEnvironments == 32)
    #expect(batch.environments(after: 64, noise: sums(1e9, environments: 64, horizon: 16)) == 128)
    #expect(batch.environments(after: 128, noise: sums(1, environments: 128, horizon: 16)) == 64)
    #expect(batch.environments(after: 32, noise: sums(1, environments: 32, horizon: 16)) == 32)
    let blind = sums(1e9, environments: 64, horizon: 16, square: -1)
    #expect(batch.environments(after: 64, noise: blind) == 128)
    #expect(batch.environments(after: 2_048, noise: blind) == 2_048)
  }

  @Test func `begins with at least four environments`() {
    func first(_ rate: Double, horizon: Int, minibatches: Int = 1) -> Int {
      AdaptiveBatch(exchangeRate: rate, horizon: horizon, minibatches: minibatches)
        .firstEnvironments
    }
    #expect(first(1, horizon: 64) == 4)
    #expect(first(1, horizon: 64, minibatches: 5) == 8)
    #expect(first(1e300, horizon: 1) == 1 << 40)
  }

  /// With N_i over steps a_i the gain is (Σ a√N)²/(Σ a · Σ aN).
  @Test func `gains what its two sums and their root say`() throws {
    let steps = [3.0, 5, 1]
    let scales = [100.0, 900, 40_000]
    let blocks = zip(steps, scales).map { steps, scale in
      // At a batch much above the noise an update is a step.
      NoiseMoments(
        shardSize: 1 << 30, batchSize: 1 << 34, updates: Int(steps),
        shardSquares: steps * (1 + scale / 0x1p30), batchSquares: steps * (1 + scale / 0x1p34))
    }
    let gain = try #require(LawWeightedNoise(blocks: blocks)?.adaptiveGain)
    let root = zip(steps, scales).reduce(0) { $0 + $1.0 * $1.1.squareRoot() }
    let sum = zip(steps, scales).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(gain - root * root / (9 * sum)) < 1e-3, "\(gain)")
    let even = try #require(LawWeightedNoise(blocks: [blocks[1], blocks[1]])?.adaptiveGain)
    #expect(abs(even - 1) < 1e-9)
  }
}
