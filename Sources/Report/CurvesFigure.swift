import Analysis
import Records

extension Figure {
  /// (f) The score against updates and against observations, a curve for each batch.
  static func curves(_ subject: Subject, _ aim: Aim) -> Figure {
    let name = subject.figureName("f-curves", aim)
    let legend = Legend(batches: aim.scores.map { Format.grouped($0.batch) })
    let (boxes, height) = Layout.beside(height: 250, top: legend.bottom)
    let points = aim.scores.flatMap(\.points)
    let target = aim.report.question.target?.value
    let scores = Axis(
      linear: points.flatMap { [$0.low, $0.high] } + (target.map { [$0] } ?? []), title: "score")
    let panels = [
      Panel(
        boxes[0], x: Axis(logarithmic: points.map(\.updates), title: "updates"), y: scores,
        name: "\(name)-0"),
      Panel(
        boxes[1],
        x: Axis(
          logarithmic: aim.scores.flatMap { curve in
            curve.points.map { $0.updates * Double(curve.batch) }
          }, title: "observations"), y: scores, name: "\(name)-1"),
    ]
    var elements = [subject.heading(aim)] + legend.elements
    for (index, panel) in panels.enumerated() {
      elements.append(panel.axes(showsY: true))
      var plot = target.map { [panel.rule(atY: $0, "aim")] } ?? []
      for (place, curve) in aim.scores.enumerated() {
        let factor = index == 0 ? 1 : Double(curve.batch)
        let style = Style.batch(place, of: aim.scores.count)
        plot.append(
          panel.band(
            "band \(style)", curve.points.map { ($0.updates * factor, $0.low, $0.high) },
            coarse: true))
        plot.append(
          panel.curve(
            "curve \(Style.batchLine(place, of: aim.scores.count))",
            curve.points.map { ($0.updates * factor, $0.score) }))
      }
      elements.append(panel.clipped(plot))
      elements += panel.crossings(aim, isInObservations: index == 1)
    }
    return Figure(
      name: name, title: "\(subject.title) to \(aim.target): score along training",
      caption: (aim.scores.isEmpty ? "No run at a tuned learning rate has a curve here. " : "")
        + "Median and quartiles over seeds at the learning rate that was chosen for this target, "
        + "by evaluation episodes; a run that has ended counts with its last score. Marks: where "
        + "the batch reaches the target (dashed), if all of its seeds did." + aim.withoutOutliers,
      height: height, elements)
  }
}

extension Panel {
  /// Where each batch reaches the target.
  fileprivate func crossings(_ aim: Aim, isInObservations: Bool) -> [Element] {
    guard let target = aim.report.question.target?.value else { return [] }
    let batches = aim.scores.map { Double($0.batch) }
    return aim.report.points.filter { !$0.isPartlyExpected }.compactMap { point in
      guard let index = batches.firstIndex(of: point.batch) else { return nil }
      return Mark.element(
        Style.batchShape(index, of: batches.count),
        at: place(point.updates * (isInObservations ? point.batch : 1), target),
        style: Style.batch(index, of: batches.count), label: point.words, size: 3.8)
    }
  }
}
