import Analysis
import Records

extension Figure {
  /// (d) Measured critical batches against those that the noise scale predicts, for the tasks of
  /// one training.
  static func prediction(
    _ training: TrainingComparison, _ tasks: [TaskReport]
  ) -> Figure {
    let name = TaskReport.fileName("d-prediction-\(training.name)")
    let fitted = tasks.compared(training.training)
    let points = fitted.filter { $0.predicted != nil }
    let values = points.flatMap { point in
      [point.target.compared.criticalBatch, point.target.compared.predictedBatch].flatMap {
        [$0?.low, $0?.value, $0?.high].compactMap { $0 }
      }
    }
    let box = Box(x: Layout.left, y: Layout.top, width: 430, height: 430)
    let panel = Panel(
      box, x: Axis(logarithmic: values, title: "predicted by the noise scale, observations"),
      y: Axis(logarithmic: values, title: "measured critical batch, observations"), name: name)
    let (low, high) = (panel.x.low, panel.x.high)
    let plot: [Element] = [
      panel.band("shade", [(low, low / 2, low * 2), (high, high / 2, high * 2)]),
      panel.curve("rule", [(low, low), (high, high)]),
    ]
    let marks = points.map { point in
      point.mark(
        in: panel, x: point.target.compared.predictedBatch, y: point.target.compared.criticalBatch,
        label: "predicted \(Format.interval(point.target.compared.predictedBatch)), "
          + "measured \(Format.interval(point.target.compared.criticalBatch)) observations",
        isHollow: !point.isPredicted)
    }
    let names = ComparedPoint.names(of: points, in: panel) {
      panel.place($0.predicted ?? low, $0.measured)
    }
    let notes = training.prediction.notes.enumerated().map { index, note in
      Element.text(
        note, at: Point(x: box.right + 12, y: box.y + 14 + 17 * Double(index)), style: "small")
    }
    return Figure(
      name: name,
      title: "\(training.name): predicted against measured critical batch",
      caption: missing(of: fitted, points)
        + (points.isEmpty
          ? ""
          : "Each task is shown with its hardest fitted target and 95 % intervals; its other "
            + "fitted targets and other studies of it are faint. ")
        + (points.allSatisfy(\.isPredicted)
          ? ""
          : "A hollow mark with an arrow is a lower bound on the prediction; r² and the median "
            + "leave it out. ")
        + "On the line, prediction and measurement are equal; the shaded band is a factor of two."
        + (points.isEmpty ? "" : " r² and the median are \(ComparedPoint.basis).")
        + (training.prediction.relation.reason.map { " No r²: \($0)." } ?? "")
        + (training.prediction.lacksInterval ? " r²: \(Relation.noInterval)." : ""),
      height: names.height,
      [
        .text(
          "\(training.name): does the noise scale predict the critical batch?",
          at: Point(x: Layout.left, y: 18), style: "head"), panel.axes(), panel.clipped(plot),
      ] + marks + names.elements + notes)
  }

  /// Says what is not drawn.
  private static func missing(of fitted: [ComparedPoint], _ drawn: [ComparedPoint]) -> String {
    let count = fitted.count - drawn.count
    if fitted.isEmpty { return "No target is fitted. " }
    if drawn.isEmpty { return "No fitted target has a prediction. " }
    return count == 0
      ? "" : "Not drawn: \(Format.counted(count, "fitted target")) without a prediction. "
  }
}

extension Prediction {
  fileprivate var lacksInterval: Bool { hardest?.rSquared != nil && relation.lacksInterval }

  /// The notes beside the figure.
  fileprivate var notes: [String] {
    var notes = ["tasks: \(relation.tasks)"]
    if relation.games < relation.tasks { notes.append("games: \(relation.games)") }
    notes.append("band: a factor of two")
    if let rSquared = hardest?.rSquared {
      notes += ["r² of logarithms:", Format.interval(rSquared)]
    }
    if lacksInterval { notes += ["(too few games", "for an interval)"] }
    if let miss = hardest?.medianLogRatio {
      notes += ["median |log₁₀ ratio|:", Format.interval(miss)]
    }
    return notes
  }
}
