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
/// in quadrature. If the noise scale was measured at one or two batches, so is 1.96 times the
/// scatter of noise scales over batches, divided by the root of their number, which its interval
/// leaves out. If that interval reaches down to 0, so does the band.
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

  /// - Parameters:
  ///   - noiseScale: in observations.
  ///   - batches: Number of batches at which it was measured.
  private init(
    _ noiseScale: Estimate, batches: Int, evidence: [PredictionEvidence], words: String
  ) {
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
      reason =
        noiseScale.value == nil && noiseScale.low != nil
        ? "the noise scale is only a lower bound" : "the noise scale has no positive value"
      return
    }
    let centre = mean(ratios)
    let squares = ratios.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let count = Double(games)
    let half =
      studentDeviations(freedom: count - 1)
      * (squares / (count - 1) * (1 + 1 / count)).squareRoot()
    let scatter =
      batches < PooledNoise.fewestBatches
      ? 1.96 * PooledNoise.batchScatter / log(10) / Double(max(batches, 1)).squareRoot() : 0
    func side(_ end: Double?) -> Double {
      // A single run has no ends.
      let own = end.map { log10($0 / value) } ?? 0
      return (half * half + own * own + scatter * scatter).squareRoot()
    }
    low =
      noiseScale.low.map { $0 <= 0 } == true ? 0 : value * pow(10, centre - side(noiseScale.low))
    high = value * pow(10, centre + side(noiseScale.high))
  }
}

extension PredictionBand {
  /// The band for a task's target, from the reference studies.
  ///
  /// - Parameters:
  ///   - game: The game of the task, whose own targets are left out.
  ///   - noiseScale: in observations of a rollout, law-weighted up to the target.
  ///   - batches: Number of batches at which it was measured.
  public init(
    game: String, training: Training, noiseScale: Estimate, batches: Int,
    evidence: [PredictionEvidence] = PredictionEvidence.reference
  ) {
    self.init(
      noiseScale, batches: batches,
      evidence: evidence.filter { $0.training == training && $0.game != game },
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
    return "likely B_crit: a 95 % prediction interval, based on "
      + "\(Format.counted(games, "other game")) of the reference studies; the interval of the noise "
      + "scale is only that of the noise scale itself"
  }
}

extension PredictionBand {
  /// What a table says about the bands of several targets: what they are, if there are any, and
  /// why the others are missing.
  public static func words(_ bands: [(target: String, band: PredictionBand)]) -> [String] {
    let reasons = bands.compactMap(\.band.reason)
    let explained = bands.first { $0.band.reason == nil }.map { [$0.band.words] } ?? []
    // A reason that all share needs no names.
    if explained.isEmpty, let reason = reasons.first, Set(reasons).count == 1 { return [reason] }
    return explained
      + bands.compactMap { target, band in band.reason.map { "target \(target): \($0)" } }
  }

  /// The band at the end of a sentence about the noise scale and its interval.
  public var sentence: String {
    guard let low, let high else {
      return "but there is no likely range for B_crit: \(reason ?? "")"
    }
    return "and B_crit likely lies between \(Format.number(low)) and \(Format.number(high)) (95 %)"
  }
}

extension FitReport {
  /// Where B_crit is expected to lie; `nil` without a noise scale, or if the game is not known.
  ///
  /// The evidence is about typical runs, so with arithmetic means it is `nil`, too.
  public var likelyBatch: PredictionBand? {
    guard mean == .geometric, let noiseScale, let game, let training = question.training else {
      return nil
    }
    return PredictionBand(
      game: game, training: training, noiseScale: noiseScale, batches: noiseBatches)
  }

  /// The report with the game of its task, which is the task itself if it has no traits.
  public func inGame(by traits: [String: TaskTraits]) -> FitReport {
    var copy = self
    copy.game = question.isOfTable ? nil : question.task.map { traits[$0]?.game ?? $0 }
    return copy
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
