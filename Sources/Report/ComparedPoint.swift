import Analysis

/// A target as it stands among those of other tasks; its critical batch is known.
struct ComparedPoint {
  var subject: Subject
  var aim: Aim

  var measured: Double { aim.compared.criticalBatch?.value ?? 0 }
  var predicted: Double { aim.compared.predictedBatch?.value ?? 0 }

  /// A cross of intervals; faint unless it is the target by which its task is compared.
  func mark(
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
  func name(at place: Point, _ labels: inout Labels) -> [Element] {
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
  func compared(_ algorithm: String) -> [ComparedPoint] {
    filter { $0.algorithm == algorithm }.flatMap { subject in
      subject.aims.filter(\.isFitted).map { ComparedPoint(subject: subject, aim: $0) }
    }
  }
}
