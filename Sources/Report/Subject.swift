import Analysis
import Records

/// A task as one algorithm trained it in one study: a section of the page.
struct Subject {
  let study: String
  /// The task and the algorithm.
  let question: Question
  let horizon: Int?
  /// Gives the colour and the shape of its marks.
  let index: Int
  /// What it is called: the task's name, with what distinguishes it from others of the same task.
  let title: String
  /// The same for names of files and identities in the page.
  let name: String
  /// Easiest first; not empty.
  let aims: [Aim]

  var task: String { question.task ?? "" }
  var algorithm: String { question.algorithm.map(\.rawValue) ?? "" }
  var style: String { Style.series(index) }
  var shape: Mark.Shape { Mark.shape(index) }

  /// Whether it stands for its task in the comparison: a further study of the same task doesn't.
  var isCompared: Bool { aims.contains { $0.compared.isCompared } }

  /// Its title where there is little room.
  var shortTitle: String { Labels.shortened(title) { Labels.width($0) < 300 } }

  /// The place of the target that is shown at first: the hardest that is fitted, or the hardest.
  var first: Int { aims.lastIndex { $0.report.verdict == .fitted } ?? aims.count - 1 }
}

/// One target of a task with everything that is drawn of it.
struct Aim {
  let compared: ComparedTarget
  let scores: [ScoreCurve]
  let noise: NoiseCourse
  let rates: RateLandscape
  /// Batches that have no point, in words; empty where there are none.
  let leftOut: String

  var report: FitReport { compared.fit }
  var target: String { report.question.target?.text ?? "" }
  var isFitted: Bool { report.verdict == .fitted }

  /// - Parameters:
  ///   - trials: of the task.
  ///   - isFinished: whether its study is.
  ///   - count: the most points of a curve.
  init(
    _ compared: ComparedTarget, trials: [TrialRecord], isFinished: Bool, points count: Int
  ) {
    let report = compared.fit
    self.compared = compared
    scores = ScoreCurve.curves(of: report.runs, count: count)
    noise = NoiseCourse(report.runs)
    rates = RateLandscape(report.question, trials)
    leftOut = Self.leftOut(
      of: report, rows: trials.rows(about: report.question), isFinished: isFinished)
  }
}

extension Aim {
  /// Fixed batches that were tried for the target and have no point, and why.
  private static func leftOut(
    of report: FitReport, rows: [TrialRow], isFinished: Bool
  ) -> String {
    let measured = Set(report.points.map(\.batch))
    let own = rows.filter { !measured.contains(Double($0.settings.batch.value)) }
    let batches = Dictionary(grouping: own, by: \.settings.batch.value).sorted { $0.key < $1.key }
    let words = batches.map {
      "\(Format.grouped($0)) (\(reason($1, isFinished: isFinished)))"
    }
    return words.isEmpty ? "" : "Without a point: batches \(words.joined(separator: ", ")). "
  }

  /// Why a batch has no point. While a study is not finished, most of its batches only lack trials.
  private static func reason(_ rows: [TrialRow], isFinished: Bool) -> String {
    if rows.contains(where: { $0.settings.shortenedHorizon }) { return "its horizon is shortened" }
    if rows.contains(where: { $0.result.rateVerdict == .edge }) {
      return "its best rate lies at an edge"
    }
    let soFar = isFinished ? "" : " so far"
    let measured = rows.filter { ($0.result.rateVerdict ?? .unreached) != .unreached }
    if !measured.isEmpty, measured.allSatisfy({ $0.result.status == .censored }) {
      return "none of its measuring seeds got there\(soFar)"
    }
    if !isFinished, rows.contains(where: { $0.result.status == .reached }) { return "not finished" }
    return "no rate is known to get there\(soFar)"
  }
}

extension Subject {
  /// What a figure of one of its targets is called.
  func figureName(_ kind: String, _ aim: Aim) -> String {
    Self.fileName("\(kind)-\(name)-to-\(aim.target)")
  }

  /// Above a figure.
  func heading(_ aim: Aim) -> Element {
    let verdict = aim.isFitted ? "" : " · \(aim.report.verdict.rawValue)"
    let learning = algorithm + (horizon.map { ", horizon \($0)" } ?? "")
    let end = " to \(aim.target)\(verdict)"
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

  /// What no file system and no identity refuses.
  static func fileName(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0)) ? $0 : "_" })
  }
}

extension Aim {
  /// Which runs are not drawn, at the end of captions.
  var withoutOutliers: String {
    report.setAside.isEmpty ? "" : " Not drawn: the runs set aside, \(report.outliers)."
  }

  /// Where the verdict is not `fitted`, why; in front of captions.
  var caution: String {
    guard !isFitted else { return "" }
    return "Not fitted (\(report.verdict.rawValue)): \(report.reason ?? "no reason is known"). "
  }
}

extension FitReport {
  /// The runs that were set aside, in words.
  var outliers: String {
    setAside.map { run in
      "batch \(Format.grouped(run.batch))" + (run.seed.map { " seed \($0)" } ?? "")
        + " (\(Format.number(run.updates)) updates)"
    }.joined(separator: ", ")
  }
}
