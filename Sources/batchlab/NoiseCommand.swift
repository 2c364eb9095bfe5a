internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Environments
internal import Foundation
internal import Lab
internal import Records

/// `batchlab noise`
struct NoiseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "noise",
    abstract: "Predict the critical batch from the gradient noise of one well-tuned run.",
    discussion: """
      The learning rate is searched as in a sweep, at this batch alone, unless it is given or a \
      study has chosen it.
      Example: batchlab noise pong --target 0
      """)

  @Argument(help: "The task, see `batchlab tasks`.")
  var task: String
  @Option(help: "Score to be reached; the task's targets if not given.")
  var target: Double?
  @Option(help: "Observations per update; the middle one of the task's list if not given.")
  var batch: Int?
  @Option(help: "Learning rate, instead of a search.")
  var learningRate: Double?
  @Option(help: "Take the learning rate that this study has chosen at the batch.")
  var study: String?
  @Option(help: "Seeds of the search at each learning rate.")
  var tuningSeeds = 3
  @Option(help: "Runs to measure; their sums are pooled.")
  var seeds = 1
  @Option(help: "Observations after which a run is censored.")
  var totalTimesteps: Int?
  @OptionGroup var options: LearnerOptions
  @Flag(help: "Also the noise of each layer.")
  var layers = false
  @Flag(help: "One JSON document on standard output.")
  var json = false

  func run() async throws {
    let plan = try plan()
    let rate = try chosenRate()
    let lanes = LaneLimits.current().lanes
    let result = try await interruptible { () async throws -> NoiseRun in
      do {
        return try await NoiseRun(plan, rate: rate, lanes: lanes)
      } catch let problem as NoiseRunProblem {
        throw Refusal.failure(problem.description)
      }
    }
    guard case .finished(let run) = result else { throw result.refusal(saying: "stopped") }
    let report = NoiseReport(run, withLayers: layers)
    if json { try printJSON(report, keys: .convertToSnakeCase) } else { report.show() }
  }

  private func chosenRate() throws(Refusal) -> NoiseRun.Rate {
    try check("--learning-rate", learningRate, Double.leastNonzeroMagnitude...1e6)
    if let learningRate {
      guard study == nil else { throw .usage("--learning-rate and --study exclude each other") }
      return .given(learningRate)
    }
    guard let study else { return .searched }
    return .study(
      try refusing(Refusal.failure) { () throws(ArchiveError) in try Study(folder: study) })
  }

  private func plan() throws(Refusal) -> StudyPlan {
    let facts = try refusing { () throws(PlanProblem) in try Lab.task(named: task) }.facts
    try check("--tuning-seeds", Double(tuningSeeds), 1...1000)
    try check("--seeds", Double(seeds), 1...1000)
    try check("--total-timesteps", totalTimesteps.map(Double.init), 1...1e15)
    try check("--batch", batch.map(Double.init), 1...1e12)
    var plan = Plan(tasks: [.init(facts.name, targets: target.map { [$0] })])
    try options.apply(to: &plan)
    plan.budget = totalTimesteps
    plan.tuningSeeds = tuningSeeds
    plan.measuringSeeds = seeds
    if let batch {
      plan.batches = .list([batch])
    }
    var resolved = try refusing { () throws(PlanProblem) in try plan.resolved() }
    let sizes = resolved.tasks[0].batches
    resolved.tasks[0].batches = [sizes[sizes.count / 2]]
    let (size, horizon) = (resolved.tasks[0].batches[0], resolved.tasks[0].horizon)
    let environments = size / horizon
    guard (2...16).contains(where: { environments.isMultiple(of: $0) && environments > 0 }) else {
      throw .usage(
        "the noise scale needs environments that divide into 2 to 16 equal shards; a batch of"
          + " \(size) at \(horizon) steps makes \(environments)")
    }
    return resolved
  }
}
