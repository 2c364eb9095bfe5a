import Analysis
import Records

/// A task with one kind of training in one source: a section of the page.
struct TaskReport {
  /// The name of the study or table.
  let study: String
  /// The task, the algorithm and the optimizer.
  let question: Question
  let horizon: Int?
  /// Determines the color and shape of its marks.
  let index: Int
  /// The task's name, with what distinguishes it from other reports of the same task.
  let title: String
  /// The title as part of file names and of identifiers in the page.
  let identifier: String
  /// Easiest first; not empty.
  let targets: [TargetReport]

  var name: String { question.task ?? "" }
  var algorithm: String { question.algorithm.map(\.rawValue) ?? "" }
  var style: String { Style.series(index) }
  var shape: Mark.Shape { Mark.shape(index) }

  /// Whether it represents its task in the comparison. Further sources of the same task don't.
  var isCompared: Bool { targets.contains { $0.compared.isCompared } }

  /// The title, shortened for places with little room.
  var shortTitle: String { Labels.shortened(title) { Labels.width($0) < 300 } }

  /// The index of the target that is shown at first: the hardest fitted one, or the hardest.
  var first: Int { targets.lastIndex { $0.isFitted } ?? targets.count - 1 }
}

extension TaskReport {
  /// The name of a figure of one of its targets.
  func figureName(_ kind: String, _ target: TargetReport) -> String {
    Self.fileName("\(kind)-\(identifier)" + (target.name.isEmpty ? "" : "-to-\(target.name)"))
  }

  /// The heading of a figure.
  func heading(_ target: TargetReport) -> Element {
    let verdict = target.isFitted ? "" : " · \(target.report.verdict.rawValue)"
    let learning =
      question.isOfTable
      ? study : (question.training?.name ?? "") + (horizon.map { ", horizon \($0)" } ?? "")
    let end = target.ending + verdict
    // Bold letters are wider.
    func width(_ text: String) -> Double { 1.1 * Labels.width(text, size: 14) }
    let room = Figure.width - 14 - Labels.width(learning, size: 11) - 10 - Layout.left
    return .group(
      "heading",
      [
        .text(
          Labels.shortened(title) { width($0 + end) <= room } + end,
          at: Point(x: Layout.left, y: 18), style: "head"),
        .text(learning, at: Point(x: Figure.width - 14, y: 18), .end, style: "small faint"),
      ])
  }

  /// The text with only the characters that every file system and identifier allows.
  static func fileName(_ text: String) -> String {
    String(
      text.map {
        $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0)) ? $0 : "_"
      })
  }

  /// The expected cost in words, in addition to the typical run.
  private static func expected(_ report: FitReport) -> String {
    guard let expected = report.expected else { return "" }
    var words = ""
    if let critical = expected.criticalBatch {
      words +=
        "For the expected cost, with arithmetic means over seeds, the critical batch is "
        + "\(Format.interval(critical)). "
    } else if report.criticalBatch != nil, let reason = expected.reason {
      words +=
        "For the expected cost, with arithmetic means over seeds, there is no critical batch "
        + "(\(expected.verdict.rawValue)): \(reason). "
    }
    if !words.isEmpty, let bounds = expected.boundSentence {
      words += bounds.prefix(1).uppercased() + bounds.dropFirst() + ". "
    }
    return words
  }

  /// The result for a target in words.
  func sentence(_ target: TargetReport) -> String {
    let report = target.report
    var words =
      (target.name.isEmpty ? "Verdict" : "Target \(target.name)")
      + ": \(report.verdict.rawValue). "
    if let reason = report.reason {
      words += reason.prefix(1).uppercased() + reason.dropFirst() + ". "
    }
    if let untuned = report.untunedSentence {
      words += untuned.prefix(1).uppercased() + untuned.dropFirst() + ". "
    }
    if let critical = report.criticalBatch {
      words +=
        "The critical batch is \(Format.interval(critical)) observations; "
        + "S_min is \(Format.interval(report.minimumUpdates)) updates and "
        + "E_min \(Format.interval(report.minimumObservations)) observations. "
    }
    words += Self.expected(report)
    if let predicted = target.compared.predictedBatch {
      words += "The noise scale is \(Format.interval(predicted))"
      words += target.compared.likelyBatch.map { ", " + $0.sentence + ". " } ?? ". "
    }
    if let advice = report.advice {
      words +=
        "On \(advice.cpu), batch \(Format.grouped(advice.soonest.batch)) reaches the target "
        + "soonest, in \(Format.number(advice.soonest.seconds)) s"
        + (advice.cheapest == advice.soonest
          ? "; no batch uses fewer observations within twice that time. "
          : "; batch \(Format.grouped(advice.cheapest.batch)) takes "
            + "\(Format.number(advice.cheapest.seconds)) s and uses the fewest observations "
            + "within twice that time. ")
    }
    words += target.leftOut
    words += "Batches: \(report.batches), seeds: \(report.seeds)"
    if report.censored > 0 { words += ", censored runs: \(report.censored)" }
    if !report.setAside.isEmpty { words += "; set aside as broken: \(report.outliers)" }
    return words + "."
  }
}
