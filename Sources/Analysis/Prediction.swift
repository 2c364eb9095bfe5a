import Foundation
public import Records

/// How well the noise scale predicts the critical batch, over the tasks of one training.
public struct Prediction: Codable, Hashable, Sendable {
  /// B_crit as a power of the prediction, over the hardest targets.
  public var relation: Relation
  /// For each set of targets, over all of them and over those with an S_min of at least five;
  /// empty for runs of different algorithms and optimizers.
  public var scores: [PredictionScore]
  /// Whether the prediction beats the controls; `nil` without scores.
  @Nullable public var conclusion: PredictionConclusion?

  /// The score over the hardest targets, which the relations are about.
  public var hardest: PredictionScore? { self[.hardest] }

  /// The score over a set of targets, whatever their S_min.
  public subscript(set: TargetSet) -> PredictionScore? {
    scores.first { $0.targetSet == set && $0.leastUpdates == nil }
  }

  /// - Parameters:
  ///   - points: The targets of one training that belong to a set.
  ///   - pairs: The predictions (x) and the critical batches of the hardest.
  init(
    _ points: [ComparedTarget], _ pairs: [UncertainPair], isOneTraining: Bool,
    referenceBatch: Double, seed: Int, resamples: Int
  ) {
    relation = Relation(pairs, seed: seed, resamples: resamples)
    scores = []
    guard isOneTraining else { return }
    scores = TargetSet.allCases.flatMap { set in
      let own = points.filter { $0.sets.contains(set) }
      return [nil, PredictionScore.fewUpdates].map { least in
        PredictionScore(
          set, leastUpdates: least,
          of: own.filter { ($0.fit.minimumUpdates?.value ?? 0) >= least ?? 0 }, seed: seed,
          resamples: resamples)
      }
    }
    conclusion = self[.all].map { PredictionConclusion($0, referenceBatch: referenceBatch) }
  }
}

/// Whether the noise scale predicts B_crit better than the controls.
///
/// The rule always uses the same score, not the one that looks best: the rms of
/// log10(prediction/B_crit) over all fitted targets. A control counts if it is known for at least
/// five games. Targets without a prediction are only counted. The difference of its rms from that of the noise scale, over the same targets, has
/// an interval from a bootstrap over games. The noise scale is `better` if every such interval lies
/// below 0, `worse` if one of them lies above 0, and `undecided` otherwise. With fewer than five
/// games it is `too-few`.
public struct PredictionConclusion: Codable, Hashable, Sendable {
  public enum Verdict: String, Codable, Sendable {
    case better, worse, undecided
    case tooFew = "too-few"
  }

  public var verdict: Verdict
  public var sentence: String

  /// - Parameter score: Over all fitted targets.
  init(_ score: PredictionScore, referenceBatch: Double) {
    let (targets, games) = (score.targets, Format.counted(score.games, "game"))
    let all = Format.counted(targets + score.unpredicted, "fitted target")
    let have = targets == 1 ? "has a prediction" : "have a prediction"
    let tested = score.controls.filter { $0.difference?.high != nil }
    guard score.games >= GameResamples.fewestGames, !tested.isEmpty,
      let miss = score.rmsLogRatio
    else {
      verdict = .tooFew
      sentence =
        (score.unpredicted == 0 ? "\(all) of \(games)" : "\(targets) of \(all), of \(games),")
        + " \(have): too few to tell whether the "
        + "noise scale predicts B_crit better than a constant; this needs at least "
        + "\(GameResamples.fewestGames) games"
      return
    }
    func words(_ controls: [RivalScore<PredictionControl>]) -> String {
      controls.map { control in
        "\(control.rival.words(referenceBatch)) (rms \(Format.number(control.rmsLogRatio?.value)), "
          + "difference \(Format.interval(control.difference)))"
      }.joined(separator: " or ")
    }
    let worse = tested.filter { $0.difference?.low.map { $0 > 0 } ?? false }
    let level = tested.filter {
      !worse.contains($0) && !($0.difference?.high.map { $0 < 0 } ?? false)
    }
    let start =
      (score.unpredicted == 0
        ? "over \(all) of \(games)" : "\(targets) of \(all) \(have); over these, of \(games)")
      + ", the noise scale misses B_crit by \(Format.interval(miss)) (rms of log10), "
    if !worse.isEmpty {
      verdict = .worse
      sentence = start + "which is worse than \(words(worse))"
    } else if !level.isEmpty {
      verdict = .undecided
      sentence = start + "which is not significantly better than \(words(level))"
    } else {
      verdict = .better
      let names = tested.map { $0.rival.words(referenceBatch) }
      sentence = start + "which is better than every control: \(names.joined(separator: ", "))"
    }
  }
}

extension PredictionControl {
  /// The control in sentences.
  public func words(_ referenceBatch: Double) -> String {
    switch self {
    case .constant: "a constant"
    case .reference: "E at batch \(Format.grouped(referenceBatch))"
    case .horizon: "the horizon"
    }
  }
}
