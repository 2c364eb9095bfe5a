internal import Foundation
public import Records

/// The law fitted to two or three batches, too few to determine τ.
///
/// ln S = ln S_min + ln(1 + B_crit/B) + u + e, as in `LawFit`, but τ, the standard deviation of u,
/// is given. σ is pooled over the seeds of all batches. A batch with n seeds has weight
/// 1/(τ² + σ²/n).
///
/// The 95 % interval contains all laws whose weighted sum of squares exceeds the minimum, Q, by at
/// most t². With two batches, Q is 0, and the ends of the interval are the laws whose ratio of the
/// two values is t standard errors above or below the measured one. The degrees of freedom of t are
/// Satterthwaite's (1946): those of σ, divided by the square of its share of the variance. If three
/// batches deviate significantly from the law (F test of Q at 5 %, with these degrees of freedom),
/// the interval is widened by the root of Q per degree of freedom (Birge 1932).
struct EstimatedLaw {
  /// σ of ln S, at least `SeedDeviation.smallest`.
  let seedDeviation: Double
  /// τ, as given.
  let batchDeviation: Double
  let fit: WeightedFit
  /// Degrees of freedom of τ² + σ²/n.
  let freedom: Double
  /// Batches that reached the target, less the law's two numbers.
  private let surplus: Int

  /// `nil` if fewer than two batches reached the target, or no batch twice.
  init?(_ strata: [Stratum], batchDeviation: Double) {
    let reached = strata.filter { !$0.reached.isEmpty }
    guard reached.count > 1, let pooled = SeedDeviation(strata) else { return nil }
    seedDeviation = pooled.value
    self.batchDeviation = batchDeviation
    surplus = reached.count - 2
    var likelihood = RestrictedLikelihood(
      strata, shape: LawShape(logBatches: strata.map { log($0.batch) }))
    fit = likelihood.solve(pooled.value, batchDeviation).fit
    guard fit.logCritical.isFinite, fit.level.isFinite else { return nil }
    let seeds = mean(reached.map { 1 / Double($0.count) })
    freedom = Self.freedom(
      seedDeviation: pooled.value, batchDeviation: batchDeviation, inverseSeeds: seeds,
      seedFreedom: pooled.freedom)
  }

  /// Satterthwaite's degrees of freedom of τ² + σ²/n.
  static func freedom(
    seedDeviation: Double, batchDeviation: Double, inverseSeeds: Double, seedFreedom: Double
  ) -> Double {
    let seeds = seedDeviation * seedDeviation * inverseSeeds
    let share = seeds / (seeds + batchDeviation * batchDeviation)
    return seedFreedom / max(share * share, 1e-6)
  }

  /// The p-value of the deviation of the batches from the law; 1 with two batches.
  var chanceOfMiss: Double {
    surplus > 0 ? fisherTail(missSquare, Double(surplus), freedom) : 1
  }

  /// Whether the batches deviate from the law significantly, at 5 %.
  var missesLaw: Bool { chanceOfMiss < 0.05 }

  /// Weighted sum of squares per degree of freedom.
  private var missSquare: Double { surplus > 0 ? fit.squares / Double(surplus) : 0 }

  /// The laws that are consistent with the batches.
  var region: LawRegion {
    let quantile = studentDeviations(freedom: freedom)
    let scale = missesLaw ? max(missSquare, 1) : 1
    return LawRegion(fit, limit: fit.squares + scale * quantile * quantile)
  }
}

/// Fits the law to one group of runs as `fit` does; with two or three batches, an assumed τ is
/// used.
///
/// Then the verdict is `estimated`, and `batchDeviation` of the report is the assumed τ. Otherwise
/// the report is that of `fit`.
func estimate(_ group: RunGroup, batchDeviation: Double) -> FitReport {
  var report = fit(group)
  let runs = StratifiedRuns(group.runs.filter { $0.exchangeRate == nil })
  let reached = runs.strata.filter { !$0.reached.isEmpty }
  guard report.verdict == .tooFew, reached.count < FitLimits.fewestBatches,
    let law = EstimatedLaw(runs.strata, batchDeviation: batchDeviation)
  else { return report }
  report.state(law, between: reached.map(\.batch))
  report.compute = ComputeToTarget(
    runs.reached, minimumObservations: report.minimumObservations)
  report.advice = Advice(report, group.runs)
  return report
}

extension FitReport {
  fileprivate mutating func state(_ estimated: EstimatedLaw, between batches: [Double]) {
    let region = estimated.region
    (verdict, seedDeviation, batchDeviation) = (
      .estimated, estimated.seedDeviation, estimated.batchDeviation
    )
    rmsLogResidual = nil
    reason =
      estimated.missesLaw
      ? """
      the three batches deviate from the law by more than τ and the scatter of seeds explain (p = \
      \(Format.brief(estimated.chanceOfMiss))), so the interval is widened
      """ : nil
    let interval = Intervals(region)
    let value = ParetoLaw(
      minimumUpdates: exp(estimated.fit.level), criticalBatch: exp(estimated.fit.logCritical))
    if region.isOpenBelow || region.isOpenAbove {
      (law, band, lawAtBatches) = (nil, [], [])
      let (low, high) = (interval.criticalBatch.low, interval.criticalBatch.high)
      criticalBatch = .bound(above: low > 0 ? low : nil, below: high)
      minimumUpdates = .bound(below: interval.minimumUpdates.high)
      minimumObservations = .bound(below: interval.minimumObservations.high)
      return
    }
    law = value
    criticalBatch = Estimate(
      value: value.criticalBatch, low: interval.criticalBatch.low,
      high: interval.criticalBatch.high)
    minimumUpdates = Estimate(
      value: value.minimumUpdates, low: interval.minimumUpdates.low,
      high: interval.minimumUpdates.high)
    minimumObservations = Estimate(
      value: value.minimumObservations, low: interval.minimumObservations.low,
      high: interval.minimumObservations.high)
    if let smallest = batches.first, let largest = batches.last {
      band = region.band(from: smallest / 4, to: largest * 4)
      lawAtBatches = batches.compactMap { region.band(at: $0) }
    }
  }
}

/// The τ that is assumed if there are too few batches to determine it: the deviation of a whole
/// batch from the law in ln S.
///
/// It is that of the targets that were `fitted`, and a large τ is what mostly makes a fit `rejected`
/// instead. So it is somewhat too small for a task about which nothing is known, and the intervals
/// are somewhat too narrow.
public struct AssumedDeviation: Codable, Hashable, Sendable {
  public var value: Double
  /// Whether it comes from the fitted studies in Results, and is not a cautious guess.
  public var isMeasured: Bool

  private enum CodingKeys: String, CodingKey {
    case value
    case isMeasured = "measured"
  }

  /// Root mean square of τ over the fitted targets of Results/ladder and Results/ladder-ppo, which
  /// were trained with Adam. A test recomputes both.
  private static let measured: [Algorithm: Double] = [.policyGradient: 0.082, .ppo: 0.071]
  /// For optimizers that no study in Results uses.
  private static let cautious = 0.15

  public init(_ algorithm: Algorithm, _ optimizer: OptimizerKind) {
    let known = optimizer == .adam ? Self.measured[algorithm] : nil
    (value, isMeasured) = (known ?? Self.cautious, known != nil)
  }
}
