internal import Archive
internal import ArgumentParser
internal import Environments
internal import Foundation
internal import Lab
internal import Records

/// `batchlab bench`
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the throughput of the tasks and of the learner on one core.",
    discussion: """
      The workload quick-sweep runs the study of `make run` once, on all cores. It runs only if \
      its full name is given, and its results are not kept.

      Example: batchlab bench tasks/pong
      """)

  @Argument(help: "Run only the workloads whose names contain this.")
  var filter: String?
  @Option(help: "Number of times each workload runs; the median is reported.")
  var repetitions = 5
  @Flag(help: "Print one JSON document to standard output.")
  var json = false

  private static let sweep = "quick-sweep"
  private static let plan = "Results/quick.yaml"

  func run() async throws {
    try check("--repetitions", Double(repetitions), 1...1000)
    let names = Bench.names(with: BatchLab.catalogue) + [Self.sweep]
    if let filter, filter != Self.sweep, !names.contains(where: { $0.contains(filter) }) {
      throw Refusal.usage(
        "no workload's name contains '\(filter)'; they are \(names.joined(separator: ", "))")
    }
    let results =
      filter == Self.sweep
      ? [try await sweepResult()]
      : Bench.run(with: BatchLab.catalogue, matching: filter, repetitions: repetitions)
    if json { try printJSON(results) } else { show(results) }
  }

  private func sweepResult() async throws -> BenchResult {
    let plan = try PlanReader.document(file: Self.plan).resolved(with: BatchLab.catalogue)
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "batchlab-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await Bench.sweep(
      plan, with: BatchLab.catalogue, named: Self.sweep, folder: folder.path,
      lanes: ProcessInfo.processInfo.activeProcessorCount)
  }

  private func show(_ results: [BenchResult]) {
    let rows = results.map { result in
      let seconds = result.split.values.reduce(0, +)
      return [
        result.name, Format.number(result.observationsPerSecond),
        "\(Format.number(result.low)) … \(Format.number(result.high))",
        result.shareOfLimit.map(Format.percent) ?? "–",
        Format.number(result.limitGflops),
        result.split.sorted { $0.value > $1.value }
          .map { "\($0.key) \(Format.percent($0.value / seconds))" }
          .joined(separator: ", ")
          + (result.name == Self.sweep ? " of \(Format.seconds(seconds))" : ""),
        Format.number(result.allocationsPerUpdate),
      ]
    }
    Table.show(
      [
        "workload", "observations/s", "slowest … fastest", "of limit", "limit GFLOP/s", "time",
        "bytes allocated",
      ], rows, left: [0, 5])
  }
}
