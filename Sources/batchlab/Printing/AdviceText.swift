internal import Analysis
internal import Records

enum AdviceText {
  /// Prints a sentence for each fit that allows advice.
  static func show(_ fits: [FitReport]) {
    let advised = fits.compactMap { fit in fit.advice.map { (fit, $0) } }
    guard let cpu = advised.first?.1.cpu else { return }
    standardOutput("\nadvice for one run at a time on \(cpu)")
    for (report, advice) in advised {
      standardOutput("\(report.name): \(sentence(advice))")
    }
  }

  private static func sentence(_ advice: Advice) -> String {
    let (soonest, cheapest) = (advice.soonest, advice.cheapest)
    let first =
      "batch \(Format.grouped(soonest.batch)) reaches the target soonest, in"
      + " \(Format.number(soonest.seconds)) s with \(Format.number(soonest.observations)) observations"
    guard cheapest != soonest else {
      return first + "; no batch uses fewer observations within twice that time"
    }
    return first
      + "; batch \(Format.grouped(cheapest.batch)) takes \(Format.number(cheapest.seconds)) s and"
      + " \(Format.number(cheapest.observations)) observations"
  }

  /// Prints the time to the target at each measured batch.
  static func showSeconds(_ fit: FitReport) {
    guard let advice = fit.advice else {
      return standardOutput(
        "\n\(fit.name): no times, because \(fit.missingAdvice ?? "there are too few runs")")
    }
    standardOutput("\n\(fit.name)")
    Table.show(
      ["batch", "seconds", "E observations", "observations/s", "runs"],
      advice.batches.map {
        [
          Format.grouped($0.batch), Format.number($0.seconds), Format.number($0.observations),
          Format.number($0.observationsPerSecond), Format.grouped($0.runs),
        ]
      }, left: [])
  }
}
