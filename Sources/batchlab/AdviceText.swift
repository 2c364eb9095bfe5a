internal import Analysis

/// Advice as people read it.
enum AdviceText {
  /// A sentence for each fit that allows one.
  static func show(_ fits: [FitReport]) {
    let advised = fits.compactMap { fit in fit.advice.map { (fit, $0) } }
    guard let cpu = advised.first?.1.cpu else { return }
    print("\nadvice for one lane on \(cpu)")
    for (report, advice) in advised {
      print("\(report.name): \(sentence(advice))")
    }
  }

  private static func sentence(_ advice: Advice) -> String {
    let (soonest, cheapest) = (advice.soonest, advice.cheapest)
    let first =
      "batch \(Text.grouped(soonest.batch)) gets there soonest, in \(Text.number(soonest.seconds)) s"
      + " with \(Text.number(soonest.observations)) observations"
    guard cheapest != soonest else { return first + "; none is cheaper within twice the time" }
    return first
      + "; \(Text.grouped(cheapest.batch)) takes \(Text.number(cheapest.seconds)) s and"
      + " \(Text.number(cheapest.observations))"
  }

  /// Time to the target at each batch that was measured.
  static func showSeconds(_ fit: FitReport) {
    guard let advice = fit.advice else {
      return print("\n\(fit.name): no times, for the law is not fitted here")
    }
    print("\n\(fit.name)")
    print(
      Text.table(
        ["batch", "seconds", "E observations", "observations/s", "runs"],
        advice.batches.map {
          [
            Text.grouped($0.batch), Text.number($0.seconds), Text.number($0.observations),
            Text.number($0.observationsPerSecond), Text.grouped($0.runs),
          ]
        }, left: []))
  }
}
