internal import Archive
internal import ArgumentParser
internal import Environments
internal import Lab
internal import Records

/// Options of the commands that examine single runs: the task, its batch, and the source of the
/// learning rate.
struct SingleRunOptions: ParsableArguments {
  @Argument(help: "The task (see `batchlab tasks`).")
  var task: String
  @Option(help: "Score to reach. Default: the task's targets.")
  var target: Double?
  @Option(help: "Observations per update. The default is explained above.")
  var batch: Int?
  @Option(help: "Learning rate, instead of a search.")
  var learningRate: Double?
  @Option(help: "Use the learning rate that this study chose for the batch.")
  var study: String?
  @Option(help: "Number of seeds per learning rate in the search.")
  var tuningSeeds = 3

  func rate() throws -> TunedCell.Rate {
    try check("--learning-rate", learningRate, Double.leastNonzeroMagnitude...1e6)
    if let learningRate {
      guard study == nil else {
        throw Refusal.usage("--learning-rate and --study can't be given together")
      }
      return .given(learningRate)
    }
    guard let study else { return .searched }
    return .study(try Study(folder: study))
  }

  /// A plan of one cell.
  ///
  /// - Parameter choice: picks the batch from the task's list, unless it is given.
  func plan(
    _ options: LearnerOptions, choosing choice: (TaskPlan) -> Int
  ) throws -> StudyPlan {
    let facts = try BatchLab.catalogue.task(named: task).facts
    try check("--tuning-seeds", Double(tuningSeeds), 1...1000)
    try check("--batch", batch.map(Double.init), 1...1e12)
    var plan = Plan(tasks: [.init(facts.name, targets: target.map { [$0] })])
    plan.settings = try options.settings()
    plan.tuningSeeds = tuningSeeds
    if let batch {
      plan.batches = .list([batch])
    }
    var resolved = try plan.resolved(with: BatchLab.catalogue)
    let size = choice(resolved.tasks[0])
    guard size >= resolved.tasks[0].horizon else {
      throw Refusal.usage(
        "a batch of \(size) is less than one environment of \(resolved.tasks[0].horizon) steps")
    }
    resolved.tasks[0].batches = [size]
    return resolved
  }

  /// Runs the work until it is done or a signal stops it.
  func running<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let ended = try await interruptible(work)
    guard case .finished(let result) = ended else { throw ended.refusal(saying: "stopped") }
    return result
  }
}
