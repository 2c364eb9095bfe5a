internal import Analysis
internal import Records

/// What `fit --cores` prints.
enum CoreTables {
  /// Prints a table and three sentences for each target.
  ///
  /// - Parameter processor: that of this machine.
  static func show(_ fits: [FitReport], processor: String) {
    if fits.contains(where: { $0.cores != nil }) {
      standardOutput("\ntime to the target by cores")
      standardOutput("~ modelled, not measured; * the soonest batch on so many cores")
    }
    for fit in fits { standardOutput("\n" + lines(fit, processor: processor)) }
  }

  /// The table of a target and what there is to say about it, or why there is none.
  static func lines(_ fit: FitReport, processor: String) -> String {
    guard let times = fit.cores else {
      return "\(fit.name): no times, because \(fit.missingAdvice ?? "there are too few runs")"
    }
    let header =
      ["batch", "S updates", "ms/update"]
      // The cells end with room for a mark.
      + times.best.map { Format.counted($0.time.cores, "core") + "  " }
    let rows = times.batches.map { batch -> [any TableCell] in
      let cells = batch.times.map { time in
        let isBest = times.best.contains { $0.batch == batch.batch && $0.time == time }
        return words(time) + (isBest ? " *" : "  ")
      }
      return [
        Format.grouped(batch.batch), Format.number(batch.updates.value),
        Format.number(1000 * batch.secondsPerUpdate),
      ] + cells
    }
    let machine =
      times.cpu == processor
      ? nil
      : "the runs are from another processor (\(times.cpu)), so nothing was timed on this one"
    return
      ([fit.name, Table.text(header, rows, left: []), times.sentence, times.model.sentence]
      + [times.change, machine].compactMap { $0 }).joined(separator: "\n")
  }

  /// A time to the target, with a mark if it is modelled.
  private static func words(_ time: CoreTimes.Time) -> String {
    (time.origin == .modelled ? "~ " : "") + Format.time(time.seconds.value)
  }
}
