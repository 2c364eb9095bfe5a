import Analysis
import Foundation
import Records

extension Figure {
  /// (e) Critical batches and predictions against one measure of the tasks' complexity.
  static func complexity(
    _ algorithm: AlgorithmComparison, _ comparison: AxisComparison, _ subjects: [Subject]
  ) -> Figure {
    let axis = comparison.axis
    let name = Subject.fileName("e-complexity-\(algorithm.name)-\(axis.rawValue)")
    let points = subjects.compared(algorithm.algorithm).filter { $0.aim.compared[axis] != nil }
    let boxes = Layout.stack(1, each: 320).boxes
    let estimates = points.flatMap {
      [$0.aim.compared.criticalBatch, $0.aim.compared.predictedBatch]
    }
    let panel = Panel(
      boxes[0],
      x: Axis(
        logarithmic: points.compactMap { $0.aim.compared[axis] },
        title: "\(axis.words), \(axis.unit == "1" ? "ratio" : axis.unit)"),
      y: Axis(
        logarithmic: estimates.flatMap { [$0?.low, $0?.value, $0?.high].compactMap { $0 } },
        title: "critical batch, observations"), name: name)
    var marks: [Element] = []
    for point in points {
      let x = point.aim.compared[axis] ?? 0
      let words = "\(axis.words) \(Format.number(x))"
      if point.isPredicted {
        marks.append(
          point.mark(
            in: panel, x: Estimate(value: x), y: point.aim.compared.predictedBatch,
            label: "\(words), predicted \(Format.interval(point.aim.compared.predictedBatch))",
            isHollow: true))
      }
      marks.append(
        point.mark(
          in: panel, x: Estimate(value: x), y: point.aim.compared.criticalBatch,
          label: "\(words), measured \(Format.interval(point.aim.compared.criticalBatch))"))
    }
    let predictions = points.filter(\.isPredicted).compactMap { point in
      point.predicted.map { panel.place(point.aim.compared[axis] ?? panel.x.low, $0) }
    }
    let names = ComparedPoint.names(of: points, in: panel, besides: predictions) {
      panel.place($0.aim.compared[axis] ?? panel.x.low, $0.measured)
    }
    let relation = comparison.criticalBatch
    return Figure(
      name: name,
      title: "\(algorithm.name): critical batch against \(axis.words)",
      caption: "Filled: measured; hollow: predicted by the noise scale, where that is more than a "
        + "bound; faint: targets that are not the hardest fitted one of their task, and further "
        + "studies of it. "
        + (relation.reason.map { "No relation: \($0)." }
          ?? "Rank correlation \(Format.interval(relation.rankCorrelation))"
          + (relation.lacksInterval ? " (\(Relation.noInterval))" : "") + ", B_crit ∝ xᵃ with "
          + "a = \(Format.interval(relation.exponent)) (the line), always \(ComparedPoint.compared)."),
      height: names.height,
      [
        .text(
          "\(algorithm.name): critical batch against \(axis.words)",
          at: Point(x: Layout.left, y: 18), style: "head"), panel.axes(),
        panel.clipped(panel.powerLaw(relation)),
      ] + marks + names.elements)
  }
}

extension Panel {
  /// Y = K·X^a across the panel; nothing without a relation.
  fileprivate func powerLaw(_ relation: Relation) -> [Element] {
    guard let exponent = relation.exponent?.value, let coefficient = relation.coefficient else {
      return []
    }
    return [curve("rule", [x.low, x.high].map { ($0, coefficient * pow($0, exponent)) })]
  }
}

extension ComplexityAxis {
  /// What it is called on axes and in lists.
  var words: String {
    switch self {
    case .data: "data to the target, E_min"
    case .reference: "data to the target at the reference batch"
    case .compute: "compute to the target, C_min"
    case .progress: "share of the best score"
    case .odds: "odds of failure"
    case .states: "states"
    case .episodeLength: "episode length"
    case .observationSize: "observation size"
    }
  }
}
