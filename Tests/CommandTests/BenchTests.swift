import Foundation
import TestSupport
import Testing

/// What `batchlab bench` says, and what an update allocates.
struct BenchTests {
  private static let counter = "libAllocationCounter.so"

  private func bench(_ name: String, preloading library: String? = counter) throws
    -> [String: Any]
  {
    // Once is enough: what is measured here is no speed.
    let command = try Command(
      ["bench", name, "--json", "--repetitions", "1"], in: try Scratch(), preloading: library)
    let results = try #require(try command.finish().json() as? [[String: Any]])
    return try #require(results.first)
  }

  /// Numbers and lists of ones, rollouts and minibatches, one shard and many, two heads and one,
  /// OpenBLAS.
  @Test(arguments: ["pg-small-1", "pg-small-4", "ppo-pong", "ppo-breakout-64", "ppo-wide"])
  func `an update allocates nothing after the first one`(name: String) throws {
    #expect(try bench(name)["allocations_per_update"] as? Double == 0)
  }

  private static let keys: Set = [
    "name", "observations_per_second", "low", "high", "share_of_limit", "limit_gflops", "split",
    "allocations_per_update", "peak_memory_bytes",
  ]

  @Test func `what does not apply is null`() throws {
    let result = try bench("tasks/catch", preloading: nil)
    #expect(Set(result.keys) == Self.keys)
    for key in ["share_of_limit", "limit_gflops", "allocations_per_update"] {
      #expect(result[key] is NSNull)
    }
  }

  @Test func `a result has the documented keys, and its parts`() throws {
    let result = try bench("pg-small-4")
    #expect(Set(result.keys) == Self.keys)
    let parts = try #require(result["split"] as? [String: Double])
    #expect(
      Set(parts.keys)
        == ["tasks", "forward", "sampling", "advantages", "backward", "optimizer"])
    #expect(parts.values.allSatisfy { $0 > 0 })
    let rate = try #require(result["observations_per_second"] as? Double)
    let (low, high) = (result["low"] as? Double ?? .nan, result["high"] as? Double ?? .nan)
    #expect(low <= rate && rate <= high && low > 0)
  }
}
