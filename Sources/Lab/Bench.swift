public import Environments
internal import Foundation
internal import Glibc

/// The result of a workload, under the names of its JSON.
public struct BenchResult: Codable, Sendable {
  public var name: String
  /// Median over the repetitions, and the slowest and the fastest of them.
  public var observationsPerSecond: Double
  public var low: Double
  public var high: Double
  /// Operations of the executed products, as a fraction of `limitGflops`; `null` if there are none.
  public var shareOfLimit: Double?
  /// Operations per second (10⁹) of the fastest products of 64 rows through a square layer of the
  /// network's width, by any kernel that this processor can execute. Measured together with the
  /// workload.
  public var limitGflops: Double?
  /// Whose kernels reach that limit: a core type of OpenBLAS, or "batchlab". Not in the JSON.
  public var limitKernels: String?
  /// Seconds of all repetitions by part.
  public var split: [String: Double]
  /// Bytes allocated per update after the first; `null` unless libAllocationCounter is preloaded.
  public var allocationsPerUpdate: Double?
  /// Largest resident memory of the process while the workload ran, including what the allocator
  /// kept from earlier ones.
  public var peakMemoryBytes: Int

  private enum CodingKeys: CodingKey {
    case name, observationsPerSecond, low, high, shareOfLimit, limitGflops, split
    case allocationsPerUpdate, peakMemoryBytes
  }

  /// Encodes a value that does not apply as `null`, so that all results have the same keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(observationsPerSecond, forKey: .observationsPerSecond)
    try container.encode(low, forKey: .low)
    try container.encode(high, forKey: .high)
    try container.encode(shareOfLimit, forKey: .shareOfLimit)
    try container.encode(limitGflops, forKey: .limitGflops)
    try container.encode(split, forKey: .split)
    try container.encode(allocationsPerUpdate, forKey: .allocationsPerUpdate)
    try container.encode(peakMemoryBytes, forKey: .peakMemoryBytes)
  }
}

/// Throughput of the tasks and of the learner. Every repetition runs all workloads, so
/// that changes in the machine's speed affect all equally.
public enum Bench {
  /// One repetition.
  struct Sample {
    var observations: Int
    var seconds: Double
    /// When it was measured.
    var span: Range<ContinuousClock.Instant>
    /// Time by part, in any unit.
    var parts: [String: Double]
    var operations = 0.0
    /// The limit measured with it, in operations per second.
    var limit = 0.0
    var limitKernels: String?
    var allocationsPerUpdate: Double?

    var rate: Double { Double(observations) / seconds }
  }

  /// Names of all workloads.
  public static func names(with catalogue: Catalogue) -> [String] {
    workloads(with: catalogue).map(\.name)
  }

  /// Runs the workloads whose names contain `filter`.
  ///
  /// - Parameter program: the file of this program, to measure OpenBLAS's other kernels with; if not
  ///   given, the limit is that of the kernels in use.
  public static func run(
    with catalogue: Catalogue, matching filter: String?, repetitions: Int = 5,
    program: String? = nil
  ) -> [BenchResult] {
    let chosen = workloads(with: catalogue).filter { filter.map($0.name.contains) ?? true }
    var samples = chosen.map { _ in [Sample]() }
    var memory = chosen.map { _ in 0 }
    let widths = Set(chosen.compactMap(\.width))
    let rates = program.map { CoreTypeRates(widths: widths, program: $0) } ?? CoreTypeRates()
    for _ in 0..<max(repetitions, 1) {
      for (index, workload) in chosen.enumerated() {
        forgetPeakMemory()
        samples[index].append(workload.run(rates))
        memory[index] = max(memory[index], peakMemory())
      }
    }
    return chosen.indices.map { result(chosen[$0].name, samples[$0], memory: memory[$0]) }
  }

  private static func result(_ name: String, _ samples: [Sample], memory: Int) -> BenchResult {
    let rates = samples.map(\.rate).sorted()
    let parts = samples.reduce(into: [String: Double]()) { sums, sample in
      sums.merge(sample.parts, uniquingKeysWith: +)
    }
    let seconds = samples.reduce(0) { $0 + $1.seconds }
    let scale = seconds / parts.values.reduce(0, +)
    let middle = samples.sorted { $0.limit < $1.limit }[samples.count / 2]
    let limit = middle.limit
    let operations = samples.reduce(0) { $0 + $1.operations } / seconds
    return BenchResult(
      name: name, observationsPerSecond: rates[rates.count / 2], low: rates[0],
      high: rates[rates.count - 1], shareOfLimit: limit > 0 ? operations / limit : nil,
      limitGflops: limit > 0 ? limit / 1e9 : nil, limitKernels: middle.limitKernels,
      split: parts.mapValues { $0 * scale },
      allocationsPerUpdate: samples.compactMap(\.allocationsPerUpdate).max(),
      peakMemoryBytes: memory)
  }

  /// Bytes that the process has allocated so far; `nil` unless libAllocationCounter is preloaded.
  static let allocatedBytes: (@convention(c) () -> UInt64)? = {
    guard let symbol = unsafe dlsym(nil, "batchlab_allocated_bytes") else { return nil }
    return unsafe unsafeBitCast(symbol, to: (@convention(c) () -> UInt64).self)
  }()

  /// The largest resident memory since `forgetPeakMemory`, as the kernel recorded it.
  static func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first).flatMap {
      Int($0)
    }.map { $0 * 1_024 } ?? 0
  }

  private static func forgetPeakMemory() {
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
  }
}
