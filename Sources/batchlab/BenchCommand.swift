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
    abstract: "Measure the throughput of the tasks and of the learner.",
    discussion: """
      The workload quick-sweep runs the study of `make run` once, on all cores; its results are \
      not kept. The workload products compares OpenBLAS with the lab's own matrix products at the \
      shapes of the studies. Both run only if their full name is given.

      Example: batchlab bench tasks/pong
      """)

  @Argument(help: "Run only the workloads whose names contain this.")
  var filter: String?
  @Option(help: "Number of times each workload runs; the median is reported.")
  var repetitions = 5
  @Flag(help: "Print one JSON document to standard output.")
  var json = false

  /// Widths of layers at which to measure the kernels of this process, for another `bench`.
  @Option(parsing: .unconditional, help: .hidden)
  var widths: String?

  private static let products = "products"
  private static let sweep = "quick-sweep"
  private static let plan = "Results/quick.yaml"

  func run() async throws {
    try check("--repetitions", Double(repetitions), 1...1000)
    if let widths { return try printKernelRates(widths) }
    if filter == Self.products { return try compareProducts() }
    let names = Bench.names(with: BatchLab.catalogue)
    if let filter, filter != Self.sweep, !names.contains(where: { $0.contains(filter) }) {
      let all = (names + [Self.sweep, Self.products]).joined(separator: ", ")
      throw Refusal.usage("no workload's name contains '\(filter)'; they are \(all)")
    }
    let results =
      filter == Self.sweep
      ? [try await sweepResult()]
      : Bench.run(
        with: BatchLab.catalogue, matching: filter, repetitions: repetitions,
        program: Shell.current.program)
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

  private func printKernelRates(_ list: String) throws {
    let widths = list.split(separator: ",").compactMap { Int($0) }.filter { 1...4_096 ~= $0 }
    try printJSON(widths.map(KernelRates.init))
  }

  private func compareProducts() throws {
    let results = Bench.products(turns: repetitions)
    if json { return try printJSON(results) }
    Table.show(
      ["product", "rows", "inputs", "outputs", "OpenBLAS GFLOP/s", "batchlab GFLOP/s", "bits"],
      results.map {
        [
          $0.product.rawValue, Format.grouped($0.rows), Format.grouped($0.inputs),
          Format.grouped($0.outputs), Format.number($0.openblasGflops),
          Format.number($0.ownGflops), $0.isSame ? "the same" : "differ",
        ]
      }, left: [0, 6])
  }

  private func show(_ results: [BenchResult]) {
    let rows = results.map { result in
      let seconds = result.split.values.reduce(0, +)
      return [
        result.name, Format.number(result.observationsPerSecond),
        "\(Format.number(result.low)) … \(Format.number(result.high))",
        result.shareOfLimit.map(Format.percent) ?? "–",
        Format.number(result.limitGflops), result.limitKernels ?? "–",
        result.split.sorted { $0.value > $1.value }
          .map { "\($0.key) \(Format.percent($0.value / seconds))" }
          .joined(separator: ", ")
          + (result.name == Self.sweep ? " of \(Format.seconds(seconds))" : ""),
        Format.number(result.allocationsPerUpdate),
      ]
    }
    Table.show(
      [
        "workload", "observations/s", "slowest … fastest", "of limit", "limit GFLOP/s", "kernels",
        "time", "bytes allocated",
      ], rows, left: [0, 5, 6])
  }
}
