internal import Analysis
internal import Records

/// Prints a comparison: the targets, their complexity, and the relations between them.
struct ComparisonTables {
  private let comparison: Comparison

  init(_ comparison: Comparison) { self.comparison = comparison }

  func show() {
    let compared = comparison.points.filter(\.isCompared)
    if !compared.isEmpty {
      showCriticalBatches(compared)
      standardOutput()
      showComplexity(compared)
    }
    for algorithm in comparison.comparisons where algorithm.tasks > 0 {
      standardOutput("\n\(algorithm.name), \(count(algorithm.tasks))")
      show(algorithm)
    }
    let others = comparison.points.filter { !$0.isCompared }
    if !others.isEmpty { standardOutput("\nNot compared") }
    for point in others {
      let bound = point.criticalBatch.map { ", B_crit \(Format.interval($0))" } ?? ""
      standardOutput("\(point.name): \(point.fit.verdict.rawValue)\(bound): \(point.reason ?? "")")
    }
  }

  private func showCriticalBatches(_ points: [ComparedTarget]) {
    let columns: [(heading: String, text: (ComparedTarget) -> String)] = [
      ("task", { $0.fit.task }), ("target", { $0.fit.target }), ("algorithm", { $0.algorithm }),
      ("horizon", { $0.fit.question.horizon.map(String.init) ?? "" }),
      ("B_crit", { Format.interval($0.criticalBatch) }),
      ("predicted", { Format.interval($0.predictedBatch) }),
      ("predicted/B_crit", { Format.number($0.ratio) }),
    ]
    // Tables name no algorithm and have no predictions.
    let used = columns.filter { column in
      column.heading == "target" || points.contains { !["", "–"].contains(column.text($0)) }
    }
    Table.show(
      used.map(\.heading), points.map { point in used.map { $0.text(point) } },
      left: used.contains { $0.heading == "algorithm" } ? [0, 1, 2] : [0, 1])
  }

  private func showComplexity(_ points: [ComparedTarget]) {
    let reference = "E at batch \(Format.grouped(comparison.referenceBatch))"
    let axes = ComplexityAxis.allCases.filter { axis in points.contains { $0[axis] != nil } }
    Table.show(
      ["task", "target"] + axes.map { $0 == .reference ? reference : $0.heading },
      points.map { point in
        [point.fit.task, point.fit.target] + axes.map { Format.number(point[$0]) }
      }, left: [0, 1])
  }

  private func show(_ algorithm: AlgorithmComparison) {
    guard algorithm.tasks >= Relation.fewestTasks else {
      standardOutput(
        "too few for correlations and power laws, which need at least \(Relation.fewestTasks) tasks"
      )
      return showPrediction(of: algorithm)
    }
    Table.show(
      ["against", "tasks", "B_crit: ρ", "p", "exponent", "predicted: ρ", "p", "exponent"],
      algorithm.axes.filter { $0.criticalBatch.tasks > 0 }.map { axis in
        [axis.axis.heading, String(axis.criticalBatch.tasks)] + cells(axis.criticalBatch)
          + cells(axis.predictedBatch)
      })
    showPrediction(of: algorithm)
    let relations =
      algorithm.axes.flatMap { [$0.criticalBatch, $0.predictedBatch] }
      + [algorithm.prediction.relation]
    if relations.contains(where: \.lacksInterval) {
      standardOutput("ρ and r² of \(Relation.fewestTasks) tasks: \(Relation.noInterval)")
    }
  }

  private func cells(_ relation: Relation) -> [String] {
    [
      Format.interval(relation.rankCorrelation), Format.number(relation.pValue),
      Format.interval(relation.exponent),
    ]
  }

  private func showPrediction(of algorithm: AlgorithmComparison) {
    // Tables have no noise scale, so over all runs there is nothing new to say.
    guard algorithm.algorithm != nil else { return }
    let prediction = algorithm.prediction
    let relation = prediction.relation
    guard let miss = prediction.medianLogRatio else {
      standardOutput(
        "predicted and measured critical batches, \(count(relation.tasks)): too few for a median,"
          + " which needs at least \(Prediction.fewestTasks)")
      return
    }
    standardOutput(
      "predicted and measured critical batches, \(count(relation.tasks)):"
        + " median |log10 ratio| \(Format.interval(miss))")
    guard let share = prediction.rSquared else { return }
    standardOutput(
      "B_crit ∝ predicted^a with a = \(Format.interval(relation.exponent)), r² \(Format.interval(share)),"
        + " ρ \(Format.interval(relation.rankCorrelation))"
        + (relation.pValue.map { ", p \(Format.number($0))" } ?? ""))
  }

  private func count(_ tasks: Int) -> String { Format.counted(tasks, "task") }
}

extension ComplexityAxis {
  fileprivate var heading: String {
    switch self {
    case .data: "E_min"
    case .updates: "S_min"
    case .reference: "E at the reference batch"
    case .compute: "C_min"
    case .progress: "score share"
    case .odds: "failure odds"
    case .states: "states"
    case .episodeLength: "episode length"
    case .observationSize: "observation size"
    }
  }
}

extension ComparedTarget {
  fileprivate var algorithm: String { fit.question.algorithm?.rawValue ?? "" }
  fileprivate var name: String {
    [fit.name, algorithm, study].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  fileprivate var ratio: Double? {
    guard let predicted = predictedBatch?.value, let critical = criticalBatch?.value else {
      return nil
    }
    return predicted / critical
  }
}
