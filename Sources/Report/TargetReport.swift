import Analysis
import Records

/// One target of a task, with everything that is drawn about it.
struct TargetReport {
  let compared: ComparedTarget
  let scores: [ScoreCurve]
  let noise: NoiseCourse
  let rates: RateLandscape
  /// A sentence about the batches that have no point; empty if there are none.
  let leftOut: String
  /// Times on several cores; if none were asked for, by an assumed model. `nil` without advice.
  let cores: CoreTimes?

  var report: FitReport { compared.fit }
  /// Empty for runs of a table without targets.
  var name: String { report.question.target?.text ?? "" }
  /// What follows the task's name in titles.
  var ending: String { name.isEmpty ? "" : " to \(name)" }
  var isFitted: Bool { report.verdict == .fitted }

  /// - Parameters:
  ///   - trials: All trials of the task in the study.
  ///   - isFinished: Whether the study is finished.
  ///   - isLarge: Whether the page has so many targets that curves should have fewer points. Times
  ///     on several cores are then left out if they would only be assumed.
  init(
    _ compared: ComparedTarget, trials: [TrialRecord], isFinished: Bool, isLarge: Bool
  ) {
    let report = compared.fit
    self.compared = compared
    scores = ScoreCurve.curves(of: report.runs, count: isLarge ? 16 : 32)
    noise = NoiseCourse(report.runs)
    rates = RateLandscape(report.question, trials)
    cores = report.cores ?? (isLarge ? nil : CoreTimes(report))
    leftOut = Self.leftOut(
      of: report, rows: trials.rows(about: report.question), isFinished: isFinished)
  }
}

extension TargetReport {
  /// Names the fixed batches that were tried for the target and have no point, each with the
  /// reason.
  private static func leftOut(
    of report: FitReport, rows: [TrialRow], isFinished: Bool
  ) -> String {
    let measured = Set(report.points.map(\.batch))
    let own = rows.filter { !measured.contains(Double($0.settings.batch.value)) }
    let batches = Dictionary(grouping: own, by: \.settings.batch.value).sorted { $0.key < $1.key }
    let words = batches.map {
      "\(Format.grouped($0)) (\(reason($1, isFinished: isFinished)))"
    }
    return words.isEmpty ? "" : "Batches without a point: \(words.joined(separator: ", ")). "
  }

  /// Why a batch has no point. In an unfinished study most batches only lack trials.
  private static func reason(_ rows: [TrialRow], isFinished: Bool) -> String {
    if rows.contains(where: { $0.settings.shortenedHorizon }) { return "smaller than the horizon" }
    if rows.contains(where: { $0.result.rateVerdict == .edge }) {
      return "best learning rate at the edge of those tried"
    }
    let yet = isFinished ? "" : " yet"
    let measured = rows.filter { ($0.result.rateVerdict ?? .unreached) != .unreached }
    if !measured.isEmpty, measured.allSatisfy({ $0.result.status == .censored }) {
      return "no measuring seed has reached the target\(yet)"
    }
    if !isFinished, rows.contains(where: { $0.result.status == .reached }) { return "not finished" }
    return "no learning rate has reached the target\(yet)"
  }

  /// Names the runs that are not drawn; for the end of captions.
  var withoutOutliers: String {
    report.setAside.isEmpty
      ? "" : " Not drawn: runs set aside as broken, \(report.outliers)."
  }

  /// Why the verdict is not `fitted`; for the start of captions.
  var caution: String {
    guard !isFitted else { return "" }
    return "Not fitted (\(report.verdict.rawValue)): \(report.reason ?? "no reason is known"). "
  }
}

extension FitReport {
  /// What the line of a law is that is not `fitted`.
  var dottedLine: String {
    "The dotted line is the best fit of the law; its numbers are "
      + (criticalBatch?.value == nil ? "not results." : "uncertain.")
  }

  /// The runs that were set aside, in words.
  var outliers: String {
    setAside.map { run in
      "batch \(Format.grouped(run.batch))" + (run.seed.map { " seed \($0)" } ?? "")
        + " (\(run.length))"
    }.joined(separator: ", ")
  }
}
