import Analysis
import Records

extension Figure {
  /// (h) The cost of reaching the target at each batch: seconds on the machine that measured them,
  /// serial steps, observations and operations.
  static func cost(_ task: TaskReport, _ target: TargetReport) -> Figure {
    let name = task.figureName("h-cost", target)
    let rows = CostRow.rows(task, target).filter { !$0.values.isEmpty }
    let (boxes, height) = Layout.stack(max(rows.count, 1), each: 130)
    let batches = Axis(
      logarithmic: target.report.points.map(\.batch), title: "batch B, observations per update")
    var elements = [task.heading(target)]
    for (index, row) in rows.enumerated() {
      let panel = Panel(
        boxes[index], x: batches,
        y: Axis(logarithmic: row.values.map(\.cost), title: row.title), name: "\(name)-\(index)")
      elements.append(panel.axes(showsX: index == rows.count - 1))
      elements.append(
        panel.clipped(
          panel.advice(target) + [
            panel.curve("curve \(task.style)", row.values.map { ($0.batch, $0.cost) })
          ]))
      elements += row.values.map { value in
        Mark.element(
          task.shape, at: panel.place(value.batch, value.cost), style: task.style,
          label: value.words(row.unit), isHollow: value.point?.isPartlyExpected == true)
      }
      if index == 0 { elements += panel.adviceNames(target, row) }
    }
    let advice = target.report.advice
    let times =
      advice.map {
        "Seconds are the training time of one trial on \($0.cpu): the law's E divided by the "
          + "measured speed. "
      }
      ?? "No seconds are shown because the law is not fitted here, or because the runs come from "
      + "several kinds of processor. "
    return Figure(
      name: name, title: "\(task.title)\(target.ending): time and cost by batch",
      caption: times
        + "Serial steps are S × horizon: environment steps that must run one after another, "
        + "however parallel the machine. "
        + target.report.expectedRuns
        + (target.report.compute == nil
          ? "" : "Operations are those of the network's matrix products, counted by convention. ")
        + (advice == nil
          ? ""
          : "Dashed lines: the batch that reaches the target soonest, and the cheapest batch that "
            + "takes at most twice as long."),
      height: height, elements)
  }
}

/// One kind of cost, with its value at each batch.
private struct CostRow {
  var title: String
  var unit: String
  var values: [Value]

  struct Value {
    var batch: Double
    var cost: Double
    /// The measurement that the cost is computed from; `nil` if it is computed from the law.
    var point: BatchPoint?

    func words(_ unit: String) -> String {
      "batch \(Format.grouped(batch)): \(Format.number(cost)) \(unit); "
        + (point?.seedWords ?? "by the law")
    }
  }

  static func rows(_ task: TaskReport, _ target: TargetReport) -> [CostRow] {
    let points = target.report.points
    let horizon = Double(task.horizon ?? 1)
    func measured(_ cost: (BatchPoint) -> Double) -> [Value] {
      points.map { Value(batch: $0.batch, cost: cost($0), point: $0) }
    }
    return [
      CostRow(
        title: "seconds", unit: "s",
        values: (target.report.advice?.batches ?? []).map {
          Value(batch: Double($0.batch), cost: $0.seconds)
        }),
      CostRow(
        title: "serial steps", unit: "environment steps one after another",
        values: measured { $0.updates * horizon }),
      CostRow(
        title: "observations", unit: "observations",
        values: measured { $0.updates * $0.batch }),
      CostRow(
        title: "operations", unit: "operations of the network's matrix products",
        values: target.report.compute.map { compute in
          measured { $0.updates * $0.batch * compute.operationsPerObservation }
        } ?? []),
    ]
  }
}

extension Panel {
  /// Lines at the advised batches.
  fileprivate func advice(_ target: TargetReport) -> [Element] {
    guard let advice = target.report.advice else { return [] }
    return Set([advice.soonest.batch, advice.cheapest.batch]).sorted().map {
      rule(atX: Double($0), "aim")
    }
  }

  fileprivate func adviceNames(_ target: TargetReport, _ row: CostRow) -> [Element] {
    guard let advice = target.report.advice else { return [] }
    var labels = Labels(in: box, avoiding: row.values.map { place($0.batch, $0.cost) })
    let isOne = advice.soonest.batch == advice.cheapest.batch
    labels.add(
      isOne ? "soonest and cheapest" : "soonest",
      at: Point(x: place(Double(advice.soonest.batch), y.low).x, y: box.y + 14),
      style: "small aimed", must: true)
    if !isOne {
      labels.add(
        "cheapest within twice the time",
        at: Point(x: place(Double(advice.cheapest.batch), y.low).x, y: box.y + 30),
        style: "small aimed", must: true)
    }
    return labels.elements
  }
}
