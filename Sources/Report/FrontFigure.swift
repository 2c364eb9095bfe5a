import Analysis
import Records

extension Figure {
  /// (a) S against E at the measured batches, with the law's curve through them.
  static func front(_ task: TaskReport, _ target: TargetReport) -> Figure {
    let (report, name) = (target.report, task.figureName("a-front", target))
    let (points, law) = (report.points, report.law)
    let (boxes, height) = Layout.stack(1, each: 340)
    let ends = points.flatMap { [$0.low ?? $0.updates, $0.updates, $0.high ?? $0.updates] }
    let ownBatches = points.flatMap { [$0.batch, $0.batch, $0.batch] }
    let least = target.isFitted ? law : nil
    let panel = Panel(
      boxes[0],
      x: Axis(
        logarithmic: zip(ends, ownBatches).map { $0 * $1 }
          + (least.map { [$0.minimumObservations] } ?? []),
        title: "observations to the target, E"),
      y: Axis(
        logarithmic: ends + (least.map { [$0.minimumUpdates] } ?? []),
        title: "updates to the target, S"),
      name: name)
    var plot: [Element] = []
    if let least {
      plot += [
        panel.rule(atX: least.minimumObservations, "rule"),
        panel.rule(atY: least.minimumUpdates, "rule"),
        panel.diagonalBand(task.style, report.band),
      ]
    }
    if let law { plot.append(panel.front(law, report, target, style: task.style)) }
    var labels = Labels(
      in: boxes[0], avoiding: points.map { panel.place($0.batch * $0.updates, $0.updates) })
    var marks: [Element] = []
    if let least {
      marks.append(panel.criticalMark(least, report, &labels))
      panel.nameLimits(least, report, &labels)
    }
    for point in points {
      let place = panel.place(point.batch * point.updates, point.updates)
      marks.append(
        Mark.element(
          task.shape, at: place, style: task.style, label: point.words,
          lines: panel.diagonalInterval(point), isHollow: point.isPartlyExpected))
      labels.add(Format.grouped(point.batch), at: place)
    }
    return Figure(
      name: name, title: "\(task.title)\(target.ending): updates against observations",
      caption: target.caution
        + "Each mark is a batch, with its size beside it: the geometric mean over its seeds, with "
        + "a 95 % interval along the diagonal E = batch × S. " + report.expectedRuns
        + (target.isFitted
          ? "The line is the fitted law, the shaded band its 95 % interval, and the dashed lines "
            + "its limits S_min and E_min. The ring marks the critical batch, at which a run takes "
            + "twice S_min and twice E_min."
          : law == nil
            ? "" : report.dottedLine)
        + (report.residualWords.isEmpty ? "" : " " + report.residualWords.dropLast()),
      height: height,
      [task.heading(target), panel.axes(), panel.clipped(plot)] + marks + labels.elements)
  }
}

extension Panel {
  /// The law as a line through the points (E, S).
  fileprivate func front(
    _ law: ParetoLaw, _ report: FitReport, _ target: TargetReport, style: String
  ) -> Element {
    let batches = report.band.isEmpty ? report.points.map(\.batch) : report.band.map(\.batch)
    return curve(
      "curve \(style)" + (target.isFitted ? "" : " doubtful"),
      batches.map {
        (law.observations(atBatch: $0), law.updates(atBatch: $0))
      })
  }

  fileprivate func diagonalBand(_ style: String, _ band: [LawBand]) -> Element {
    .path(
      "band \(style)",
      band.map { place($0.batch * $0.low, $0.low) }
        + band.reversed().map { place($0.batch * $0.high, $0.high) }, isClosed: true)
  }

  fileprivate func diagonalInterval(_ point: BatchPoint) -> [(from: Point, to: Point)] {
    guard !point.isPartlyExpected, let low = point.low, let high = point.high else { return [] }
    return [(place(point.batch * low, low), place(point.batch * high, high))]
  }

  /// A ring at the critical batch, at twice both minima.
  fileprivate func criticalMark(
    _ law: ParetoLaw, _ report: FitReport, _ labels: inout Labels
  ) -> Element {
    let at = place(2 * law.minimumObservations, 2 * law.minimumUpdates)
    labels.add(
      "B_crit \(Format.interval(report.criticalBatch))", at: at.moved(6, -6), style: "aimed",
      must: true)
    var mark = Mark.element(
      .circle, at: at, style: "critical",
      label:
        "critical batch \(Format.interval(report.criticalBatch)) observations: twice S_min and E_min"
    )
    mark.children = [Mark.outline(.circle, at: at, style: "ring", size: 9)]
    return mark
  }

  fileprivate func nameLimits(_ law: ParetoLaw, _ report: FitReport, _ labels: inout Labels) {
    labels.add(
      "S_min \(Format.interval(report.minimumUpdates))",
      at: Point(x: box.x, y: place(x.low, law.minimumUpdates).y - 10), style: "small faint")
    labels.add(
      "E_min \(Format.interval(report.minimumObservations))",
      at: Point(x: place(law.minimumObservations, y.low).x, y: box.y + 12), style: "small faint")
  }
}

extension FitReport {
  /// What hollow marks mean; empty if there are none.
  var expectedRuns: String {
    guard points.contains(where: \.isPartlyExpected) else { return "" }
    return law == nil
      ? "Hollow marks leave out the seeds that did not reach the target, so they are too low. "
      : "Hollow marks include seeds that did not reach the target, with the values that the law "
        + "expects for them. "
  }
}

extension BatchPoint {
  /// Whether some seeds did not reach the target, so that the value is not a plain mean.
  var isPartlyExpected: Bool { censored > 0 }

  /// The label of the point's mark.
  var words: String {
    let estimate = Estimate(value: updates, low: low, high: high)
    return "batch \(Format.grouped(batch)): S \(Format.interval(estimate)) updates, "
      + "E \(Format.number(updates * batch)) observations; \(seedWords)"
  }

  var seedWords: String {
    (seeds == 1 ? "1 seed" : "\(seeds) seeds") + (censored > 0 ? ", \(censored) censored" : "")
  }
}
