import Analysis
import Records

extension Figure {
  /// (b) S and E against the batch, with the regimes below and above the critical batch.
  static func scaling(_ task: TaskReport, _ target: TargetReport) -> Figure {
    let (report, name) = (target.report, task.figureName("b-scaling", target))
    let (boxes, height) = Layout.stack(2, each: 180)
    let batches = Axis(
      logarithmic: report.points.map(\.batch), title: "batch B, observations per update")
    let panels = [
      ("updates to the target, S", 0.0), ("observations to the target, E", 1.0),
    ].enumerated().map { index, row in
      (
        panel: Panel(
          boxes[index], x: batches,
          y: Axis(logarithmic: report.ends(power: row.1), title: row.0), name: "\(name)-\(index)"),
        power: row.1
      )
    }
    var elements = [task.heading(target)]
    for (index, (panel, power)) in panels.enumerated() {
      var labels = Labels(
        in: panel.box,
        avoiding: report.points.map { panel.place($0.batch, $0.value(power, $0.updates)) })
      let regimes = target.isFitted ? panel.regimes(report, &labels, isNamed: index == 0) : []
      elements += [
        panel.axes(showsX: index == 1), panel.clipped(regimes),
        panel.clipped(panel.law(task, target, power: power)),
      ]
      elements += report.points.map { point in
        Mark.element(
          task.shape, at: panel.place(point.batch, point.value(power, point.updates)),
          style: task.style, label: point.words,
          lines: panel.interval(point, power: power), isHollow: point.isPartlyExpected)
      }
      elements += labels.elements
    }
    return Figure(
      name: name, title: "\(task.title)\(target.ending): updates and observations by batch",
      caption: target.caution
        + "Geometric means over seeds with 95 % intervals. " + report.expectedRuns
        + (target.isFitted
          ? "The line is the fitted law, the shaded band its 95 % interval. Below a quarter of "
            + "B_crit, runs take at most 25 % more observations than E_min; above four times "
            + "B_crit, they take at most 25 % more updates than S_min."
          : report.law == nil
            ? "" : report.dottedLine),
      height: height, elements)
  }
}

extension BatchPoint {
  /// S if the power is 0, E = S·B if it is 1.
  fileprivate func value(_ power: Double, _ updates: Double) -> Double {
    power == 0 ? updates : updates * batch
  }
}

extension FitReport {
  /// All values that an axis of S or E must cover.
  fileprivate func ends(power: Double) -> [Double] {
    points.flatMap { point in
      [point.low, point.updates, point.high].compactMap { $0 }.map { point.value(power, $0) }
    }
  }
}

extension Panel {
  fileprivate func interval(_ point: BatchPoint, power: Double) -> [(from: Point, to: Point)] {
    guard !point.isPartlyExpected, let low = point.low, let high = point.high else { return [] }
    return [
      (
        place(point.batch, point.value(power, low)), place(point.batch, point.value(power, high))
      )
    ]
  }

  fileprivate func law(_ task: TaskReport, _ target: TargetReport, power: Double) -> [Element] {
    guard let law = target.report.law else { return [] }
    func value(_ updates: Double, _ batch: Double) -> Double {
      power == 0 ? updates : updates * batch
    }
    let band = target.report.band
    let batches = band.isEmpty ? target.report.points.map(\.batch) : band.map(\.batch)
    let line = curve(
      "curve \(task.style)" + (target.isFitted ? "" : " doubtful"),
      batches.map { ($0, value(law.updates(atBatch: $0), $0)) })
    guard target.isFitted, !band.isEmpty else { return [line] }
    return [
      self.band(
        "band \(task.style)",
        band.map { ($0.batch, value($0.low, $0.batch), value($0.high, $0.batch)) }), line,
    ]
  }

  /// Shades the outer regimes and draws a line at B_crit.
  fileprivate func regimes(
    _ report: FitReport, _ labels: inout Labels, isNamed: Bool
  ) -> [Element] {
    guard let critical = report.criticalBatch?.value else { return [] }
    let edges = [x.low, x.clamped(critical / 4), x.clamped(critical * 4), x.high].map {
      place($0, y.low).x
    }
    let areas = zip(edges, edges.dropFirst()).map { left, right in
      Box(x: left, y: box.y, width: right - left, height: box.height)
    }
    var elements = [areas[0], areas[2]].filter { $0.width > 0 }.map {
      Element.rectangle("shade", $0)
    }
    if x.contains(critical) { elements.append(rule(atX: critical, "aim")) }
    guard isNamed else { return elements }
    for (area, name) in zip(
      areas, ["perfect scaling", "diminishing returns", "no further speedup"])
    where area.width > Labels.width(name, size: 11) + 4 {
      elements.append(
        .text(
          name, at: Point(x: area.x + area.width / 2, y: box.y + 15), .middle,
          style: "small faint halo"))
    }
    if x.contains(critical) {
      labels.add(
        "B_crit \(Format.interval(report.criticalBatch))",
        at: Point(x: place(critical, y.low).x, y: box.y + 34), style: "aimed", must: true)
    }
    return elements
  }
}
