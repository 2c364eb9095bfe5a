import TestSupport
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

  @Test(arguments: [1, 2, 4, 64]) func `one update of every k is measured, in the middle`(k: Int) {
    for start in stride(from: 0, to: 10 * k, by: k) {
      let measured = (start..<start + k).filter { PartMoments.isMeasured($0, interval: k) }
      #expect(measured == [start + k / 2])
    }
  }

  /// Marks at the ends of blocks, each given by its updates, the measured ones and tr Σ/|G|².
  private static func marks(
    _ blocks: [(updates: Int, measured: Int, scale: Double)]
  ) -> [PartNoise.Mark] {
    var (updates, sums) = (0, PartMoments(shardSize: 16, batchSize: 256))
    return blocks.map { block in
      let own = parts(block.measured, scale: block.scale)
      updates += block.updates
      for part in [\PartMoments.policy, \.value, \.preconditioned] {
        sums[keyPath: part].updates += block.measured
        sums[keyPath: part].shardSquares += own[keyPath: part].shardSquares
        sums[keyPath: part].batchSquares += own[keyPath: part].batchSquares
      }
      return PartNoise.Mark(updates: updates, sums: sums)
    }
  }

  private static func noise(
    _ blocks: [(updates: Int, measured: Int, scale: Double)], total: Double?
  ) -> PartNoise {
    PartNoise(
      interval: 9, marks: marks(blocks),
      total: total.map { LawWeightedNoise(numerator: $0, denominator: 1) })
  }

  @Test func `a block counts with all its updates, however few are measured`() throws {
    let whole = Self.noise([(10, 10, 100), (90, 90, 400)], total: 0)
    let sampled = Self.noise([(10, 5, 100), (90, 3, 400)], total: 0)
    for part in [\PartNoise.policy, \.value, \.preconditioned] {
      let (all, some) = try (#require(whole[keyPath: part]), #require(sampled[keyPath: part]))
      #expect(abs(all.numerator / some.numerator - 1) < 1e-12)
      #expect(abs(all.denominator / some.denominator - 1) < 1e-12)
    }
    // 10 and 90 updates at 1/(1 + N/B) of an infinite batch's progress.
    let steps = 10 / (1 + 100.0 / 256) + 90 / (1 + 400.0 / 256)
    #expect(abs(try #require(whole.policy).denominator / steps - 1) < 1e-12)
  }

  @Test func `neighbouring blocks are joined until enough of their updates are measured`() throws {
    // Blocks of one: with a total of N = B each needs four, so the fifth joins the last of four.
    let single = (updates: 10, measured: 1, scale: 100.0)
    let last = (updates: 10, measured: 1, scale: 400.0)
    let joined = Self.noise([single, single, single, single, last], total: 256)
    let one = Self.noise([(50, 5, 160)], total: 256)
    #expect(
      abs(try #require(joined.policy).denominator / (try #require(one.policy).denominator) - 1)
        < 1e-12)
    // With N = 0 two are enough.
    let pairs = Self.noise([single, single, last, last], total: 0)
    let steps = 20 / (1 + 100.0 / 256) + 20 / (1 + 400.0 / 256)
    #expect(abs(try #require(pairs.policy).denominator / steps - 1) < 1e-12)
    // Without an estimate for the total, and with a negative one.
    #expect(Self.noise([single, single, last, last], total: nil).policy?.denominator != steps)
    #expect(Self.noise([single, single, last, last], total: -9).policy == pairs.policy)
  }

  @Test func `updates at the end belong to the last block, measured or not`() throws {
    let noise = try #require(Self.noise([(10, 5, 100), (3, 0, 1)], total: 0).policy)
    #expect(abs(try #require(noise.estimate) / 100 - 1) < 1e-12)
    #expect(abs(noise.denominator / (13 / (1 + 100.0 / 256)) - 1) < 1e-12)
    #expect(Self.noise([(3, 0, 1)], total: 0).policy == nil)
    #expect(Self.noise([], total: 0).policy == nil)
  }

  /// Gradients of 8 dimensions with N/B = 5 and 32 updates for each that is measured. Blocks of
  /// single measured updates would find 1.4 to 2 times the true value.
  @Test func `a noise scale far above the batch is found from few measured updates`() throws {
    var random = Draws(1)
    var sums = LawWeightedNoise()
    let (dimensions, shards, batch, scale) = (8, 16, 1_600, 8_000.0)
    for _ in 0..<60 {
      var (marks, moments) = ([PartNoise.Mark](), PartMoments(shardSize: 100, batchSize: batch))
      var end = 1
      for update in 1...1_200 {
        if PartMoments.isMeasured(update, interval: 32) {
          var (mean, square) = ([Double](repeating: 0, count: dimensions), 0.0)
          for _ in 0..<shards {
            for index in 0..<dimensions {
              let noise = random.normal() * (scale / 100 / Double(dimensions)).squareRoot()
              let own = (index == 0 ? 1 : 0) + noise
              mean[index] += own / Double(shards)
              square += own * own / Double(shards)
            }
          }
          let squares = (square, mean.reduce(0) { $0 + $1 * $1 })
          moments.add(policy: squares, value: squares, preconditioned: squares)
        }
        guard update == end || update == 1_200 else { continue }
        marks.append(PartNoise.Mark(updates: update, sums: moments))
        end = NoiseMoments.nextBlockEnd(after: update)
      }
      let total = LawWeightedNoise(numerator: scale, denominator: 1)
      sums += try #require(PartNoise(interval: 32, marks: marks, total: total).policy)
    }
    let ratio = try #require(sums.estimate) / scale
    #expect(ratio > 0.8 && ratio < 1.25, "\(ratio)")
  }
}
