import Analysis
import Records

extension Figure {
  /// (h) What reaching the target costs at each batch: time on this machine, time without limits,
  /// data and operations.
  static func cost(_ subject: Subject, _ aim: Aim) -> Figure {
    let name = subject.figureName("h-cost", aim)
    let rows = CostRow.rows(subject, aim).filter { !$0.values.isEmpty }
    let (boxes, height) = Layout.stack(max(rows.count, 1), each: 130)
    let batches = Axis(
      logarithmic: aim.report.points.map(\.batch), title: "batch B, observations per update")
    var elements = [subject.heading(aim)]
    for (index, row) in rows.enumerated() {
      let panel = Panel(
        boxes[index], x: batches,
        y: Axis(logarithmic: row.values.map(\.cost), title: row.title), name: "\(name)-\(index)")
      elements.append(panel.axes(showsX: index == rows.count - 1))
      elements.append(
        panel.clipped(
          panel.advice(aim) + [
            panel.curve("curve \(subject.style)", row.values.map { ($0.batch, $0.cost) })
          ]))
      elements += row.values.map { value in
        Mark.element(
          subject.shape, at: panel.place(value.batch, value.cost), style: subject.style,
          label: value.words(row.unit), isHollow: value.point?.isPartlyExpected == true)
      }
      if index == 0 { elements += panel.adviceNames(aim, row) }
    }
    let advice = aim.report.advice
    let times =
      advice.map {
        "Seconds of one lane on \($0.cpu), training alone: E of the law over the measured speed. "
      }
      ?? "No seconds: the law is not fitted here, or the runs come from several processors. "
    return Figure(
      name: name, title: "\(subject.title) to \(aim.target): time and cost by batch",
      caption: times
        + "Serial steps are S × horizon, the time that a machine without limits needs. "
        + aim.report.expectedRuns
        + (aim.report.compute == nil
          ? "" : "Operations are counted by convention, per observation as the runs took. ")
        + (advice == nil
          ? "" : "Dashed: the batch that is soonest, and the cheapest within twice its time."),
      height: height, elements)
  }
}

/// One kind of cost.
private struct CostRow {
  var title: String
  var unit: String
  /// By batch.
  var values: [Value]

  struct Value {
    var batch: Double
    var cost: Double
    /// From which the cost follows; `nil` where the law alone says it.
    var point: BatchPoint?

    func words(_ unit: String) -> String {
      "batch \(Format.grouped(batch)): \(Format.number(cost)) \(unit); "
        + (point?.seedWords ?? "by the law")
    }
  }

  static func rows(_ subject: Subject, _ aim: Aim) -> [CostRow] {
    let points = aim.report.points
    let horizon = Double(subject.horizon ?? 1)
    func measured(_ cost: (BatchPoint) -> Double) -> [Value] {
      points.map { Value(batch: $0.batch, cost: cost($0), point: $0) }
    }
    return [
      CostRow(
        title: "seconds", unit: "s",
        values: (aim.report.advice?.batches ?? []).map {
          Value(batch: Double($0.batch), cost: $0.seconds)
        }),
      CostRow(
        title: "serial steps", unit: "environment steps one after another",
        values: measured { $0.updates * horizon }),
      CostRow(
        title: "observations", unit: "observations",
        values: measured { $0.updates * $0.batch }),
      CostRow(
        title: "operations", unit: "operations of the network's products",
        values: aim.report.compute.map { compute in
          measured { $0.updates * $0.batch * compute.operationsPerObservation }
        } ?? []),
    ]
  }
}

extension Panel {
  /// The batches that are advised, as lines.
  fileprivate func advice(_ aim: Aim) -> [Element] {
    guard let advice = aim.report.advice else { return [] }
    return Set([advice.soonest.batch, advice.cheapest.batch]).sorted().map {
      rule(atX: Double($0), "aim")
    }
  }

  fileprivate func adviceNames(_ aim: Aim, _ row: CostRow) -> [Element] {
    guard let advice = aim.report.advice else { return [] }
    var labels = Labels(in: box, avoiding: row.values.map { place($0.batch, $0.cost) })
    let isOne = advice.soonest.batch == advice.cheapest.batch
    labels.add(
      isOne ? "soonest and cheapest" : "soonest",
      at: Point(x: place(Double(advice.soonest.batch), y.low).x, y: box.y + 14),
      style: "small aimed", must: true)
    if !isOne {
      labels.add(
        "cheapest in twice the time",
        at: Point(x: place(Double(advice.cheapest.batch), y.low).x, y: box.y + 30),
        style: "small aimed", must: true)
    }
    return labels.elements
  }
}
