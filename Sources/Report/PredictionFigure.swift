import Analysis
import Foundation

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

  /// (e) Critical batches and predictions against one measure of the tasks' complexity.
  static func complexity(
    _ algorithm: AlgorithmComparison, _ comparison: AxisComparison, _ subjects: [Subject]
  ) -> Figure {
    let axis = comparison.axis
    let name = Subject.fileName("e-complexity-\(algorithm.algorithm)-\(axis.rawValue)")
    let points = subjects.compared(algorithm.algorithm).filter { $0.aim.compared[axis] != nil }
    let (boxes, height) = Layout.stack(1, each: 320)
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
    var labels = Labels(
      in: boxes[0],
      avoiding: points.compactMap { point in
        point.aim.compared[axis].map { panel.place($0, point.measured) }
      })
    var marks: [Element] = []
    for point in points {
      let x = point.aim.compared[axis] ?? 0
      let words = "\(axis.words) \(Number.text(x))"
      if point.aim.compared.predictedBatch?.value != nil {
        marks.append(
          point.mark(
            in: panel, x: Estimate(value: x), y: point.aim.compared.predictedBatch,
            label: "\(words), predicted \(text(point.aim.compared.predictedBatch))",
            isHollow: true))
      }
      marks.append(
        point.mark(
          in: panel, x: Estimate(value: x), y: point.aim.compared.criticalBatch,
          label: "\(words), measured \(text(point.aim.compared.criticalBatch))"))
      marks += point.name(at: panel.place(x, point.measured), &labels)
    }
    let relation = comparison.criticalBatch
    return Figure(
      name: name,
      title: "\(algorithm.algorithm): critical batch against \(axis.words)",
      caption: "Filled: measured; hollow: predicted by the noise scale; faint: targets that are "
        + "not the hardest fitted one of their task. "
        + (relation.reason.map { "No relation: \($0)." }
          ?? "Over the hardest targets rank correlation \(text(relation.rankCorrelation)), "
          + "B_crit ∝ xᵃ with a = \(text(relation.exponent)) (the line)."),
      height: height,
      [
        .text(
          "\(algorithm.algorithm): critical batch against \(axis.words)",
          at: Point(x: Layout.left, y: 18), style: "head"), panel.axes(),
        panel.clipped(panel.powerLaw(relation)),
      ] + marks)
  }
}

/// A target as it stands among those of other tasks; its critical batch is known.
struct ComparedPoint {
  var subject: Subject
  var aim: Aim

  var measured: Double { aim.compared.criticalBatch?.value ?? 0 }
  var predicted: Double { aim.compared.predictedBatch?.value ?? 0 }

  /// A cross of intervals; faint unless it is the target by which its task is compared.
  fileprivate func mark(
    in panel: Panel, x: Estimate?, y: Estimate?, label: String, isHollow: Bool = false
  ) -> Element {
    let (valueX, valueY) = (x?.value ?? 0, y?.value ?? 0)
    var lines: [(from: Point, to: Point)] = []
    if let low = x?.low, let high = x?.high {
      lines.append((panel.place(low, valueY), panel.place(high, valueY)))
    }
    if let low = y?.low, let high = y?.high {
      lines.append((panel.place(valueX, low), panel.place(valueX, high)))
    }
    let element = Mark.element(
      subject.shape, at: panel.place(valueX, valueY),
      style: subject.style + (aim.compared.isCompared ? "" : " other"),
      label: "\(subject.title) to \(aim.target): \(label)", lines: lines, isHollow: isHollow,
      size: 5.5)
    return marked(element)
  }

  /// The task's name beside its mark, seen where the mark is not faint.
  fileprivate func name(at place: Point, _ labels: inout Labels) -> [Element] {
    // Names of other targets are seen one at a time and need not keep away from each other.
    var own = labels
    own.add(
      subject.title, at: place, style: aim.compared.isCompared ? "name" : "name other", must: true)
    if aim.compared.isCompared { labels = own }
    return own.elements.suffix(1).map(marked)
  }

  /// Lets the page find what belongs to the target.
  private func marked(_ element: Element) -> Element {
    var element = element
    element["data-subject"] = subject.name
    element["data-target"] = aim.target
    return element
  }
}

extension [Subject] {
  /// The fitted targets of one algorithm.
  fileprivate func compared(_ algorithm: String) -> [ComparedPoint] {
    filter { $0.algorithm == algorithm }.flatMap { subject in
      subject.aims.filter(\.isFitted).map { ComparedPoint(subject: subject, aim: $0) }
    }
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
