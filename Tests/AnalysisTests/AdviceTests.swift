import Foundation
import Records
import Testing

@testable import Analysis

struct AdviceTests {
  private static let batches = [10, 30, 90, 270, 810, 2430]

  /// Runs of S_min = 50 and B_crit = 300 (or what is asked for).
  private static func report(
    critical: Double = 300, processors: [String] = ["c"], seconds: (_ batch: Double) -> Double
  ) throws -> FitReport {
    let trials = batches.flatMap { batch in
      [0.99, 1, 1.01].enumerated().map { seed, factor in
        trial(
          seed: seed, environments: batch / 10, steps: 10,
          updates: factor * 50 * (1 + critical / Double(batch)),
          secondsAnUpdate: seconds(Double(batch)), processor: processors[seed % processors.count])
      }
    }
    return try #require(fits(of: trials, resamples: 200).first)
  }

  /// S(2430) = 56.17 and S(270) = 105.6 < 2·56.17 < S(90): with an update of 10 ms whatever the
  /// batch the largest one is the soonest, and 270 the cheapest within twice its time.
  @Test func `picks the largest batch if updates cost the same, and 270 to save`() throws {
    let advice = try #require(try Self.report { _ in 0.01 }.advice)
    #expect(advice.soonest.batch == 2430 && advice.cheapest.batch == 270)
    #expect((advice.soonest.seconds / 0.5617 - 1).magnitude < 0.01)
    #expect((advice.cheapest.observations / (50 * 570) - 1).magnitude < 0.01)
    #expect((advice.cheapest.observationsPerSecond / 27_000 - 1).magnitude < 1e-9)
    #expect(advice.batches.map(\.batch) == Self.batches && advice.cpu == "c")
  }

  @Test func `picks the smallest batch if observations cost the same`() throws {
    let advice = try #require(try Self.report { $0 * 1e-5 }.advice)
    #expect(advice.soonest.batch == 10 && advice.cheapest == advice.soonest)
  }

  @Test func `is absent if the law is not fitted or the machines differ`() throws {
    #expect(try Self.report(critical: 1e9) { _ in 0.01 }.advice == nil)
    #expect(try Self.report(processors: ["c", "d"]) { _ in 0.01 }.advice == nil)
  }

  @Test func `is encoded beside the keys of the fit`() throws {
    for critical in [300, 1e9] {
      let report = try Self.report(critical: critical) { _ in 0.01 }
      let data = try JSONEncoder().encode(report)
      let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(object["verdict"] as? String == report.verdict.rawValue)
      let advice = object["advice"] as? [String: Any]
      #expect((object["advice"] is NSNull) == (critical == 1e9))
      if let advice { #expect(Set(advice.keys) == ["cpu", "soonest", "cheapest", "batches"]) }
    }
  }
}
