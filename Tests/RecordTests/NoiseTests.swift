import Foundation
import Records
import TestSupport
import Testing

@Suite struct `The noise scale` {
  /// |g|² and mean |gₛ|² in expectation, for a gradient of square `G2` and a covariance of
  /// trace `trace` per observation: |G|² + tr Σ/n.
  private func moments(G2: Double, trace: Double, updates: Int) -> NoiseMoments {
    var moments = NoiseMoments(shardSize: 16, batchSize: 256)
    for _ in 0..<updates {
      moments.add(meanShardSquare: G2 + trace / 16, batchSquare: G2 + trace / 256)
    }
    return moments
  }

  @Test func `is recovered from expected norms`() throws {
    let moments = moments(G2: 0.5, trace: 200, updates: 7)
    #expect(abs(try #require(moments.gradientSquare) - 0.5) < 1e-9)
    #expect(abs(try #require(moments.covarianceTrace) - 200) < 1e-9)
    let law = try #require(LawWeightedNoise(blocks: [moments]))
    #expect(abs(try #require(law.estimate) - 400) < 1e-6)
    // A step at batch B counts 1/(1 + B_noise/B).
    #expect(abs(law.denominator - 7 / (1 + 400 / 256.0)) < 1e-9)
  }

  @Test func `agrees with the closed form of a two-armed bandit`() throws {
    // π of the better arm, baseline 0: tr Σ/|G|² = (1 − π)/π for the score function of a logit.
    let probability = 0.3
    var random = Draws(7)
    var moments = NoiseMoments(shardSize: 8, batchSize: 128)
    for _ in 0..<20_000 {
      let shards = (0..<16).map { _ in
        (0..<8).reduce(0.0) { sum, _ in
          Double.random(in: 0..<1, using: &random) < probability ? sum + (1 - probability) : sum
        } / 8
      }
      let mean = shards.reduce(0, +) / 16
      moments.add(
        meanShardSquare: shards.reduce(0) { $0 + $1 * $1 } / 16, batchSquare: mean * mean)
    }
    let estimate = try #require(LawWeightedNoise(blocks: [moments])?.estimate)
    #expect(abs(estimate - 0.7 / 0.3) < 0.15)
  }

  @Test func `stays negative or nil where the gradient drowns, never clamped`() throws {
    var moments = NoiseMoments(shardSize: 16, batchSize: 256)
    moments.add(meanShardSquare: 20, batchSquare: 1)
    #expect(try #require(moments.gradientSquare) < 0)
    #expect(LawWeightedNoise(blocks: [moments])?.estimate == nil)
  }

  @Test func `says nothing with a single shard or without updates`() {
    var single = NoiseMoments(shardSize: 64, batchSize: 64)
    single.add(meanShardSquare: 1, batchSquare: 1)
    #expect(single.gradientSquare == nil && single.covarianceTrace == nil)
    #expect(NoiseMoments(shardSize: 16, batchSize: 64).gradientSquare == nil)
    #expect(LawWeightedNoise(blocks: [single]) == nil)
  }

  @Test func `of a stretch is what was added during it`() throws {
    let early = moments(G2: 1, trace: 100, updates: 3)
    var late = early
    late.add(meanShardSquare: 9, batchSquare: 4)
    let stretch = late.since(early)
    #expect(stretch.updates == 1 && stretch.shardSquares == 9 && stretch.batchSquares == 4)
  }
}

@Suite struct `Settings of a trial` {
  @Test(arguments: [(1, 1), (2, 2), (7, 7), (16, 16), (17, 1), (24, 12), (160, 16), (26, 13)])
  func `make shards of the largest divisor up to sixteen`(environments: Int, shards: Int) {
    let settings = TrialSettings.sample(numEnvs: environments)
    #expect(settings.shards == shards)
    #expect(settings.batch == Observations(environments * 8))
  }

  @Test(arguments: ["64-64", "", "8"])
  func `read layer sizes as they are written`(text: String) throws {
    #expect(try #require(LayerSizes(text)).description == text)
  }

  @Test(arguments: ["64-", "-64", "0", "6x4", "64--64", "64-0"])
  func `refuse layer sizes that make no network`(text: String) {
    #expect(LayerSizes(text) == nil)
  }

  @Test func `archive what is not set as an explicit null`() throws {
    let encoder = JSONEncoder()
    let data = try encoder.encode(Hyperparameters())
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("\"max_grad_norm\":null"))
    #expect(try JSONDecoder().decode(Hyperparameters.self, from: data) == Hyperparameters())
    let without = text.replacingOccurrences(of: "\"max_grad_norm\":null,", with: "")
    if without != text {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(Hyperparameters.self, from: Data(without.utf8))
      }
    }
  }
}
