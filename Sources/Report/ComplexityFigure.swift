import Analysis
import Foundation
import Records

extension Figure {
  /// (e) Critical batches and predictions against a measure of the tasks' complexity.
  static func complexity(
    _ training: TrainingComparison, _ comparison: AxisComparison, _ tasks: [TaskReport]
  ) -> Figure {
    let axis = comparison.axis
    let name = TaskReport.fileName("e-complexity-\(training.name)-\(axis.rawValue)")
    let points = tasks.compared(training.training).filter { $0.target.compared[axis] != nil }
    let boxes = Layout.stack(1, each: 320).boxes
    let estimates = points.flatMap {
      [$0.target.compared.criticalBatch, $0.target.compared.predictedBatch]
    }
    let panel = Panel(
      boxes[0],
      x: Axis(
        logarithmic: points.compactMap { $0.target.compared[axis] },
        title: "\(axis.words), \(axis.unit == "1" ? "ratio" : axis.unit)"),
      y: Axis(
        logarithmic: estimates.flatMap { [$0?.low, $0?.value, $0?.high].compactMap { $0 } },
        title: "critical batch, observations"), name: name)
    var marks: [Element] = []
    for point in points {
      let x = point.target.compared[axis] ?? 0
      let words = "\(axis.words) \(Format.number(x))"
      if point.isPredicted {
        marks.append(
          point.mark(
            in: panel, x: Estimate(value: x), y: point.target.compared.predictedBatch,
            label: "\(words), predicted \(Format.interval(point.target.compared.predictedBatch))",
            isHollow: true))
      }
      marks.append(
        point.mark(
          in: panel, x: Estimate(value: x), y: point.target.compared.criticalBatch,
          label: "\(words), measured \(Format.interval(point.target.compared.criticalBatch))"))
    }
    let predictions = points.filter(\.isPredicted).compactMap { point in
      point.predicted.map { panel.place(point.target.compared[axis] ?? panel.x.low, $0) }
    }
    let names = ComparedPoint.names(of: points, in: panel, besides: predictions) {
      panel.place($0.target.compared[axis] ?? panel.x.low, $0.measured)
    }
    let relation = comparison.criticalBatch
    return Figure(
      name: name,
      title: "\(training.name): critical batch against \(axis.words)",
      caption: (predictions.isEmpty
        ? ""
        : "Filled marks are measured. Hollow marks are predicted by the noise scale, where it "
          + "gives more than a bound. ")
        + "Faint marks are a task's other targets and other studies of it. "
        + (relation.reason.map { "No relation: \($0)." }
          ?? "Rank correlation \(Format.interval(relation.rankCorrelation))"
          + (relation.lacksInterval ? " (\(Relation.noInterval))" : "") + ", B_crit ∝ xᵃ with "
          + "a = \(Format.interval(relation.exponent)) (the line), \(ComparedPoint.basis)."),
      height: names.height,
      [
        .text(
          "\(training.name): critical batch against \(axis.words)",
          at: Point(x: Layout.left, y: 18), style: "head"), panel.axes(),
        panel.clipped(panel.powerLaw(relation)),
      ] + marks + names.elements)
  }
}

extension Panel {
  /// The line y = K·x^a across the panel; nothing without a relation.
  fileprivate func powerLaw(_ relation: Relation) -> [Element] {
    guard let exponent = relation.exponent?.value, let coefficient = relation.coefficient else {
      return []
    }
    return [curve("rule", [x.low, x.high].map { ($0, coefficient * pow($0, exponent)) })]
  }
}

extension ComplexityAxis {
  /// The measure's name on axes and in lists.
  var words: String {
    switch self {
    case .data: "data to the target, E_min"
    case .updates: "updates to the target, S_min"
    case .reference: "data to the target at the reference batch"
    case .compute: "compute to the target, C_min"
    case .progress: "share of the best score"
    case .odds: "odds of failure"
    case .states: "number of states"
    case .episodeLength: "episode length"
    case .observationSize: "observation size"
    }
  }
}
