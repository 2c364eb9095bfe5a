import Analysis
import Records

extension Figure {
  /// (f) The score against updates and against observations, a curve for each batch.
  static func curves(_ task: TaskReport, _ target: TargetReport) -> Figure {
    let name = task.figureName("f-curves", target)
    let legend = Legend(batches: target.scores.map { Format.grouped($0.batch) })
    let (boxes, height) = Layout.beside(height: 250, top: legend.bottom)
    let points = target.scores.flatMap(\.points)
    let goal = target.report.question.target?.value
    let scores = Axis(
      linear: points.flatMap { [$0.low, $0.high] } + (goal.map { [$0] } ?? []), title: "score")
    let panels = [
      Panel(
        boxes[0], x: Axis(logarithmic: points.map(\.updates), title: "updates"), y: scores,
        name: "\(name)-0"),
      Panel(
        boxes[1],
        x: Axis(
          logarithmic: target.scores.flatMap { curve in
            curve.points.map { $0.updates * Double(curve.batch) }
          }, title: "observations"), y: scores, name: "\(name)-1"),
    ]
    var elements = [task.heading(target)] + legend.elements
    for (index, panel) in panels.enumerated() {
      elements.append(panel.axes(showsY: true))
      var plot = goal.map { [panel.rule(atY: $0, "aim")] } ?? []
      for (place, curve) in target.scores.enumerated() {
        let factor = index == 0 ? 1 : Double(curve.batch)
        let style = Style.batch(place, of: target.scores.count)
        plot.append(
          panel.band(
            "band \(style)", curve.points.map { ($0.updates * factor, $0.low, $0.high) },
            coarse: true))
        plot.append(
          panel.curve(
            "curve \(Style.batchLine(place, of: target.scores.count))",
            curve.points.map { ($0.updates * factor, $0.score) }))
      }
      elements.append(panel.clipped(plot))
      elements += panel.crossings(target, isInObservations: index == 1)
    }
    return Figure(
      name: name, title: "\(task.title)\(target.ending): score during training",
      caption: (target.scores.isEmpty ? "No run at a chosen learning rate has a curve here. " : "")
        + "Median and quartiles of the evaluation score over seeds, at the learning rate chosen "
        + "for this target. A run that has ended counts with its last score. Marks show where a "
        + "batch reaches the target (dashed line), if all of its seeds do."
        + target.withoutOutliers,
      height: height, elements)
  }
}

extension Panel {
  /// Marks where each batch reaches the target.
  fileprivate func crossings(_ target: TargetReport, isInObservations: Bool) -> [Element] {
    guard let score = target.report.question.target?.value else { return [] }
    let batches = target.scores.map { Double($0.batch) }
    return target.report.points.filter { !$0.isPartlyExpected }.compactMap { point in
      guard let index = batches.firstIndex(of: point.batch) else { return nil }
      return Mark.element(
        Style.batchShape(index, of: batches.count),
        at: place(point.updates * (isInObservations ? point.batch : 1), score),
        style: Style.batch(index, of: batches.count), label: point.words, size: 3.8)
    }
  }
}
