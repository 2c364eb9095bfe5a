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
    var (batches, seeds) = ([Int](), EstimateState.firstSeeds)
    if let stored = try steps.stored(in: folder) {
      (batches, seeds) = stored
      try await sweep(batches, seeds)
    }
    while true {
      let study = batches.isEmpty ? nil : try Study(folder: folder)
      let state = EstimateState(
        candidates: steps.candidates, pilot: steps.pilot, batches: batches, seeds: seeds,
        trials: study?.trials ?? [], batchDeviation: assumed.value)
      try Task.checkCancellation()
      switch state.next(goal) {
      case .measure(let next, let more, let purpose):
        standardError(EstimateText.announcement(purpose, of: next, more, after: state, goal))
        (batches, seeds) = (next, more)
        try await sweep(batches, seeds)
      case .end(let end):
        guard let study else { throw Refusal.failure("nothing was measured") }
        return End(state: state, end: end, study: study)
      }
    }
  }

  private func sweep(_ batches: [Int], _ seeds: Int) async throws {
    let plan = steps.step(batches: batches, seeds: seeds)
    let display = SweepDisplay(folder, doubts: [])
    let sweep = try Sweep(
      plan: plan, with: BatchLab.catalogue, given: plan.yaml(comment: command), folder: folder,
      lanes: lanes, threads: threads)
    let end = try await sweep.run {
      display.show($0)
    } onLane: {
      display.show(lane: $0, $1)
    }
    guard case .sealed = end else {
      throw Refusal.failure(
        "another process is writing to \(folder); run the same command when it has ended")
    }
  }
}
