import Analysis
import Records

extension Figure {
  /// (g) Updates to the target against the learning rate at each batch, over the tuning seeds.
  static func rates(_ task: TaskReport, _ target: TargetReport) -> Figure {
    let name = task.figureName("g-rates", target)
    let batches = target.rates.batches
    let rates = batches.flatMap(\.rates)
    let isAnyMissed = rates.contains { $0.updates == nil }
    let legend = Legend(
      batches: batches.map {
        Format.grouped($0.batch) + ($0.isShortened ? "*" : "")
      },
      and: [
        ("chosen", { [Mark.outline(.circle, at: $0, style: "ring", size: 6)] })
      ]
        + (isAnyMissed
          ? [
            (
              "half or more of the seeds missed the target",
              { [Mark.outline(.down, at: $0, style: "hollow", size: 4)] }
            )
          ] : []))
    let (boxes, height) = Layout.stack(1, each: 290, top: legend.bottom)
    let known = Axis(logarithmic: rates.compactMap(\.updates), title: "")
    // Leaves room at the top for the rates that did not reach the target.
    let panel = Panel(
      boxes[0], x: Axis(logarithmic: rates.map(\.rate), title: "learning rate"),
      y: Axis(
        logarithmic: [known.low, known.high * 2], title: "median updates to the target"),
      name: name)
    let missed = panel.y.high / 1.3
    var lines: [Element] = []
    var marks: [Element] = []
    for (index, batch) in batches.enumerated() {
      let style = Style.batch(index, of: batches.count)
      lines.append(
        panel.curve(
          "curve \(Style.batchLine(index, of: batches.count))",
          batch.rates.compactMap { rate in
            rate.updates.map { (rate.rate, $0) }
          }))
      for rate in batch.rates {
        let at = panel.place(rate.rate, rate.updates ?? missed)
        if rate.rate == batch.chosen {
          marks.append(Mark.outline(.circle, at: at, style: "ring", size: 7.5))
        }
        marks.append(
          Mark.element(
            rate.updates == nil ? .down : Style.batchShape(index, of: batches.count), at: at,
            style: style, label: batch.words(rate), isHollow: rate.updates == nil, size: 3.6))
      }
      if let (rate, updates) = batch.halfWay {
        var ring = Element.group(
          "mark " + style,
          [Mark.outline(.circle, at: panel.place(rate, updates), style: "ring", size: 7.5)])
        ring.label = batch.words(halfWay: rate)
        marks.append(ring)
      }
    }
    return Figure(
      name: name, title: "\(task.title)\(target.ending): learning rates that were tried",
      caption: (rates.isEmpty ? "No learning rates were tried here. " : "")
        + "Medians over the tuning seeds; results are reported from other seeds. "
        + (isAnyMissed
          ? "Hollow marks at the top: half or more of the seeds missed the target. " : "")
        + "A ring marks the chosen learning rate. Of the rates at which the fewest seeds fail or "
        + "are late, it is the median of those that can't be told apart from the fastest. So it "
        + "may be halfway between two rates, and need not be the lowest mark."
        + (batches.contains(where: \.isShortened)
          ? " *: shortened horizon (the batch is smaller than the horizon), not used in the fit."
          : ""),
      height: height,
      [task.heading(target)] + legend.elements + [panel.axes(), panel.clipped(lines)] + marks)
  }
}

extension RateLandscape.AtBatch {
  /// Says that a rate was chosen, and how the rates around it did.
  private var choice: String {
    switch verdict {
    case .interior: "chosen (rates on both sides are worse)"
    case .stabilityLimited: "chosen (higher rates fail)"
    case .edge: "chosen (at the edge of the rates tried)"
    case .unreached, .untuned, nil: "chosen"
    }
  }

  /// A chosen rate that was not tried, with updates halfway between those of its neighbours.
  fileprivate var halfWay: (rate: Double, updates: Double)? {
    guard let chosen, !rates.contains(where: { $0.rate == chosen }) else { return nil }
    let below = rates.filter { $0.rate < chosen }.max { $0.rate < $1.rate }
    let above = rates.filter { $0.rate > chosen }.min { $0.rate < $1.rate }
    let updates = [below, above].compactMap { $0?.updates }
    guard let first = updates.first, let last = updates.last else { return nil }
    return (chosen, (first * last).squareRoot())
  }

  fileprivate func words(halfWay rate: Double) -> String {
    "batch \(Format.grouped(batch)), learning rate \(Format.number(rate)): \(choice), "
      + "halfway between two rates that were tried"
  }

  fileprivate func words(_ rate: RateLandscape.Rate) -> String {
    let result =
      rate.updates.map { "\(Format.number($0)) updates" }
      ?? "half or more of the seeds missed the target within \(Format.grouped(rate.most)) updates"
    let choice = rate.rate == chosen ? ", \(choice)" : ""
    return "batch \(Format.grouped(batch)), learning rate \(Format.number(rate.rate)): "
      + "\(result), reached by \(rate.reached) of \(rate.seeds) seeds\(choice)"
  }
}
