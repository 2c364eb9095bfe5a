import Analysis
import Records

extension Figure {
  /// (c) The noise scale along training, against the score and against updates.
  static func noise(_ task: TaskReport, _ target: TargetReport) -> Figure {
    let name = task.figureName("c-noise", target)
    let chosen = target.batchesAround()
    let groups =
      [(batch: Int?.none, points: target.noise.byScore)]
      + chosen.map { (batch: Int?.some($0.batch), points: $0.points) }
    let legend = Legend(
      "right: batch",
      chosen.enumerated().map { index, course in
        (
          Format.grouped(course.batch),
          { at in
            [
              .group(
                Style.batch(index, of: chosen.count),
                [Mark.outline(Mark.shape(index), at: at, style: "shape", size: 4.5)])
            ]
          }
        )
      })
    let (boxes, height) = Layout.beside(height: 250, top: legend.bottom)
    let critical = target.report.criticalBatch
    let values = groups.flatMap(\.points).flatMap { $0.noise.ends }
    let noiseAxis = Axis(
      logarithmic: values + [critical?.value, critical?.low, critical?.high].compactMap { $0 },
      title: "noise scale, observations")
    let panels = [
      Panel(
        boxes[0], x: Axis(linear: target.noise.byScore.map(\.place), title: "score"), y: noiseAxis,
        name: "\(name)-0"),
      Panel(
        boxes[1],
        x: Axis(logarithmic: chosen.flatMap(\.points).map(\.place), title: "updates"),
        y: noiseAxis, name: "\(name)-1"),
    ]
    var elements = [task.heading(target)] + legend.elements
    elements += [panels[0].axes(), panels[0].clipped(panels[0].critical(critical))]
    elements += panels[0].course(
      target.noise.byScore, style: task.style, shape: task.shape, at: "score")
    elements += panels[0].criticalName(critical)
    elements += [panels[1].axes(), panels[1].clipped(panels[1].critical(critical))]
    for (index, course) in chosen.enumerated() {
      elements += panels[1].course(
        course.points, style: Style.batch(index, of: chosen.count),
        shape: Mark.shape(index), at: "batch \(Format.grouped(course.batch)), update")
    }
    return Figure(
      name: name, title: "\(task.title)\(target.ending): noise scale during training",
      caption: (values.isEmpty ? "No run here has noise measurements. " : "")
        + "The noise scale tr Σ/|G|² of the gradient, pooled over seeds, with 95 % intervals: all "
        + "batches together against the score (left), and single batches against updates (right)."
        + (groups.flatMap(\.points).contains { $0.noise.isBoundFromBelow }
          ? " A hollow mark with an arrow is a lower bound." : "")
        + (critical.map {
          $0.value == nil
            ? " Dashed: a bound on the critical batch." : " Dashed: the measured critical batch."
        } ?? " No critical batch is known (\(target.report.verdict.rawValue)).")
        + (target.report.parts.words.isEmpty
          ? ""
          : " Noise scales of parts of the gradient, up to the target: "
            + target.report.parts.words.joined(separator: ", ") + ".")
        + (target.report.censored > 0
          ? " Runs that did not reach the target are included here, but not in the prediction."
          : "")
        + target.withoutOutliers,
      height: height, elements)
  }
}

extension TargetReport {
  /// Up to three batches with noise measurements: near a quarter of the critical batch, near it,
  /// and near four times it. If it is unknown, the middle batch takes its place.
  fileprivate func batchesAround() -> [NoiseCourse.AtBatch] {
    let courses = noise.byUpdates
    guard !courses.isEmpty else { return [] }
    let middle =
      report.criticalBatch?.value ?? Double(courses[courses.count / 2].batch)
    let chosen = [0.25, 1, 4].compactMap { factor in
      courses.indices.min {
        (Double(courses[$0].batch) / middle / factor).distanceFromOne
          < (Double(courses[$1].batch) / middle / factor).distanceFromOne
      }
    }
    return Set(chosen).sorted().map { courses[$0] }
  }
}

extension Double {
  /// The larger of a ratio and its inverse.
  fileprivate var distanceFromOne: Double { self < 1 ? 1 / self : self }
}

extension Estimate {
  /// The value and the ends of the interval, as far as they are positive.
  fileprivate var ends: [Double] { [value, low, high].compactMap { $0 }.filter { $0 > 0 } }

  /// Whether there is no positive value, but a positive lower bound.
  fileprivate var isBoundFromBelow: Bool { (value ?? 0) <= 0 && (low ?? 0) > 0 }
}

extension Panel {
  /// The noise scale along training with intervals; bounds are hollow marks with an arrow.
  fileprivate func course(
    _ points: [NoiseCourse.Point], style: String, shape: Mark.Shape, at what: String
  ) -> [Element] {
    let known = points.compactMap { point in
      point.noise.value.map { (x: point.place, y: $0) }
    }.filter { $0.y > 0 }
    return [clipped([curve("curve \(style)", known)])]
      + points.compactMap { point in
        let noise = point.noise
        let words =
          "\(what) \(Format.number(point.place)): noise scale \(Format.interval(noise))"
        if let value = noise.value, value > 0 {
          let low = y.clamped(noise.low ?? value)
          let high = y.clamped(noise.high ?? value)
          return Mark.element(
            shape, at: place(point.place, value), style: style, label: words,
            lines: [(place(point.place, low), place(point.place, high))], size: 3.8)
        }
        guard let low = noise.low, low > 0 else { return nil }
        let at = place(point.place, low)
        return Mark.element(
          shape, at: at, style: style, label: words, lines: [(at, at.moved(0, -18))],
          isHollow: true, size: 3.8)
      }
  }

  /// A line at the measured critical batch or its bound, with its interval shaded.
  fileprivate func critical(_ critical: Estimate?) -> [Element] {
    guard let critical else { return [] }
    var elements: [Element] = []
    if critical.value != nil, let low = critical.low, let high = critical.high {
      let (top, bottom) = (place(x.low, y.clamped(high)), place(x.high, y.clamped(low)))
      elements.append(
        .rectangle(
          "shade", Box(x: top.x, y: top.y, width: bottom.x - top.x, height: bottom.y - top.y)))
    }
    if let value = critical.value ?? critical.low ?? critical.high {
      elements.append(rule(atY: value, "aim"))
    }
    return elements
  }

  fileprivate func criticalName(_ critical: Estimate?) -> [Element] {
    guard let critical, let value = critical.value ?? critical.low ?? critical.high else {
      return []
    }
    let sign = critical.value != nil ? "" : critical.low != nil ? "> " : "< "
    return [
      .text(
        "B_crit \(sign)\(Format.number(value))", at: place(x.low, value).moved(4, -6),
        style: "aimed halo small")
    ]
  }
}
