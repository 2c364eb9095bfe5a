internal import Analysis
internal import Archive
internal import Lab
internal import Records

/// Runs an estimate step by step. Each step is a sweep that extends the study, and the next one
/// depends only on the study's rows. So an interrupted estimate resumes and gives the same result.
struct EstimateRun: Sendable {
  struct End: Sendable {
    var state: EstimateState
    var end: EstimateEnd
    var study: Study
  }

  let steps: EstimatePlan
  let goal: EstimateGoal
  let folder: String
  let lanes: Int
  let threads: Int?
  /// The command line, for the study's `plan.yaml`.
  let command: String

  var assumed: AssumedDeviation {
    let settings = steps.task.hyperparameters
    return AssumedDeviation(settings.algorithm, settings.optimizer)
  }

  func toEnd() async throws -> End {
    var study: Study?
    var state = self.state([], EstimateState.firstSeeds, [])
    var step = try steps.stored(in: folder)
    while true {
      if let (batches, seeds) = step {
        guard try await sweep(batches, seeds) else {
          // Of the trials of a step, the short ones end first, so the fit is the one before it.
          let plan = steps.step(batches: batches, seeds: seeds)
          let begun = try Study.existing(in: folder, of: plan) ?? Study(folder: folder)
          guard begun.trials.reduce(0, { $0 + $1.observations }) >= goal.budget else {
            throw Refusal.failure(
              "another process is writing to \(folder); run this command again when it has finished"
            )
          }
          return End(
            state: study == nil ? self.state([], seeds, begun.trials) : state,
            end: .budget(next: nil), study: begun)
        }
        let measured = try Study(folder: folder)
        (study, state) = (measured, self.state(batches, seeds, measured.trials))
      }
      try Task.checkCancellation()
      switch state.next(goal) {
      case .measure(let batches, let seeds, let purpose):
        standardError(EstimateText.announcement(purpose, of: batches, seeds, after: state, goal))
        step = (batches, seeds)
      case .end(let end):
        guard let study else {
          throw Refusal.usage(
            "a budget of \(Format.number(goal.budget)) observations is too small: the first batch,"
              + " \(Format.grouped(steps.pilot)), is expected to take about"
              + " \(Format.number(pilotCost))")
        }
        return End(state: state, end: end, study: study)
      }
    }
  }

  private func state(_ batches: [Int], _ seeds: Int, _ trials: [TrialRecord]) -> EstimateState {
    EstimateState(
      candidates: steps.candidates, pilot: steps.pilot, pilotCost: pilotCost, batches: batches,
      seeds: seeds, trials: trials, batchDeviation: assumed.value)
  }

  private var pilotCost: Double { steps.pilotCost(seeds: EstimateState.firstSeeds) }

  /// Runs a step, or what is missing of it.
  ///
  /// - Returns: `false` if the budget ended before it was complete.
  private func sweep(_ batches: [Int], _ seeds: Int) async throws -> Bool {
    let plan = steps.step(batches: batches, seeds: seeds)
    try steps.checkMemory(for: batches)
    let display = SweepDisplay(folder, doubts: [])
    let sweep = try Sweep(
      plan: plan, with: BatchLab.catalogue, given: plan.yaml(comment: command), folder: folder,
      lanes: lanes, threads: threads, budget: goal.budget)
    let end = try await sweep.run {
      display.show($0)
    } onLane: {
      display.show(lane: $0, $1)
    }
    if case .sealed = end { return true }
    return false
  }
}
