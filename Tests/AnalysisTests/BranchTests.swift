import Foundation
import Testing

@testable import Analysis

@Suite struct `Branches at larger batches` {
  /// Progress that falls with the batch as the law has it, with normal noise.
  private func scores(
    _ critical: Double, smallest: Double, count: Int, deviation: Double, repetitions: Int,
    _ random: inout SplitMix
  ) -> (start: [Double], branches: [(batch: Double, scores: [Double])]) {
    func repeated(_ mean: Double) -> [Double] {
      (0..<repetitions).map { _ in mean + deviation * random.normal() }
    }
    return (
      repeated(2),
      (0..<count).map { power in
        let batch = smallest * pow(2, Double(power))
        return (batch, repeated(2 + 5 / (1 + batch / critical)))
      }
    )
  }

  @Test(arguments: [0.1, 0.25, 0.5])
  func `lose a share of the progress where the law says`(loss: Double) throws {
    var random = SplitMix(seed: 1)
    let (start, branches) = scores(
      700, smallest: 16, count: 10, deviation: 0, repetitions: 2, &random)
    let batch = try #require(
      BranchedBatch(loss: loss, start: start, branches: branches).batch?.value)
    // (1 + B/c) = (1 + b/c)/(1 − loss)
    let expected = 700 * ((1 + 16 / 700.0) / (1 - loss) - 1)
    #expect(abs(log(batch / expected)) < 0.06, "\(batch), \(expected)")
  }

  @Test func `have intervals that cover the truth`() {
    var random = SplitMix(seed: 2)
    var covered = 0
    for seed in 0..<200 {
      let (start, branches) = scores(
        700, smallest: 16, count: 10, deviation: 0.8, repetitions: 8, &random)
      guard
        let batch = BranchedBatch(
          loss: 0.5, start: start, branches: branches, seed: seed, resamples: 400
        ).batch
      else { continue }
      if (batch.low ?? 0)...(batch.high ?? .infinity) ~= 732 { covered += 1 }
    }
    #expect(covered >= 180, "\(covered) of 200")
  }

  @Test func `that lose nothing give a bound, and those without progress no answer`() throws {
    var random = SplitMix(seed: 3)
    let free = scores(1e9, smallest: 16, count: 6, deviation: 0.1, repetitions: 8, &random)
    let bound = try #require(
      BranchedBatch(loss: 0.5, start: free.start, branches: free.branches).batch)
    #expect(bound.value == nil && bound.high == nil && bound.low == 512)
    let flat = free.branches.map { (batch: $0.batch, scores: $0.scores.map { $0 - 5 }) }
    #expect(BranchedBatch(loss: 0.5, start: free.start, branches: flat).batch == nil)
  }

  @Test func `are made monotone by the closest numbers that never rise`() {
    #expect(BranchedBatch.monotone([5, 3, 4, 1]) == [5, 3.5, 3.5, 1])
    #expect(BranchedBatch.monotone([1, 2, 3]) == [2, 2, 2])
    #expect(BranchedBatch.monotone([3, 2, 1]) == [3, 2, 1])
  }
}
