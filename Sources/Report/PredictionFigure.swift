import Analysis

extension Figure {
  /// (d) The critical batches that the noise scale predicts against the measured ones, over the
  /// tasks of one algorithm.
  static func prediction(
    _ algorithm: AlgorithmComparison, _ subjects: [Subject]
  ) -> Figure {
    let name = Subject.fileName("d-prediction-\(algorithm.algorithm)")
    let points = subjects.compared(algorithm.algorithm).filter {
      $0.aim.compared.predictedBatch?.value != nil
    }
    let values = points.flatMap { point in
      [point.aim.compared.criticalBatch, point.aim.compared.predictedBatch].flatMap {
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
    var labels = Labels(in: box, avoiding: points.map { panel.place($0.predicted, $0.measured) })
    let marks = points.flatMap { point in
      [
        point.mark(
          in: panel, x: point.aim.compared.predictedBatch, y: point.aim.compared.criticalBatch,
          label: "predicted \(text(point.aim.compared.predictedBatch)), "
            + "measured \(text(point.aim.compared.criticalBatch)) observations")
      ] + point.name(at: panel.place(point.predicted, point.measured), &labels)
    }
    let notes = algorithm.prediction.notes.enumerated().map { index, note in
      Element.text(
        note, at: Point(x: box.right + 12, y: box.y + 14 + 17 * Double(index)), style: "small")
    }
    return Figure(
      name: name,
      title: "\(algorithm.algorithm): predicted against measured critical batch",
      caption: (points.isEmpty ? "No target is fitted yet. " : "")
        + "Each task with its hardest fitted target, 95 % intervals; its other fitted targets are "
        + "faint. The line is equality, the shade a factor of two. r² and the median are those of "
        + "the hardest targets."
        + (algorithm.prediction.relation.reason.map { " No r²: \($0)." } ?? ""),
      height: box.bottom + 46,
      [
        .text(
          "\(algorithm.algorithm): does the noise scale predict the critical batch?",
          at: Point(x: Layout.left, y: 18), style: "head"), panel.axes(), panel.clipped(plot),
      ] + marks + notes)
  }
}

extension Prediction {
  /// What is said beside the figure.
  fileprivate var notes: [String] {
    var notes = ["tasks: \(relation.tasks)"]
    notes.append("shade: a factor of two")
    if let rSquared { notes += ["r² of logarithms:", text(rSquared)] }
    if let medianLogRatio { notes += ["median |log₁₀ ratio|:", text(medianLogRatio)] }
    return notes
  }
}
