import Analysis
import Records

extension Figure {
  /// (g) Updates to the target against the learning rate at each batch, on the tuning seeds.
  static func rates(_ subject: Subject, _ aim: Aim) -> Figure {
    let name = subject.figureName("g-rates", aim)
    let batches = aim.rates.batches
    let rates = batches.flatMap(\.rates)
    let isAnyMissed = rates.contains { $0.updates == nil }
    let legend = Legend(
      batches: batches.map {
        Number.grouped(Double($0.batch)) + ($0.isShortened ? "*" : "")
      },
      and: [
        ("chosen", { [Mark.outline(.circle, at: $0, style: "ring", size: 6)] })
      ]
        + (isAnyMissed
          ? [
            (
              "half or more of the seeds did not reach it",
              { [Mark.outline(.down, at: $0, style: "hollow", size: 4)] }
            )
          ] : []))
    let (boxes, height) = Layout.stack(1, each: 290, top: legend.bottom)
    let known = Axis(logarithmic: rates.compactMap(\.updates), title: "")
    // Above what was reached there is room for what was not.
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
    }
    return Figure(
      name: name, title: "\(subject.title) to \(aim.target): learning rates that were tried",
      caption: (rates.isEmpty ? "No learning rate was searched for here. " : "")
        + "Medians over the tuning seeds, which are not the ones reported. "
        + (isAnyMissed
          ? "At hollow marks at the top half or more of the seeds did not reach the target. " : "")
        + "A ring marks the rate that was "
        + "chosen for it: among the rates that the fewest seeds fail or reach late, of those that "
        + "the seeds can't tell from the fastest, one that keeps away from rates that don't get "
        + "there. It need not be the lowest mark."
        + (batches.contains(where: \.isShortened)
          ? " *: the horizon is shortened; not in the fit." : ""),
      height: height,
      [subject.heading(aim)] + legend.elements + [panel.axes(), panel.clipped(lines)] + marks)
  }
}

extension RateLandscape.AtBatch {
  fileprivate func words(_ rate: RateLandscape.Rate) -> String {
    let result =
      rate.updates.map { "\(Number.text($0)) updates" }
      ?? "not reached within \(Number.grouped(rate.most)) updates by half or more"
    let choice = rate.rate == chosen ? ", chosen (\(verdict?.rawValue ?? "no verdict"))" : ""
    return "batch \(Number.grouped(Double(batch))), learning rate \(Number.text(rate.rate)): "
      + "\(result), reached by \(rate.reached) of \(rate.seeds) seeds\(choice)"
  }
}
