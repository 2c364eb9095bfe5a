public import Archive
internal import Environments
public import Learning
public import Records

/// A cell's well-tuned runs with their noise taken apart: what predicts a critical batch in seconds
/// instead of a sweep.
public struct NoiseRun: Sendable {
  /// One run with its probe's readings.
  public struct Seed: Sendable {
    public var outcome: TrialOutcome
    public var parts: NoiseParts
  }

  public var settings: TrialSettings
  /// How the search for the rate ended; `nil`: the rate was given.
  public var verdict: RateVerdict?
  public var seeds: [Seed]
  /// Of the search, and of the runs; evaluation not counted.
  public var searchObservations: Observations
  public var observations: Observations

  /// Where the learning rate comes from.
  public enum Rate: Sendable {
    case given(Double)
    /// A search on tuning seeds, as in a sweep.
    case searched
    /// The choice of a study that has searched at this batch.
    case study(Study)
  }

  /// Runs the measuring seeds of a plan's only cell.
  ///
  /// - Throws: `NoiseRunProblem` if no rate reaches a target, or the study knows none;
  ///   `TrialInterrupted` if the surrounding task is cancelled.
  public init(_ plan: StudyPlan, rate: Rate, lanes: Int) async throws {
    guard let task = plan.tasks.first, let batch = task.batches.first else {
      throw NoiseRunProblem(description: "the plan names no cell")
    }
    let entry = try Lab.task(named: task.task)
    var cell = try Cell(plan: plan, task: task, batch: batch)
    var chosen = (rate: 0.0, verdict: RateVerdict?.none, targets: task.targets)
    switch rate {
    case .given(let rate):
      chosen.rate = rate
      searchObservations = .zero
    case .searched:
      searchObservations = try await Self.search(&cell, entry, lanes: lanes)
      guard let best = cell.bestChoice else {
        throw NoiseRunProblem(
          description: "no learning rate reached \(task.targets[0]) at batch \(batch) within"
            + " \(task.budget.value) observations")
      }
      chosen = (cell.learningRate(best.rate), best.verdict, best.targets)
    case .study(let study):
      let rows = study.rows.filter {
        $0.settings.task == task.task && $0.settings.batch.value == batch
          && $0.settings.numSteps == task.horizon && $0.result.target == task.targets.last
          && [.interior, .stabilityLimited].contains($0.result.rateVerdict)
          && $0.settings.hyperparameters == task.hyperparameters
          && $0.settings.rulesVersion == task.rulesVersion
          && $0.settings.numerics == numericsVersion
      }
      guard let row = rows.first else {
        throw NoiseRunProblem(
          description: "\(study.folder) has chosen no learning rate for \(task.task) to"
            + " \(task.targets.last ?? 0) at batch \(batch) with these settings")
      }
      chosen.rate = row.settings.learningRate
      chosen.verdict = row.result.rateVerdict
      searchObservations = .zero
    }
    var own = cell.settings(
      role: .measuring, seed: 0, rate: 0, targets: chosen.targets, limit: task.budget,
      isPruned: false)
    own.learningRate = chosen.rate
    (settings, verdict) = (own, chosen.verdict)
    let all = (0..<plan.measuringSeeds).map { seed in
      var settings = own
      settings.seed = seed
      return settings
    }
    seeds = try await inLanes(lanes, all) { settings in
      let probe = NoiseProbe()
      let outcome = try Trial(settings, task: entry).run(probe: probe)
      return Seed(outcome: outcome, parts: probe.parts)
    }
    observations = Observations(
      seeds.reduce(0) { $0 + $1.outcome.updates.value } * settings.batch.value)
  }

  /// Runs the rounds of a cell's search.
  ///
  /// - Returns: the observations that it took.
  private static func search(
    _ cell: inout Cell, _ task: CatalogueEntry, lanes: Int
  ) async throws -> Observations {
    var sum = Observations.zero
    while case .tuning = cell.stage {
      let round = cell.open
      let outcomes = try await inLanes(lanes, round.map(\.settings)) {
        try Trial($0, task: task).run()
      }
      for (assignment, outcome) in zip(round, outcomes) {
        _ = try cell.receive(try StoredTrial(outcome, of: assignment))
        sum += Observations(outcome.updates.value * cell.batch)
      }
    }
    return sum
  }
}

/// Why no noise could be measured, in one sentence.
public struct NoiseRunProblem: Error, CustomStringConvertible {
  public let description: String
}

extension Cell {
  /// The rate of the hardest target that any rate reached, with the targets up to it.
  fileprivate var bestChoice: (rate: Int, verdict: RateVerdict?, targets: [Double])? {
    for target in task.targets.indices.reversed() {
      let choice = search.choice(for: target)
      if let rate = choice.rate { return (rate, choice.verdict, Array(task.targets[...target])) }
    }
    return nil
  }
}

/// Results of independent work in the order of its inputs, so many at a time.
func inLanes<Input: Sendable, Output: Sendable>(
  _ lanes: Int, _ inputs: [Input], _ work: @escaping @Sendable (Input) throws -> Output
) async throws -> [Output] {
  try await withThrowingTaskGroup(of: (Int, Output).self) { group in
    var next = 0
    func start() {
      guard next < inputs.count else { return }
      let (index, input) = (next, inputs[next])
      group.addTask { (index, try work(input)) }
      next += 1
    }
    for _ in 0..<max(lanes, 1) { start() }
    var outputs: [Int: Output] = [:]
    while let (index, output) = try await group.next() {
      outputs[index] = output
      start()
    }
    return inputs.indices.compactMap { outputs[$0] }
  }
}
