internal import Foundation
internal import Records

extension CoreTimes {
  /// The best batch for each number of cores, in words. Numbers of cores in a row that don't differ
  /// are named together.
  public var sentence: String {
    var groups: [(best: Best, cores: [Int])] = []
    for best in best {
      if let last = groups.last?.best, last.batch == best.batch,
        last.time.seconds == best.time.seconds, last.time.origin == best.time.origin
      {
        groups[groups.count - 1].cores.append(best.time.cores)
      } else {
        groups.append((best, [best.time.cores]))
      }
    }
    let parts = groups.map { best, cores in
      "on \(Self.counted(cores)) batch \(Format.grouped(best.batch)), \(best.time.words)"
    }
    return "soonest: " + parts.joined(separator: "; ")
  }

  private static func counted(_ cores: [Int]) -> String {
    Format.list(cores.map(Format.grouped)) + (cores == [1] ? " core" : " cores")
  }

  /// How many times as long an update took in the rows as when it was timed, both on one core: the
  /// geometric mean over batches; `nil` if none was timed.
  public var slowdown: Double? {
    let ratios = batches.compactMap { batch in
      batch.timed.oneThread[batch.batch].map { log(batch.secondsPerUpdate / $0) }
    }
    return ratios.isEmpty ? nil : exp(mean(ratios))
  }

  /// Says that the machine has another speed now than when the study ran; `nil` if it hasn't.
  public var change: String? {
    guard let slowdown, !(0.8...1.25).contains(slowdown) else { return nil }
    return
      "on one core an update took \(Format.brief(slowdown)) times as long in the study as now; "
      + "the times above are those of the study"
  }
}

extension CoreTimes.Time {
  /// The time with its interval, such as 1.23 [1.1, 1.3] s, and whether it is modelled.
  public var words: String {
    guard let value = seconds.value else { return "–" }
    let (unit, length) = value < 90 ? ("s", 1.0) : value < 5400 ? ("min", 60) : ("h", 3600)
    return "\(Format.interval(seconds.times(1 / length))) \(unit)"
      + (origin == .modelled ? " (modelled)" : "")
  }
}

extension UpdateModel {
  /// The formula with its numbers, and where they are from.
  public var sentence: String {
    let source =
      misfit.map {
        "fitted to updates that were just timed with one and with several threads; its root-mean-square error is "
          + Format.percent($0)
      } ?? "both assumed, because no update was timed on several cores"
    return
      "model: an update that takes t on one core takes t (f + (1 − f)/m) + o on N, where m ≤ N "
      + "of its parts are computed at once; f = \(Format.number(serialShare)) and "
      + "o = \(Format.number(overheadSeconds * 1e6)) µs, \(source)"
  }
}
