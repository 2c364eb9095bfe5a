internal import ArgumentParser
internal import Environments
internal import Lab
internal import Records

/// `batchlab noise`
struct NoiseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "noise",
    abstract: "Predict the critical batch from the gradient noise of one well-tuned run.",
    discussion: """
      The learning rate is searched as in a sweep, but at this batch only. --learning-rate or \
      --study replaces the search. The default --batch is the middle one of the task's batches.

      Example: batchlab noise pong --target 0
      """)

  @OptionGroup var start: SingleRunOptions
  @Option(help: "Number of runs to measure and pool.")
  var seeds = 1
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var options: LearnerOptions
  @Flag(help: "Also show the noise of each layer.")
  var layers = false
  @Flag(help: "Print one JSON document to standard output.")
  var json = false

  func run() async throws {
    try check("--seeds", Double(seeds), 1...1000)
    let (plan, rate) = (try plan(), try start.rate())
    let (count, lanes, threads) = (seeds, LaneLimits.current().lanes, try threads.count())
    let run = try await start.running {
      try await NoiseRun(
        TunedCell(
          plan, with: BatchLab.catalogue, rate: rate, lanes: lanes, threads: threads),
        seeds: count, lanes: lanes, threads: threads)
    }
    let report = NoiseReport(run, withLayers: layers)
    if json { try printJSON(report) } else { report.show() }
  }

  private func plan() throws -> StudyPlan {
    let plan = try start.plan(options) { $0.batches[$0.batches.count / 2] }
    let (size, horizon) = (plan.tasks[0].batches[0], plan.tasks[0].horizon)
    let environments = size / horizon
    guard (2...16).contains(where: { environments.isMultiple(of: $0) && environments > 0 }) else {
      throw Refusal.usage(
        "the noise scale needs environments that divide into 2 to 16 equal groups; a batch of"
          + " \(size) at \(horizon) steps makes \(environments)")
    }
    return plan
  }
}
