import Algebra
import CommandSupport
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
  /// OpenBLAS, convolutions.
  @Test(arguments: [
    "pg-small-1", "pg-small-4", "ppo-pong", "ppo-breakout-64", "ppo-wide", "ppo-minatar",
  ])
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

  /// Kernels of 2004 are never the fastest on a processor with AVX2.
  @Test(.enabled(if: Processor.current.instructions >= .avx2))
  func `the limit is the processor's, whatever OpenBLAS uses`() throws {
    let old = ["OPENBLAS_CORETYPE": "Prescott"]
    let rates = try Command(
      ["bench", "--widths", "64,96"], in: try Scratch(), environment: old
    ).finish().json()
    let widths = try #require(rates as? [[String: Any]])
    #expect(widths.map { $0["width"] as? Int } == [64, 96])
    #expect(widths.map { $0["core_type"] as? String } == ["Prescott", "Prescott"])
    let result = try Command(
      ["bench", "pg-small-4", "--repetitions", "1"], in: try Scratch(), environment: old
    ).finish()
    #expect(result.status == 0 && result.errors == "")
    let words = try #require(result.output.split(separator: "\n").last?.split(separator: " "))
    #expect(words.contains { ["Haswell", "Zen", "SkylakeX", "batchlab"].contains($0) })
    #expect(!words.contains("Prescott"))
  }

  @Test func `products are compared at every shape`() async throws {
    let result = await run(
      "bench", "products", "--repetitions", "1", "--json", in: try Scratch())
    let rows = try #require(try result.json() as? [[String: Any]], "\(result.errors)")
    #expect(
      Set(rows.compactMap { $0["product"] as? String }) == ["forward", "gradient", "pass-back"])
    let shapes = rows.map {
      "\($0["product"] ?? "") \($0["rows"] ?? "") \($0["inputs"] ?? "")"
        + " \($0["outputs"] ?? "")"
    }
    #expect(Set(shapes).count == rows.count && rows.count == 3 * 11 * 5)
    #expect(shapes.contains("gradient 64 256 7"))
    for key in ["openblas_gflops", "own_gflops"] {
      #expect(rows.allSatisfy { ($0[key] as? Double ?? 0) > 0 })
    }
    // One product of two numbers has one right result.
    #expect(
      rows.allSatisfy {
        $0["product"] as? String != "gradient" || $0["rows"] as? Int != 1
          || $0["is_same"] as? Bool == true
      })
  }
}
