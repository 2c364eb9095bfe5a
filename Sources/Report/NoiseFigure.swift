import Analysis
import Records

extension Figure {
  /// (c) The noise scale along training, against the score and against updates.
  static func noise(_ subject: Subject, _ aim: Aim) -> Figure {
    let name = subject.figureName("c-noise", aim)
    let factor = Double(aim.report.question.minibatches)
    let chosen = aim.batchesAround()
    let groups =
      [(batch: Int?.none, points: aim.noise.byScore)]
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
    let critical = aim.report.criticalBatch
    let values = groups.flatMap(\.points).flatMap { $0.noise.ends }.map { $0 * factor }
    let noiseAxis = Axis(
      logarithmic: values + [critical?.value, critical?.low, critical?.high].compactMap { $0 },
      title: "noise scale, observations")
    let panels = [
      Panel(
        boxes[0], x: Axis(linear: aim.noise.byScore.map(\.place), title: "score"), y: noiseAxis,
        name: "\(name)-0"),
      Panel(
        boxes[1],
        x: Axis(logarithmic: chosen.flatMap(\.points).map(\.place), title: "updates"),
        y: noiseAxis, name: "\(name)-1"),
    ]
    var elements = [subject.heading(aim)] + legend.elements
    elements += [panels[0].axes(), panels[0].clipped(panels[0].critical(critical))]
    elements += panels[0].course(
      aim.noise.byScore, factor: factor, style: subject.style, shape: subject.shape, at: "score")
    elements += panels[0].criticalName(critical)
    elements += [panels[1].axes(), panels[1].clipped(panels[1].critical(critical))]
    for (index, course) in chosen.enumerated() {
      elements += panels[1].course(
        course.points, factor: factor, style: Style.batch(index, of: chosen.count),
        shape: Mark.shape(index), at: "batch \(Format.grouped(course.batch)), update")
    }
    return Figure(
      name: name, title: "\(subject.title) to \(aim.target): noise scale along training",
      caption: (values.isEmpty ? "No run has noise moments here. " : "")
        + "tr Σ/|G|² of the gradient, pooled over seeds with 95 % intervals: on the left over all "
        + "batches against the score, on the right at single batches against updates."
        + (groups.flatMap(\.points).contains { $0.noise.isBoundFromBelow }
          ? " A hollow mark with an arrow is a lower bound." : "")
        + (critical.map {
          $0.value == nil
            ? " Dashed: a bound of the critical batch." : " Dashed: the measured critical batch."
        } ?? " No critical batch is known (\(aim.report.verdict.rawValue)).")
        + (factor > 1
          ? " The noise scale is multiplied by the \(aim.report.question.minibatches) minibatches."
          : "")
        + (aim.report.censored > 0
          ? " Runs that did not get there count to their end here, and not in the prediction." : "")
        + aim.withoutOutliers,
      height: height, elements)
  }
}

extension Aim {
  /// Up to three batches with moments: near a quarter of the critical one, near it, and near four
  /// times it; where none is known, near the middle.
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
  /// Of a ratio: the larger of it and its inverse.
  fileprivate var distanceFromOne: Double { self < 1 ? 1 / self : self }
}

extension Estimate {
  /// What of it is a positive number.
  fileprivate var ends: [Double] { [value, low, high].compactMap { $0 }.filter { $0 > 0 } }

  /// Whether it is drawn as a bound: without a positive value, but with such a lower end.
  fileprivate var isBoundFromBelow: Bool { (value ?? 0) <= 0 && (low ?? 0) > 0 }
}

extension Panel {
  /// Noise at places, with intervals; bounds as hollow marks with an arrow.
  fileprivate func course(
    _ points: [NoiseCourse.Point], factor: Double, style: String, shape: Mark.Shape, at what: String
  ) -> [Element] {
    let known = points.compactMap { point in
      point.noise.value.map { (x: point.place, y: $0 * factor) }
    }.filter { $0.y > 0 }
    return [clipped([curve("curve \(style)", known)])]
      + points.compactMap { point in
        let noise = point.noise
        let words =
          "\(what) \(Format.number(point.place)): noise scale \(Format.interval(noise.times(factor)))"
        if let value = noise.value, value > 0 {
          let low = y.clamped((noise.low ?? value) * factor)
          let high = y.clamped((noise.high ?? value) * factor)
          return Mark.element(
            shape, at: place(point.place, value * factor), style: style, label: words,
            lines: [(place(point.place, low), place(point.place, high))], size: 3.8)
        }
        guard let low = noise.low, low > 0 else { return nil }
        let at = place(point.place, low * factor)
        return Mark.element(
          shape, at: at, style: style, label: words, lines: [(at, at.moved(0, -18))],
          isHollow: true, size: 3.8)
      }
  }

  /// The measured critical batch: a line, or its bound's, and the shade of its interval.
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
