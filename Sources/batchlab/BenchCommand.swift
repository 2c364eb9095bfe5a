internal import ArgumentParser
internal import Lab

/// `batchlab bench`
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Throughput of the tasks and of the learner on one core of this machine.",
    discussion: "Example: batchlab bench tasks/pong")

  @Argument(help: "Only workloads whose names contain this.")
  var filter: String?
  @Flag(help: "One JSON document on standard output.")
  var json = false

  func run() throws {
    if let filter, !Bench.names.contains(where: { $0.contains(filter) }) {
      throw Refusal.usage(
        "no workload's name contains '\(filter)'; they are \(Bench.names.joined(separator: ", "))")
    }
    let results = Bench.run(matching: filter)
    if json { return try printJSON(results) }
    let rows = results.map { result in
      let seconds = result.split.values.reduce(0, +)
      return [
        result.name, Text.number(result.observations_per_second),
        "\(Text.number(result.low)) … \(Text.number(result.high))",
        result.share_of_limit.map { "\(Int(($0 * 100).rounded())) %" } ?? "–",
        result.limit_gflops.map { Text.number($0) } ?? "–",
        result.split.sorted { $0.value > $1.value }
          .map { "\($0.key) \(Int(($0.value / seconds * 100).rounded())) %" }
          .joined(separator: ", "),
        result.allocations_per_update.map { Text.number($0) } ?? "–",
      ]
    }
    print(
      Text.table(
        [
          "workload", "observations/s", "slowest … fastest", "of limit", "limit GFLOP/s", "time",
          "bytes allocated",
        ], rows, left: [0, 5]))
  }
}
