import Analysis
import Records

extension StudyReport {
  /// How well the noise scale predicts critical batches, in a sentence and a table; empty for runs
  /// of different algorithms and optimizers.
  func scores(_ training: TrainingComparison) -> String {
    guard let conclusion = training.prediction.conclusion else { return "" }
    let sentence = "\(training.training?.words ?? training.name): \(conclusion.sentence)."
    let scores = training.prediction.scores.filter { $0.medianLogRatio != nil }
    guard !scores.isEmpty else { return "<p class=\"verdict\">\(Element.escaped(sentence))</p>" }
    let parts = GradientPart.allCases.filter { part in
      scores.contains { $0.parts.contains { $0.rival == part && $0.rmsLogRatio != nil } }
    }
    let headings =
      ["targets", "S_min", "number", "tasks", "games", "median", "rms", "r²", "ρ"]
      + PredictionControl.allCases.map { "rms of \($0.words(comparison.referenceBatch))" }
      + parts.map { "rms of the \($0.rawValue) noise scale" }
    let name = Element.escaped(training.name)
    return """
      <p class="verdict">\(Element.escaped(sentence))</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Scores of the prediction, \(name)">
      <table class="adaptive"><caption>\(name): log10(predicted/B_crit) over the fitted targets, and \
      over the hardest and the easiest of each task</caption><thead><tr>\
      \(headings.map { "<th scope=\"col\">\(Element.escaped($0))</th>" }.joined())</tr></thead><tbody>
      \(scores.map { Self.row($0, parts) }.joined(separator: "\n"))
      </tbody></table></div>
      <p>Variants of a game count as one game, and intervals are bootstrapped over games. Median and \
      rms are those of |log10(predicted/B_crit)| for the noise scale, without any fitting. Controls \
      are baselines fitted to the other games.\(parts.isEmpty ? "" : " " + Self.partWords) Hover over a value to \
      see its range if one game is left out.</p>
      """
  }

  private static let partWords = """
    The last columns use the noise scale of one part of the gradient as the prediction, over the \
    targets for which it was measured.
    """

  private static func row(_ score: PredictionScore, _ parts: [GradientPart]) -> String {
    let left = score.withoutOneGame
    let values = [
      (score.medianLogRatio, left.medianLogRatio), (score.rmsLogRatio, left.rmsLogRatio),
      (score.rSquared, left.rSquared), (score.rankCorrelation, left.rankCorrelation),
    ].map { value, range in
      "<td title=\"without one game \(Format.range(range))\">\(Format.interval(value))</td>"
    }
    let controls = PredictionControl.allCases.map { control in
      let own = score.controls.first { $0.rival == control }
      return "<td>\(Format.interval(own?.rmsLogRatio))</td>"
    }
    let rivals = parts.map { part in
      let own = score.parts.first { $0.rival == part }
      return "<td>\(Format.interval(own?.rmsLogRatio))</td>"
    }
    let counts = [score.targets, score.tasks, score.games].map { "<td>\(Format.grouped($0))</td>" }
    return "<tr><th scope=\"row\">\(score.targetSet.rawValue)</th>"
      + "<td>\(score.leastUpdates.map { "≥ \(Format.shortest($0))" } ?? "any")</td>"
      + (counts + values + controls + rivals).joined() + "</tr>"
  }
}
