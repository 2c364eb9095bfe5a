import Environments
import Records
import TestSupport
import Testing

@testable import Lab

struct UpdateTimesTests {
  @Test func `the powers of two and the number of cores itself are timed, as far as they are here`()
  {
    #expect(UpdateTimes.threads(for: 1, available: 8) == [1])
    #expect(UpdateTimes.threads(for: 2, available: 8) == [1, 2])
    #expect(UpdateTimes.threads(for: 6, available: 8) == [1, 2, 4, 6])
    #expect(UpdateTimes.threads(for: 128, available: 6) == [1, 2, 4, 6])
    #expect(UpdateTimes.threads(for: 65_536, available: 1) == [1])
  }

  @Test func `each number of threads gets the time of an update, and larger ones take longer`()
    throws
  {
    func times(_ environments: Int) throws -> [Double] {
      var used: [Int] = []
      let times = try UpdateTimes.seconds(
        of: .sample(task: "catch", numEnvs: environments, numSteps: 8), threads: [1, 2],
        limit: 0.02, with: .builtIn
      ) {
        used.append($0)
      }
      // By turns.
      #expect(used.count >= 12 && used == used.indices.map { 1 + $0 % 2 })
      return times
    }
    let (small, large) = (try times(4), try times(4096))
    #expect(small.count == 2 && large.count == 2)
    // A thousand times as many observations, whatever else runs.
    for (short, long) in zip(small, large) { #expect(short > 0 && long > 10 * short) }
  }

  @Test func `an unknown task is refused`() {
    #expect(throws: PlanProblem.self) {
      try UpdateTimes.seconds(
        of: .sample(task: "none"), threads: [1], limit: 0.01, with: .builtIn)
    }
  }
}
