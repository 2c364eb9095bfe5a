import Foundation
public import Records

/// A 95 % prediction interval for the critical batch of a target, given its noise scale. It is far
/// wider than the interval of the noise scale, because tasks scatter about the relation.
///
/// For each of F games with fitted critical batches under the same algorithm and optimizer,
/// log10(B_crit/noise scale) is averaged over the game's targets. These averages have the mean m
/// and the standard deviation s. A further game is expected within
///
///     m ± t s √(1 + 1/F)        t: Student's, 95 %, F − 1 degrees of freedom
///
/// times the noise scale. On each side, the half-width of the noise scale's own interval is added
/// in quadrature.
public struct PredictionBand: Codable, Hashable, Sendable {
  /// With fewer games there is no band.
  public static let fewestGames = 3

  /// Ends of the band, in observations.
  @Nullable public var low: Double?
  @Nullable public var high: Double?
  /// Number of games that it is based on; the task's own is not among them.
  public var games: Int
  /// Why there is no band.
  @Nullable public var reason: String?

  /// - Parameter noiseScale: in observations.
  init(_ noiseScale: Estimate, evidence: [PredictionEvidence], words: String) {
    let ratios = Dictionary(grouping: evidence, by: \.game).sorted { $0.key < $1.key }
      .map { mean($0.value.map(\.logRatio)) }
    games = ratios.count
    guard games >= Self.fewestGames else {
      reason =
        "no evidence: \(words) has fitted critical batches of "
        + "\(Format.counted(games, "other game")), and a band needs \(Self.fewestGames)"
      return
    }
    guard let value = noiseScale.value, value > 0 else {
      reason = "the noise scale has no positive value"
      return
    }
    let centre = mean(ratios)
    let squares = ratios.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let count = Double(games)
    let half =
      studentDeviations(freedom: count - 1)
      * (squares / (count - 1) * (1 + 1 / count)).squareRoot()
    func side(_ end: Double?) -> Double {
      let own = end.flatMap { $0 > 0 ? log10($0 / value) : nil } ?? 0
      return (half * half + own * own).squareRoot()
    }
    low = value * pow(10, centre - side(noiseScale.low))
    high = value * pow(10, centre + side(noiseScale.high))
  }
}

extension PredictionBand {
  /// The band for a task's target, from the reference studies.
  ///
  /// - Parameters:
  ///   - task: Its own game, if it is in the evidence, is left out.
  ///   - noiseScale: in observations of a rollout, law-weighted up to the target.
  public init(
    task: String, training: Training, noiseScale: Estimate,
    evidence: [PredictionEvidence] = PredictionEvidence.reference
  ) {
    let own = evidence.first { $0.task == task }?.game
    self.init(
      noiseScale, evidence: evidence.filter { $0.training == training && $0.game != own },
      words: training.words)
  }
}

extension Format {
  /// The ends of a band, or that there is none.
  public static func band(_ band: PredictionBand?) -> String {
    guard let band else { return "–" }
    guard let low = band.low, let high = band.high else {
      return band.games < PredictionBand.fewestGames ? "no evidence" : "–"
    }
    return "\(number(low)) … \(number(high))"
  }
}

extension PredictionBand {
  /// What a table or a page says about its bands.
  public var words: String {
    if let reason { return reason }
    return "likely B_crit: where it lies with 95 % probability, judged by "
      + "\(Format.counted(games, "other game")) of the reference studies; the interval of the noise scale "
      + "doesn't say that"
  }
}

extension PredictionBand {
  /// The band at the end of a sentence about the noise scale and its interval.
  public var sentence: String {
    guard let low, let high else { return "and where B_crit lies is not known: \(reason ?? "")" }
    return "and B_crit likely lies between \(Format.number(low)) and \(Format.number(high)) (95 %)"
  }
}

extension FitReport {
  /// Where B_crit is expected to lie; `nil` without a noise scale.
  public var likelyBatch: PredictionBand? {
    guard let noiseScale, let task = question.task, let training = question.training else {
      return nil
    }
    return PredictionBand(task: task, training: training, noiseScale: noiseScale)
  }
}

/// A fitted target whose critical batch and noise scale are known.
public struct PredictionEvidence: Hashable, Sendable {
  public var task: String
  public var game: String
  public var training: Training
  public var target: Double
  /// Both in observations.
  public var criticalBatch: Double
  public var noiseScale: Double

  var logRatio: Double { log10(criticalBatch / noiseScale) }

  /// Targets under one training.
  static func list(
    _ training: Training,
    _ rows: [(
      task: String, game: String, target: Double, criticalBatch: Double, noiseScale: Double
    )]
  ) -> [PredictionEvidence] {
    rows.map { row in
      PredictionEvidence(
        task: row.task, game: row.game, training: training, target: row.target,
        criticalBatch: row.criticalBatch, noiseScale: row.noiseScale)
    }
  }
}
