internal import Analysis
internal import Archive
internal import Foundation
internal import Lab
internal import Records

/// Prints the results of a sweep: a table of batches for each task and target, then the fits.
enum SweepTables {
  static func show(_ study: Study) throws {
    try showRuns(of: study)
    standardOutput("")
    let fits = try study.conclude().fits
    show(fits, of: study.plan)
    showAdaptive(fits)
    AdviceText.show(fits)
    show(StudyCost.costs(of: study.trials))
  }

  /// Prints a table of batches for each task and target.
  static func showRuns(of study: Study) throws {
    let open = try study.openCells()
    for task in study.plan.tasks {
      for target in task.targets {
        standardOutput("\n\(task.name) to \(Format.shortest(target)), horizon \(task.horizon)")
        Table.show(
          [
            "batch", "learning rate", "search", "S updates", "E observations", "seconds", "score",
            "reached",
          ],
          task.cells.map { size in
            let isOpen = open[task.name]?.contains(size) == true
            return row(study, task, size: size, target: target, isOpen: isOpen)
          },
          left: [2])
      }
    }
  }

  /// Prints the cost of search, measurement and evaluation, per task and in total.
  static func show(_ costs: [StudyCost]) {
    func cells(_ part: StudyCost.Part) -> [String] {
      [Format.number(Double(part.observations)), Format.seconds(part.seconds)]
    }
    standardOutput("")
    Table.show(
      [
        "cost", "search trials", "observations", "time", "measuring trials", "observations",
        "time", "evaluation steps", "time",
      ],
      costs.map {
        [$0.name?.description ?? "all", Format.grouped($0.search.trials)] + cells($0.search)
          + [Format.grouped($0.measurement.trials)] + cells($0.measurement) + cells($0.evaluation)
      })
  }

  private static func row(
    _ study: Study, _ task: TaskPlan, size: CellSize, target: Double, isOpen: Bool
  ) -> [any TableCell] {
    let rows = study.trials.filter {
      $0.settings.taskVariant == task.name && $0.settings.size == size
    }.compactMap { $0.row(of: target) }.filter { $0.result.rateVerdict != nil }
    guard let first = rows.first, let verdict = first.result.rateVerdict else {
      let state: any TableCell =
        isOpen ? MeaningfulText("not settled", .open) : RateVerdict.unreached
      return [size, "–", state, "–", "–", "–", "–", "–"]
    }
    let updates = rows.compactMap(\.result.updates)
    let observations = rows.compactMap(\.result.observations)
    let seconds = rows.compactMap(\.measured.seconds)
    let scores = rows.compactMap(\.result.score)
    let isShort = first.settings.shortenedHorizon ? "*" : ""
    return [
      size.text + isShort, Format.number(first.settings.learningRate),
      verdict, Format.number(updates.geometricMean),
      Format.number(observations.geometricMean),
      Format.number(seconds.isEmpty ? nil : seconds.average),
      Format.score(scores.average),
      "\(updates.count)/\(rows.count)",
    ]
  }

  /// Prints how adaptive batches compare with fixed ones, if there are any.
  static func showAdaptive(_ reports: [FitReport]) {
    let adaptive = reports.filter { !$0.adaptive.results.isEmpty }
    guard !adaptive.isEmpty else { return }
    standardOutput("")
    Table.show(
      [
        "adaptive", "target", "exchange rate", "S updates", "E observations", "reached",
        "(S/S_min − 1)(E/E_min − 1)", "predicted γ",
      ],
      adaptive.flatMap { report in
        report.adaptive.results.map { result in
          [
            report.task, report.target, Format.number(result.exchangeRate),
            Format.interval(result.updates), Format.interval(result.observations),
            "\(result.runs - result.censored)/\(result.runs)"
              + (result.setAside > 0 ? ", \(result.setAside) set aside" : ""),
            Format.interval(result.frontProduct), Format.number(report.adaptive.predictedGain),
          ]
        }
      }, left: [0, 1])
    standardOutput(
      "(S/S_min − 1)(E/E_min − 1) is 1 for every fixed batch; a smaller value beats all of them")
  }

  /// Prints the fits with 95 % intervals, and the reason if there is no number.
  ///
  /// - Parameter plan: The plan of the study, to suggest what to change if the law is rejected.
  static func show(_ reports: [FitReport], of plan: StudyPlan? = nil) {
    Table.show(
      ["task", "target", "verdict", "S_min", "E_min", "B_crit", "noise scale"],
      reports.map {
        [
          $0.task, $0.target, $0.verdict, Format.interval($0.minimumUpdates),
          Format.interval($0.minimumObservations), Format.interval($0.criticalBatch),
          Format.interval($0.noiseScale),
        ]
      }, left: [0, 1, 2])
    if reports.contains(where: { $0.mean == .arithmetic }) {
      standardOutput(
        "S is the arithmetic mean over seeds: the expected cost. Slow runs count in full, and none is"
          + " set aside")
    }
    showResiduals(reports)
    showParts(reports)
    for report in reports {
      let prefix = report.name.isEmpty ? "" : report.name + ": "
      if let reason = report.reason {
        standardOutput("\(prefix)\(reason)")
      }
      if let bounds = report.boundSentence { standardOutput("\(prefix)\(bounds)") }
      if let untuned = report.untunedSentence { standardOutput("\(prefix)\(untuned)") }
      if let need = report.need { standardOutput("\(prefix)\(need)") }
      for outlier in report.setAside {
        standardOutput(
          "\(prefix)set aside as broken: batch \(Format.grouped(outlier.batch))"
            + (outlier.seed.map { ", seed \($0)" } ?? "")
            + ", \(outlier.length)")
      }
    }
    let rejected = Set(reports.filter { $0.verdict == .rejected }.map(\.question.taskVariant))
    if let remedy = plan.flatMap({ remedy(for: rejected, in: $0) }) { standardOutput(remedy) }
  }

  /// Prints how far the runs are off the law, and how far the critical batch depends on choices.
  private static func showResiduals(_ reports: [FitReport]) {
    let fitted = reports.filter { $0.rmsLogResidual != nil }
    guard !fitted.isEmpty else { return }
    standardOutput("\nResiduals of ln S, and B_crit by other fits")
    let isShare = fitted.contains { $0.mean == .arithmetic }
    Table.show(
      [
        "task", "target", isShare ? "seeds σ/mean S" : "seeds σ", "batches τ", "rms", "exponent",
        "B_crit without one batch",
        "linear fit",
      ],
      fitted.map {
        [
          $0.task, $0.target, Format.number($0.seedDeviation),
          Format.number($0.batchDeviation), Format.number($0.rmsLogResidual),
          Format.interval($0.exponent), Format.range($0.withoutOneBatch),
          Format.number($0.linearFit?.criticalBatch),
        ]
      }, left: [0, 1])
  }

  /// Prints the noise scales of parts of the gradient beside that of the total, which predicts
  /// B_crit.
  static func showParts(_ reports: [FitReport]) {
    let measured = reports.filter { !$0.parts.words.isEmpty }
    guard !measured.isEmpty else { return }
    standardOutput("\nNoise scales of the total gradient and of its parts")
    let namesTraining = Set(measured.map(\.question.training)).count > 1
    Table.show(
      ["task", "target"] + (namesTraining ? ["training"] : [])
        + ["total", "policy", "value", "preconditioned"],
      measured.map { report in
        [report.task, report.target]
          + (namesTraining ? [report.question.training?.name ?? ""] : [])
          + [
            report.noiseScale, report.parts.policy, report.parts.value,
            report.parts.preconditioned,
          ].map(Format.interval)
      }, left: namesTraining ? [0, 1, 2] : [0, 1])
  }

  /// Suggests what usually helps if the law is rejected and the plan does not do it yet.
  private static func remedy(for tasks: Set<TaskVariant?>, in plan: StudyPlan) -> String? {
    let lacksSeeds = plan.tasks.contains {
      tasks.contains($0.name) && plan.seeds(of: $0, .tuning) < 10
    }
    let isCoarse = !tasks.isEmpty && plan.learningRateFactor > 1.5
    let means = [
      lacksSeeds ? "more seeds (seeds: {tuning: 10, measuring: 24})" : nil,
      isCoarse
        ? "a finer grid of learning rates (learning-rates: {factor: 1.4}, in a new folder)" : nil,
    ].compactMap { $0 }
    guard !means.isEmpty else { return nil }
    return "rejected: it usually helps to give the plan \(means.joined(separator: " and\n"))"
  }
}

extension FitReport {
  /// Task and target as tables show them; empty if a table of runs names none.
  var task: String { question.taskVariant?.description ?? "" }
  var target: String { question.target?.text ?? "" }
  /// What a line about the fit begins with.
  var name: String {
    [task, target].filter { !$0.isEmpty }.joined(separator: " to ").cleanLine
  }
}

extension [Double] {
  fileprivate var average: Double { reduce(0, +) / Double(count) }

  fileprivate var geometricMean: Double? { isEmpty ? nil : exp(map { log($0) }.average) }
}
