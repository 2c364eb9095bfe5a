internal import Analysis
internal import Records

/// Prints how well the noise scale predicts critical batches: the conclusion, the scores over sets
/// of targets, their ranges over leaving one game out, the controls, and the parts of the gradient.
enum ScoreTables {
  static func show(_ prediction: Prediction, referenceBatch: Double) {
    guard let conclusion = prediction.conclusion else { return }
    standardOutput(conclusion.sentence.prefix(1).uppercased() + conclusion.sentence.dropFirst())
    let scores = prediction.scores.filter { $0.medianLogRatio != nil }
    guard !scores.isEmpty else { return }
    let values = ["median |log10 ratio|", "rms", "r²", "ρ"]
    standardOutput(
      "\nPredicted and measured critical batches; intervals are bootstrapped over games")
    Table.show(
      ["targets", "S_min", "number", "tasks", "games"] + values,
      scores.map { score in
        names(score) + [score.targets, score.tasks, score.games].map { Format.grouped($0) }
          + [score.medianLogRatio, score.rmsLogRatio, score.rSquared, score.rankCorrelation]
          .map(Format.interval)
      }, left: [0, 1])
    standardOutput("\nThe same with one game left out: range over all choices of that game")
    Table.show(
      ["targets", "S_min"] + values,
      scores.map { score in
        let left = score.withoutOneGame
        return names(score)
          + [left.medianLogRatio, left.rmsLogRatio, left.rSquared, left.rankCorrelation]
          .map(Format.range)
      }, left: [0, 1])
    let controls = scores.flatMap { score in
      score.controls.filter { $0.rmsLogRatio != nil }.map { (score, $0) }
    }
    show(
      "Controls (baselines), each fitted to the other games",
      ["control", "noise scale's rms − rms"],
      controls.map { score, control in
        (
          score, control.rival.words(referenceBatch), control.targets,
          [control.medianLogRatio, control.rmsLogRatio, control.difference]
        )
      })
    let parts = scores.flatMap { score in
      score.parts.filter { $0.rmsLogRatio != nil }.map { (score, $0) }
    }
    show(
      "The same with the noise scale of one part of the gradient", ["part", "total's rms − rms"],
      parts.map { score, part in
        (
          score, part.rival.rawValue, part.targets,
          [part.medianLogRatio, part.rmsLogRatio, part.difference]
        )
      })
  }

  /// A table of other predictions, each with its values and how it differs from the noise scale.
  private static func show(
    _ title: String, _ columns: [String],
    _ rows: [(score: PredictionScore, name: String, targets: Int, values: [Estimate?])]
  ) {
    guard !rows.isEmpty else { return }
    standardOutput("\n" + title)
    Table.show(
      ["targets", "S_min", columns[0], "number", "median |log10 ratio|", "rms", columns[1]],
      rows.map { score, name, targets, values in
        names(score) + [name, Format.grouped(targets)] + values.map(Format.interval)
      }, left: [0, 1, 2])
  }

  private static func names(_ score: PredictionScore) -> [String] {
    [
      score.targetSet.rawValue, score.leastUpdates.map { "≥ \(Format.shortest($0))" } ?? "any",
    ]
  }
}
