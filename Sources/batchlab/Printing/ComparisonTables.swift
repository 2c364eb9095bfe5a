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
      SweepTables.showParts(compared.map(\.fit))
      standardOutput()
      showComplexity(compared)
    }
    for training in comparison.comparisons where training.tasks > 0 {
      standardOutput(
        "\n\(training.training?.words ?? training.name), \(count(training.tasks))"
          + (training.games < training.tasks
            ? " of \(Format.counted(training.games, "game"))" : ""))
      ScoreTables.show(training.prediction, referenceBatch: comparison.referenceBatch)
      show(training)
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
      ("optimizer", { $0.fit.question.training?.optimizer.rawValue ?? "" }),
      ("horizon", { $0.fit.question.horizon.map(String.init) ?? "" }),
      ("B_crit", { Format.interval($0.criticalBatch) }),
      ("noise scale", { Format.interval($0.predictedBatch) }),
      ("likely B_crit", { Format.band($0.likelyBatch) }),
      ("noise scale/B_crit", { Format.number($0.ratio) }),
    ]
    // Tables name no algorithm and have no predictions.
    let used = columns.filter { column in
      column.heading == "target" || points.contains { !["", "–"].contains(column.text($0)) }
    }
    Table.show(
      used.map(\.heading), points.map { point in used.map { $0.text(point) } },
      left: used.contains { $0.heading == "algorithm" } ? [0, 1, 2, 3] : [0, 1])
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

  private func show(_ training: TrainingComparison) {
    guard training.tasks >= Relation.fewestTasks else {
      return standardOutput(
        "too few for correlations and power laws, which need at least \(Relation.fewestTasks) tasks"
      )
    }
    standardOutput("\nCritical batch against task complexity, at each task's hardest fitted target")
    Table.show(
      ["against", "tasks", "B_crit: ρ", "p", "exponent", "predicted: ρ", "p", "exponent"],
      training.axes.filter { $0.criticalBatch.tasks > 0 }.map { axis in
        [axis.axis.heading, String(axis.criticalBatch.tasks)] + cells(axis.criticalBatch)
          + cells(axis.predictedBatch)
      })
    let relation = training.prediction.relation
    if training.training != nil, relation.exponent != nil {
      standardOutput("B_crit ∝ predicted^a with a = \(Format.interval(relation.exponent))")
    }
    let relations = training.axes.flatMap { [$0.criticalBatch, $0.predictedBatch] } + [relation]
    if relations.contains(where: \.lacksInterval) {
      standardOutput("ρ and r² without an interval: \(Relation.noInterval)")
    }
  }

  private func cells(_ relation: Relation) -> [String] {
    [
      Format.interval(relation.rankCorrelation), Format.number(relation.pValue),
      Format.interval(relation.exponent),
    ]
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
