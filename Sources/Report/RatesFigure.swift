import Analysis
import Records

extension Figure {
  /// (g) Updates to the target against the learning rate at each batch, on the tuning seeds.
  static func rates(_ subject: Subject, _ aim: Aim) -> Figure {
    let name = subject.figureName("g-rates", aim)
    let batches = aim.rates.batches
    let legend = Legend(
      batches: batches.map(\.batch),
      and: [
        ("chosen", { [Mark.outline(.circle, at: $0, style: "ring", size: 6)] }),
        (
          "not reached by half of the seeds",
          { [Mark.outline(.down, at: $0, style: "hollow", size: 4)] }
        ),
      ])
    let (boxes, height) = Layout.stack(1, each: 290, top: legend.bottom)
    let rates = batches.flatMap(\.rates)
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
          "curve \(style)",
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
            rate.updates == nil ? .down : .circle, at: at, style: style,
            label: batch.words(rate), isHollow: rate.updates == nil, size: 3.6))
      }
    }
    return Figure(
      name: name, title: "\(subject.title) to \(aim.target): learning rates that were tried",
      caption: (rates.isEmpty ? "No learning rate was searched for here. " : "")
        + "Medians over the tuning seeds, which are not the ones reported. A ring marks the rate "
        + "that was chosen for this target; hollow marks at the top did not reach it.",
      height: height,
      [subject.heading(aim)] + legend.elements + [panel.axes(), panel.clipped(lines)] + marks)
  }
}

extension RateLandscape.AtBatch {
  fileprivate func words(_ rate: RateLandscape.Rate) -> String {
    let result =
      rate.updates.map { "\(Number.text($0)) updates" }
      ?? "not reached within \(Number.grouped(rate.most)) updates"
    let choice = rate.rate == chosen ? ", chosen (\(verdict?.rawValue ?? "no verdict"))" : ""
    return "batch \(Number.grouped(Double(batch))), learning rate \(Number.text(rate.rate)): "
      + "\(result), \(rate.reached) of \(rate.seeds) seeds\(choice)"
  }
}
