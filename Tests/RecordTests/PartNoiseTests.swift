import Testing

@testable import Records

struct PartNoiseTests {
  /// Moments of updates with |G|² = `square` and tr Σ = `scale`·|G|², as they are expected.
  private static func moments(_ updates: Int, scale: Double, square: Double = 1) -> NoiseMoments {
    NoiseMoments(
      shardSize: 16, batchSize: 256, updates: updates,
      shardSquares: Double(updates) * square * (1 + scale / 16),
      batchSquares: Double(updates) * square * (1 + scale / 256))
  }

  private static func parts(_ updates: Int, scale: Double) -> PartMoments {
    var parts = PartMoments(shardSize: 16, batchSize: 256)
    parts.policy = moments(updates, scale: scale)
    parts.value = moments(updates, scale: 2 * scale)
    parts.preconditioned = moments(updates, scale: scale, square: 1e-6)
    return parts
  }

  @Test(arguments: [1, 4, 64]) func `every block has a measured update`(interval: Int) {
    var start = 0
    while start < 100_000 {
      let end = NoiseMoments.nextBlockEnd(after: start)
      #expect((start + 1...end).contains { PartMoments.isMeasured($0, interval: interval) })
      start = end
    }
  }

  @Test func `a block counts with all its updates, however few are measured`() throws {
    let whole = PartNoise(
      interval: 1, blocks: [(Self.parts(10, scale: 100), 10), (Self.parts(90, scale: 400), 90)])
    let sampled = PartNoise(
      interval: 9, blocks: [(Self.parts(5, scale: 100), 10), (Self.parts(3, scale: 400), 90)])
    for part in [\PartNoise.policy, \.value, \.preconditioned] {
      let (all, some) = try (#require(whole[keyPath: part]), #require(sampled[keyPath: part]))
      #expect(abs(all.numerator / some.numerator - 1) < 1e-12)
      #expect(abs(all.denominator / some.denominator - 1) < 1e-12)
    }
    // 10 and 90 updates at 1/(1 + N/B) of an infinite batch's progress.
    let steps = 10 / (1 + 100.0 / 256) + 90 / (1 + 400.0 / 256)
    #expect(abs(try #require(whole.policy).denominator / steps - 1) < 1e-12)
  }

  @Test func `a block without a measured update says nothing`() throws {
    let noise = PartNoise(
      interval: 9, blocks: [(Self.parts(5, scale: 100), 10), (Self.parts(0, scale: 1), 3)])
    #expect(abs(try #require(noise.policy?.estimate) / 100 - 1) < 1e-12)
    #expect(
      PartNoise(interval: 9, blocks: [(Self.parts(0, scale: 1), 3)]).policy == nil)
  }
}
