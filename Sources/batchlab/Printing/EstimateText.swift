internal import Analysis
internal import Archive
internal import Foundation
internal import Lab
internal import Records

/// What `estimate` says between its steps.
enum EstimateText {
  /// The next step, why it is made, and what it is expected to take.
  static func announcement(
    _ purpose: EstimatePurpose, of batches: [Int], _ seeds: Int, after state: EstimateState,
    _ goal: EstimateGoal
  ) -> String {
    let added = batches.filter { !state.batches.contains($0) }
    let list = added.map { Format.grouped($0) }.joined(separator: ", ")
    let noun = added.count == 1 ? "batch" : "batches"
    let next =
      switch purpose {
      case .pilot where state.batches.isEmpty: "first batch: \(list), for the noise scale"
      case .pilot: "instead batch \(list), for the noise scale"
      case .small: "small batch: \(list), for E_min"
      case .large: "large batch: \(list), for S_min"
      case .check: "another batch: \(list), to check the law"
      case .doubt: "the three batches deviate from the law; adding a fourth batch, \(list)"
      case .narrow where added.isEmpty: "\(seeds) instead of \(state.seeds) seeds at each batch"
      case .narrow: "\(noun) \(list)"
      }
    let cost = state.expectedCost(adding: added, seeds: seeds)
    let known = state.report.criticalBatch.map { "B_crit so far \(Format.interval($0))" }
    let words = [known ?? state.report.predictionWords, state.failureWords, next]
      .compactMap { $0 }.joined(separator: "; ")
    let price =
      cost > 0
      ? " (about \(Format.number(cost)) observations; spent"
        + " \(Format.number(state.spent)) of \(Format.number(goal.budget)))"
      : ""
    return words + price
  }
}

extension FitReport {
  /// The noise scale and what it says of B_crit; `nil` without one.
  fileprivate var predictionWords: String? {
    guard let noiseScale, let likelyBatch else { return nil }
    return "the noise scale is \(Format.interval(noiseScale)), \(likelyBatch.sentence)"
  }
}

/// The result of an estimate.
struct EstimateReport: Encodable {
  var study: String
  @Nullable var digest: String?
  var within: Double
  var budget: Double
  /// Why it ended: within, budget, exhausted, unmeasured or verdict.
  var end: String
  /// The same in words.
  var reason: String
  /// B_crit in environments.
  @Nullable var criticalEnvironments: Estimate?
  /// τ below four batches.
  var assumedBatchDeviation: AssumedDeviation
  var batches: [Int]
  var measuringSeeds: Int
  var costs: EstimateCosts
  var fit: FitReport

  private let rows: Study
  /// Batches that gave no measurement, if the reason doesn't name them.
  private let failures: String?
  private let horizon: Int

  private enum CodingKeys: String, CodingKey {
    case study, digest, within, budget, end, reason, batches, costs, fit
    case criticalEnvironments = "critical_environments"
    case assumedBatchDeviation = "assumed_batch_deviation"
    case measuringSeeds = "measuring_seeds"
  }

  init(_ run: EstimateRun, _ result: EstimateRun.End) throws {
    let (state, steps) = (result.state, run.steps)
    (study, digest, rows) = (run.folder, result.study.digest, result.study)
    (within, budget) = (run.goal.within, run.goal.budget)
    (end, reason) = (result.end.name, result.end.sentence(run.goal, state))
    failures = result.end == .unmeasured ? nil : state.failureWords
    fit = state.report
    horizon = steps.horizon
    criticalEnvironments = fit.criticalBatch?.times(1 / Double(horizon))
    assumedBatchDeviation = run.assumed
    (batches, measuringSeeds) = (state.batches, state.seeds)
    costs = EstimateCosts(of: result.study.trials, pilot: steps.pilot)
  }
}

extension EstimateEnd {
  fileprivate var name: String {
    switch self {
    case .within: "within"
    case .budget: "budget"
    case .exhausted: "exhausted"
    case .unmeasured: "unmeasured"
    case .verdict: "verdict"
    }
  }
}

extension EstimateReport {
  /// Prints the result.
  ///
  /// - Parameter sweep: the command that measures the other batches, too.
  func show(sweep: String) throws {
    try SweepTables.showRuns(of: rows)
    standardOutput("")
    SweepTables.show([fit])
    if fit.verdict == .estimated {
      let source =
        assumedBatchDeviation.isMeasured
        ? "from the fitted studies in Results"
        : "a cautious guess, because no study in Results was trained this way"
      standardOutput(
        "\(fit.name): scatter of seeds σ = \(Format.number(fit.seedDeviation)) in ln S; assumed"
          + " deviation of batches from the law τ = \(Format.number(assumedBatchDeviation.value)),"
          + " \(source)"
      )
    }
    for words in [reason, failures, fit.predictionWords].compactMap({ $0 }) {
      standardOutput("\(fit.name): \(words)")
    }
    if fit.criticalBatch?.value != nil {
      standardOutput(
        "\(fit.name): B_crit is \(Format.interval(criticalEnvironments)) environments of"
          + " \(Format.counted(horizon, "step")): there a run takes twice the minimum number of"
          + " updates and twice the minimum number of observations")
    }
    AdviceText.show([fit])
    standardOutput("")
    let parts = [
      ("pilot", costs.pilot), ("search", costs.search), ("measurement", costs.measurement),
      ("evaluation", costs.evaluation),
    ]
    Table.show(
      ["cost", "trials", "observations", "time"],
      parts.map { name, part in
        [
          name, Format.grouped(part.trials), Format.number(Double(part.observations)),
          Format.seconds(part.seconds),
        ]
      })
    standardOutput("\nstudy \(study), digest \(digest ?? "–"); to measure more batches and seeds:")
    standardOutput(sweep)
  }
}
