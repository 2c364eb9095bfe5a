import Analysis
import Records

/// The reports of the variants of one task in one source.
struct VariantGroup {
  let study: String
  let task: String
  /// At least two.
  let variants: [TaskReport]
  let identifier: String

  /// The variant of a report as text.
  static func name(_ report: TaskReport) -> String { report.question.variant ?? report.title }

  /// The group that begins with a report; `nil` if it doesn't begin one.
  init?(beginningWith first: TaskReport, among tasks: [TaskReport]) {
    let own = tasks.filter { $0.study == first.study && $0.name == first.name }
    guard own.count > 1, own.first?.index == first.index,
      own.contains(where: { $0.question.variant != nil })
    else { return nil }
    (study, task, variants) = (first.study, first.name, own)
    // A source can have any name, and several may hold the task.
    let isOnly = Set(tasks.filter { $0.name == first.name }.map(\.study)).count == 1
    identifier = TaskReport.fileName(isOnly ? task : "\(task)-\(study)")
  }
}

extension Figure {
  /// (j) Critical batches and noise scales of a task's variants against the target score.
  static func variants(_ group: VariantGroup) -> Figure {
    let name = TaskReport.fileName("j-variants-\(group.identifier)")
    let series = group.variants.map(VariantSeries.init)
    let legend = Legend(
      "",
      series.map { own in
        (
          Labels.shortened(own.name) { Labels.width($0) < 400 },
          { at in
            [.group(own.style, [Mark.outline(own.shape, at: at, style: "shape", size: 4.5)])]
          }
        )
      })
    let (boxes, height) = Layout.beside(height: 270, top: legend.bottom)
    let points = series.flatMap(\.points)
    let values = points.flatMap { [$0.criticalBatch, $0.noiseScale] }.flatMap { estimate in
      [estimate?.low, estimate?.value, estimate?.high].compactMap { $0 }.filter { $0 > 0 }
    }
    let titles = ["measured critical batch", "noise scale"]
    let panels = titles.indices.map { index in
      Panel(
        boxes[index], x: Axis(linear: points.map(\.target), title: "target score"),
        y: Axis(logarithmic: values, title: "\(titles[index]), observations"),
        name: "\(name)-\(index)")
    }
    var elements: [Element] = [
      .text(
        "\(group.task): critical batch and noise scale at equal scores",
        at: Point(x: Layout.left, y: 18), style: "head")
    ]
    elements += legend.elements + panels.map { $0.axes() }
    for own in series {
      elements += panels[0].series(own, \.criticalBatch, title: titles[0])
      elements += panels[1].series(own, \.noiseScale, title: titles[1])
    }
    return Figure(
      name: name, title: "\(group.task): variants at equal scores",
      caption:
        "Each line is a variant of \(group.task). Left: the critical batch of each target with"
        + " the verdict “fitted”. Right: the noise scale up to each target, whatever the verdict."
        + " Vertical lines are 95 % intervals.",
      height: height, elements)
  }
}

/// The targets of a variant that are numbers.
private struct VariantSeries {
  struct Point {
    var target: Double
    /// `nil` unless fitted.
    var criticalBatch: Estimate?
    var noiseScale: Estimate?
  }

  let name: String
  let style: String
  let shape: Mark.Shape
  let points: [Point]

  init(_ report: TaskReport) {
    name = VariantGroup.name(report)
    (style, shape) = (report.style, report.shape)
    points = report.targets.compactMap { target in
      target.report.question.target?.value.map {
        Point(
          target: $0, criticalBatch: target.isFitted ? target.report.criticalBatch : nil,
          noiseScale: target.compared.predictedBatch)
      }
    }
  }
}

extension Panel {
  /// Marks with intervals at the known values of a variant, and lines between neighbouring targets.
  fileprivate func series(
    _ series: VariantSeries, _ quantity: (VariantSeries.Point) -> Estimate?, title: String
  ) -> [Element] {
    let known = series.points.compactMap { point in
      quantity(point).flatMap { estimate in
        estimate.value.flatMap { $0 > 0 ? (x: point.target, y: $0, estimate: estimate) : nil }
      }
    }
    // A target without a value interrupts the line.
    let stretches = series.points.split { (quantity($0)?.value ?? 0) <= 0 }
    let lines = stretches.map { points in
      curve("curve \(series.style)", points.map { ($0.target, quantity($0)?.value ?? 0) })
    }
    return [clipped(lines)]
      + known.map { point in
        let (low, high) = (
          y.clamped(point.estimate.low ?? point.y), y.clamped(point.estimate.high ?? point.y)
        )
        return Mark.element(
          series.shape, at: place(point.x, point.y), style: series.style,
          label: "\(series.name), to \(Format.shortest(point.x)): \(title)"
            + " \(Format.interval(point.estimate))",
          lines: [(place(point.x, low), place(point.x, high))], size: 3.8)
      }
  }
}
