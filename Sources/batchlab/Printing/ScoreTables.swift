internal import Analysis
internal import Records

/// Prints how well the noise scale predicts critical batches: the conclusion, the scores over sets
/// of targets, their ranges over leaving one game out, and the controls.
enum ScoreTables {
  static func show(_ prediction: Prediction, referenceBatch: Double) {
    guard let conclusion = prediction.conclusion else { return }
    standardOutput(conclusion.sentence.prefix(1).uppercased() + conclusion.sentence.dropFirst())
    let scores = prediction.scores.filter { $0.medianLogRatio != nil }
    guard !scores.isEmpty else { return }
    let values = ["median |log10 ratio|", "rms", "r²", "ρ"]
    standardOutput("\nPredicted and measured critical batches; intervals resample games")
    Table.show(
      ["targets", "S_min", "number", "tasks", "games"] + values,
      scores.map { score in
        names(score) + [score.targets, score.tasks, score.games].map { Format.grouped($0) }
          + [score.medianLogRatio, score.rmsLogRatio, score.rSquared, score.rankCorrelation]
          .map(Format.interval)
      }, left: [0, 1])
    standardOutput("\nThe same without one game: the range over which game it is")
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
    guard !controls.isEmpty else { return }
    standardOutput("\nControls, each fitted to the other games")
    Table.show(
      [
        "targets", "S_min", "control", "number", "median |log10 ratio|", "rms",
        "rms of the noise scale − rms",
      ],
      controls.map { score, control in
        names(score) + [
          control.control.words(referenceBatch), Format.grouped(control.targets),
          Format.interval(control.medianLogRatio), Format.interval(control.rmsLogRatio),
          Format.interval(control.difference),
        ]
      }, left: [0, 1, 2])
  }

  private static func names(_ score: PredictionScore) -> [String] {
    [
      score.targetSet.rawValue, score.leastUpdates.map { "≥ \(Format.shortest($0))" } ?? "any",
    ]
  }
}
