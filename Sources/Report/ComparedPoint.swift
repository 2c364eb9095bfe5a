import Analysis
import Records

/// A target as it stands among those of other tasks; its critical batch is known.
struct ComparedPoint {
  /// What captions say of the targets that numbers and lines are about.
  static let compared =
    "those of the compared targets, whichever stand out: the hardest fitted one of each task, in "
    + "the first study that has it"

  var subject: Subject
  var aim: Aim

  var measured: Double { aim.compared.criticalBatch?.value ?? 0 }
  /// The prediction, or its bound from below; `nil` without either.
  var predicted: Double? {
    let prediction = aim.compared.predictedBatch
    return (prediction?.value ?? prediction?.low).flatMap { $0 > 0 ? $0 : nil }
  }
  /// Whether the prediction is more than a bound.
  var isPredicted: Bool { predicted != nil && aim.compared.predictedBatch?.value != nil }

  /// Faint unless it is the target by which its task is compared. The page's sliders choose among
  /// the targets of one study of a task; a further study stays faint.
  private var fade: String {
    aim.compared.isCompared ? "" : subject.isCompared ? " other" : " elsewhere"
  }

  /// A cross of intervals; an arrow to the right where x is only bounded from below.
  func mark(
    in panel: Panel, x: Estimate?, y: Estimate?, label: String, isHollow: Bool = false
  ) -> Element {
    let (valueX, valueY) = (x?.value ?? x?.low ?? 0, y?.value ?? 0)
    let at = panel.place(valueX, valueY)
    var lines: [(from: Point, to: Point)] = []
    if x?.value == nil {
      lines.append((at, at.moved(18, 0)))
    } else if let low = x?.low, let high = x?.high {
      let (left, right) = (panel.x.clamped(low), panel.x.clamped(high))
      lines.append((panel.place(left, valueY), panel.place(right, valueY)))
    }
    if let low = y?.low, let high = y?.high {
      let (bottom, top) = (panel.y.clamped(low), panel.y.clamped(high))
      lines.append((panel.place(valueX, bottom), panel.place(valueX, top)))
    }
    let element = Mark.element(
      subject.shape, at: at, style: subject.style + fade,
      label: "\(subject.title) to \(aim.target): \(label)", lines: lines, isHollow: isHollow,
      size: 5.5)
    return marked(element)
  }

  /// The task's name beside its mark, seen where the mark is not faint; `nil` where it has no room.
  ///
  /// - Parameter others: marks of other tasks.
  fileprivate func name(
    at place: Point, apartFrom others: [Point], _ labels: inout Labels
  ) -> Element? {
    // Names of other targets are seen one at a time and need not keep away from each other.
    var own = labels
    let isWritten = own.add(
      subject.shortTitle, at: place, style: "name" + fade, must: !aim.compared.isCompared,
      apartFrom: others)
    guard isWritten else { return nil }
    let new = own.elements.suffix(own.elements.count - labels.elements.count)
    if aim.compared.isCompared { labels = own }
    return marked(new.count == 1 ? new[new.startIndex] : .group("name" + fade, Array(new)))
  }

  /// Lets the page find what belongs to the target.
  private func marked(_ element: Element) -> Element {
    var element = element
    element["data-subject"] = subject.name
    element["data-target"] = aim.target
    return element
  }
}

extension ComparedPoint {
  /// The tasks' names beside their marks where there is room, below the panel a key to all tasks
  /// where one has none, and the height of the figure.
  ///
  /// - Parameter others: further marks that no name may cover.
  static func names(
    of points: [ComparedPoint], in panel: Panel, besides others: [Point] = [],
    at place: (ComparedPoint) -> Point
  ) -> (elements: [Element], height: Double) {
    var labels = Labels(in: panel.box, avoiding: points.map(place) + others)
    let names = points.map { point in
      let apart = points.filter {
        $0.aim.compared.isCompared && $0.subject.name != point.subject.name
      }
      return point.name(at: place(point), apartFrom: apart.map(place), &labels)
    }
    let height = panel.box.bottom + 46
    let isCrowded = zip(points, names).contains { $0.aim.compared.isCompared && $1 == nil }
    guard isCrowded else { return (names.compactMap { $0 }, height) }
    let subjects = points.map(\.subject).sorted { $0.index < $1.index }
    let key = Legend(tasks: subjects, top: height + 10)
    return (names.compactMap { $0 } + key.elements, key.bottom)
  }
}

extension Legend {
  /// A key to tasks by colour and shape; each is named once.
  fileprivate init(tasks subjects: [Subject], top: Double) {
    var seen: Set<String> = []
    let entries = subjects.filter { seen.insert($0.name).inserted }.map { subject in
      let sample = { (at: Point) in
        let shape = Mark.outline(subject.shape, at: at, style: "shape", size: 5.5)
        return [Element.group(subject.style, [shape])]
      }
      return (text: subject.shortTitle, sample: sample)
    }
    self.init("", entries, top: top)
  }
}

extension [Subject] {
  /// The fitted targets of one algorithm; those that stand out last, so that no faint mark covers
  /// them.
  func compared(_ algorithm: Algorithm) -> [ComparedPoint] {
    let points = filter { $0.question.algorithm == algorithm }.flatMap { subject in
      subject.aims.filter(\.isFitted).map { ComparedPoint(subject: subject, aim: $0) }
    }
    return points.filter { !$0.aim.compared.isCompared }
      + points.filter { $0.aim.compared.isCompared }
  }
}
