import Analysis
import Records

/// A target with a known critical batch, in the figures that compare tasks.
struct ComparedPoint {
  /// What captions say about the numbers and lines of such a figure.
  static let basis =
    "based on the hardest fitted target of each task, in the first study with one, "
    + "whichever targets are highlighted"

  var task: TaskReport
  var target: TargetReport

  var measured: Double { target.compared.criticalBatch?.value ?? 0 }
  /// The prediction or its lower bound; `nil` if there is neither.
  var predicted: Double? {
    let prediction = target.compared.predictedBatch
    return (prediction?.value ?? prediction?.low).flatMap { $0 > 0 ? $0 : nil }
  }
  /// Whether there is a prediction that is not only a bound.
  var isPredicted: Bool { predicted != nil && target.compared.predictedBatch?.value != nil }

  /// The style that makes the point faint unless it represents its task. The page's sliders choose
  /// among the targets of one study of a task; further studies stay faint.
  private var fade: String {
    target.compared.isCompared ? "" : task.isCompared ? " other" : " elsewhere"
  }

  /// A mark with a cross of intervals, or with an arrow to the right if x is a lower bound.
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
      task.shape, at: at, style: task.style + fade,
      label: "\(task.title)\(target.ending): \(label)", lines: lines, isHollow: isHollow,
      size: 5.5)
    return marked(element)
  }

  /// The task's name beside its mark, visible unless the mark is faint; `nil` if there is no room.
  ///
  /// - Parameter others: Marks of other tasks.
  fileprivate func name(
    at place: Point, apartFrom others: [Point], _ labels: inout Labels
  ) -> Element? {
    // Names of other targets are visible one at a time, so they may overlap each other.
    var own = labels
    let isWritten = own.add(
      task.shortTitle, at: place, style: "name" + fade, must: !target.compared.isCompared,
      apartFrom: others)
    guard isWritten else { return nil }
    let new = own.elements.suffix(own.elements.count - labels.elements.count)
    if target.compared.isCompared { labels = own }
    return marked(new.count == 1 ? new[new.startIndex] : .group("name" + fade, Array(new)))
  }

  /// Marks the element as the target's, for the page's script.
  private func marked(_ element: Element) -> Element {
    var element = element
    element["data-task"] = task.identifier
    element["data-target"] = target.name
    return element
  }
}

extension ComparedPoint {
  /// The tasks' names beside their marks, and the height of the figure. If a name has no room, a
  /// key to all tasks is added below the panel.
  ///
  /// - Parameter others: Further marks that no name may cover.
  static func names(
    of points: [ComparedPoint], in panel: Panel, besides others: [Point] = [],
    at place: (ComparedPoint) -> Point
  ) -> (elements: [Element], height: Double) {
    var labels = Labels(in: panel.box, avoiding: points.map(place) + others)
    let names = points.map { point in
      let apart = points.filter {
        $0.target.compared.isCompared && $0.task.identifier != point.task.identifier
      }
      return point.name(at: place(point), apartFrom: apart.map(place), &labels)
    }
    let height = panel.box.bottom + 46
    let isCrowded = zip(points, names).contains { $0.target.compared.isCompared && $1 == nil }
    guard isCrowded else { return (names.compactMap { $0 }, height) }
    let tasks = points.map(\.task).sorted { $0.index < $1.index }
    let key = Legend(tasks: tasks, top: height + 10)
    return (names.compactMap { $0 } + key.elements, key.bottom)
  }
}

extension Legend {
  /// A key to tasks by color and shape; each task or variant is named once.
  fileprivate init(tasks: [TaskReport], top: Double) {
    var seen: Set<TaskVariant> = []
    let entries = tasks.filter { seen.insert(TaskVariant($0.name, $0.question.variant)).inserted }
      .map { task in
        let sample = { (at: Point) in
          let shape = Mark.outline(task.shape, at: at, style: "shape", size: 5.5)
          return [Element.group(task.style, [shape])]
        }
        return (text: task.shortTitle, sample: sample)
      }
    self.init("", entries, top: top)
  }
}

extension [TaskReport] {
  /// The fitted targets of one training, or of all. Highlighted ones come last, so that no faint
  /// mark covers them.
  func compared(_ training: Training?) -> [ComparedPoint] {
    let points = filter { training == nil || $0.question.training == training }.flatMap { task in
      task.targets.filter { $0.isFitted && !$0.report.isUntuned }.map {
        ComparedPoint(task: task, target: $0)
      }
    }
    return points.filter { !$0.target.compared.isCompared }
      + points.filter { $0.target.compared.isCompared }
  }
}
