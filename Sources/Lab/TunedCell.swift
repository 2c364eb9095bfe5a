public import Archive
public import Environments
public import Records

/// A plan's only cell with a well-chosen learning rate, from which single runs start.
public struct TunedCell: Sendable {
  let task: CatalogueEntry
  /// Settings of the first measuring seed.
  public var settings: TrialSettings
  /// The verdict of the learning-rate search; `nil` if the rate was given.
  public var verdict: RateVerdict?
  /// Training observations of the search.
  public var searchObservations = Observations.zero

  /// The source of the learning rate.
  public enum Rate: Sendable {
    case given(Double)
    /// A search with tuning seeds, as in a sweep.
    case searched
    /// The rate that a study has chosen at this batch.
    case study(Study)
  }

  /// - Throws: `PlanProblem` if the catalogue lacks the task, `TunedCellProblem` if no rate reaches
  ///   a target or the study has chosen none, `TrialInterrupted` if the surrounding task is
  ///   cancelled.
  public init(
    _ plan: StudyPlan, with catalogue: Catalogue, rate: Rate, lanes: Int, threads: Int? = nil
  ) async throws {
    guard let task = plan.tasks.first, let size = task.cells.first else {
      throw TunedCellProblem(description: "the plan names no cell")
    }
    self.task = try catalogue.task(named: task.task)
    let batch = size.batch
    var cell = try Cell(plan: plan, task: task, size: size)
    var (learningRate, targets) = (0.0, task.targets)
    switch rate {
    case .given(let given):
      learningRate = given
    case .searched:
      searchObservations = try await Self.search(
        &cell, self.task, lanes: lanes, threads: threads)
      guard let best = cell.bestChoice else {
        throw TunedCellProblem(
          description: "no learning rate reached \(Format.shortest(task.targets[0])) at batch"
            + " \(Format.grouped(batch)) within \(Format.grouped(task.budget.value)) observations")
      }
      (learningRate, verdict, targets) = (cell.learningRate(best.rate), best.verdict, best.targets)
    case .study(let study):
      let rows = study.trials.lazy.flatMap(\.rows).filter {
        $0.settings.task == task.task && $0.settings.size == size
          && $0.settings.numSteps == task.horizon && $0.result.target == task.targets.last
          && $0.isMeasurement
          && $0.settings.hyperparameters == task.hyperparameters
          && $0.settings.rulesVersion == task.rulesVersion
          && $0.settings.numerics == numericsVersion
      }
      if let fixed = rows.first(where: { $0.result.rateVerdict == .untuned }) {
        let rate = Format.shortest(fixed.settings.learningRate)
        throw TunedCellProblem(
          description:
            "\(study.folder) fixes the learning rate of \(task.task) at \(rate), so"
            + " none was tuned; give --learning-rate \(rate) instead of --study")
      }
      guard let row = rows.first else {
        throw TunedCellProblem(
          description: "\(study.folder) has chosen no learning rate for \(task.task) to"
            + " \(Format.shortest(task.targets.last ?? 0)) at batch \(Format.grouped(batch)) with these settings"
        )
      }
      (learningRate, verdict) = (row.settings.learningRate, row.result.rateVerdict)
    }
    settings = cell.settings(
      role: .measuring, seed: 0, rate: 0, targets: targets, limit: task.budget, isPruned: false)
    settings.learningRate = learningRate
  }

  /// Runs the rounds of a cell's search.
  ///
  /// - Returns: its training observations.
  private static func search(
    _ cell: inout Cell, _ task: CatalogueEntry, lanes: Int, threads: Int?
  ) async throws -> Observations {
    var sum = Observations.zero
    while case .tuning = cell.stage {
      let round = cell.open
      let outcomes = try await inLanes(lanes, round.map(\.settings), threads: threads) {
        try Trial($0, task: task).run(threads: $1)
      }
      for (assignment, outcome) in zip(round, outcomes) {
        _ = try cell.receive(TrialRecord(outcome, of: assignment))
        sum += outcome.observations
      }
    }
    return sum
  }
}

/// The reason why no rate could be chosen, in one sentence.
public struct TunedCellProblem: Error, CustomStringConvertible {
  public let description: String
}

extension Cell {
  /// The rate for the hardest target that any rate reached, with all targets up to that one.
  fileprivate var bestChoice: (rate: Double, verdict: RateVerdict?, targets: [Double])? {
    for target in task.targets.indices.reversed() {
      let choice = search.choice(for: target)
      if let rate = choice.rate { return (rate, choice.verdict, Array(task.targets[...target])) }
    }
    return nil
  }
}
