import Foundation
import Testing

@testable import Environments
@testable import Lab

struct ScoreTests {
  private static func sample(_ scores: [Double]) -> ScoreSample {
    var sample = ScoreSample()
    sample.add(scores)
    return sample
  }

  @Test func `mean and standard error are those of the numbers`() {
    // Mean 4, variance (9 + 1 + 1 + 9)/3.
    let sample = Self.sample([1, 3, 5, 7])
    #expect(sample.episodes == 4 && sample.mean == 4)
    #expect(abs(sample.error - (20.0 / 3 / 4).squareRoot()) < 1e-12)
    var parts = Self.sample([1, 3])
    parts.add(Self.sample([5]))
    parts.add([7])
    #expect(parts.episodes == 4 && parts.mean == 4 && parts.error == sample.error)
    #expect(Self.sample([2]).error == 0)
    // Sums of squares that lose all their digits give no negative root.
    #expect(Self.sample(Array(repeating: 0.1, count: 1_000)).error < 1e-8)
  }

  @Test func `decides only beyond three standard errors`() {
    // With −1 and 1 counted as well: mean 0, standard error 1/√17 = 0.2425.
    let sample = Self.sample((0..<16).map { $0.isMultiple(of: 2) ? 1 : -1 })
    #expect(sample.isClearlyAbove(-0.73, range: -1...1) == true)
    #expect(sample.isClearlyAbove(-0.72, range: -1...1) == nil)
    #expect(sample.isClearlyAbove(0.72, range: -1...1) == nil)
    #expect(sample.isClearlyAbove(0.73, range: -1...1) == false)
  }

  @Test func `equal scores don't decide a close target`() {
    // 17 hits and a miss: mean 8/9, standard error 1/9.
    let sample = Self.sample(Array(repeating: 1, count: 16))
    #expect(sample.isClearlyAbove(0.56, range: -1...1) == nil)
    #expect(sample.isClearlyAbove(0.55, range: -1...1) == true)
    #expect(Self.sample([]).isClearlyAbove(0, range: -1...1) == nil)
  }

  /// How often an evaluation of 512 episodes, which looks after 8, 16, … of them, decides
  /// early and wrongly.
  private static func errorRate(
    of target: Double, repetitions: Int, draw: (inout RandomStream) -> Double
  ) -> Double {
    var random = Seed(17).stream(.evaluation)
    var wrong = 0
    for _ in 0..<repetitions {
      var sample = ScoreSample()
      while sample.episodes < 512 {
        let more = max(sample.episodes, TargetTest.firstLook)
        sample.add((0..<more).map { _ in draw(&random) })
        guard sample.episodes < 512 else { break }
        guard let answer = sample.isClearlyAbove(target, range: -1...1) else { continue }
        if answer { wrong += 1 }
        break
      }
    }
    return Double(wrong) / Double(repetitions)
  }

  /// Scores that are spread evenly, with a true mean just below the target.
  @Test func `errs no more often than it says`() {
    let rate = Self.errorRate(of: 0, repetitions: 20_000) { random in
      2 * random.unit() - 1 - 1e-9
    }
    #expect((0.001...0.01).contains(rate), "\(rate)")
  }

  /// Hits and misses, at the targets of catch.
  @Test(arguments: [(0, 0.03), (0.5, 0.036), (0.9, 0.016)])
  func `errs no more often than it says on hits and misses`(target: Double, bound: Double) {
    let rate = Self.errorRate(of: target, repetitions: 20_000) { random in
      random.unit() < (1 + target) / 2 - 1e-9 ? 1 : -1
    }
    #expect(rate < bound, "\(rate)")
    #expect(rate > bound / 4, "\(rate)")
  }
}
