import Foundation
public import Records

/// Fits every question of a study, including those without a measured run.
public func fits(
  of trials: [TrialRecord], mean: SeedMean = .geometric, seed: Int = 1, resamples: Int = 2000
) -> [FitReport] {
  fit(RunGroup.groups(of: trials), mean: mean, seed: seed, resamples: resamples)
}

/// Fits the law to each group of runs, in the order given.
///
/// ln S(B) = ln S_min + ln(1 + B_crit/B) (McCandlish et al. 2018, eq. 2.11), as a random-effects
/// regression over batches and seeds (`LawFit`) with 95 % intervals from the misfit (`LawRegion`).
/// S of a batch is the geometric or the arithmetic mean over its seeds (`LawData`). Only adaptive
/// batches are resampled, `resamples` times; the generator starts from `seed` for every group, so
/// that the numbers of one group do not depend on the others.
public func fit(
  _ groups: [RunGroup], mean: SeedMean = .geometric, seed: Int = 1, resamples: Int = 2000
) -> [FitReport] {
  groups.map { fit($0, mean: mean, seed: seed, resamples: resamples) }
}

/// Fits the law to one group of runs.
func fit(
  _ group: RunGroup, mean: SeedMean = .geometric, seed: Int = 1, resamples: Int = 2000
) -> FitReport {
  let fixed = group.runs.filter { $0.exchangeRate == nil }
  let runs = StratifiedRuns(fixed)
  let bootstrap = BootstrapSettings(seed: seed, resamples: max(resamples, 0))
  let data = LawData(runs, mean)
  var report = FitReport(group.question, runs)
  (report.mean, report.lowerBounds) = (mean, data.bounds)
  report.hyperparameters = group.hyperparameters
  report.setAside = data.setAside.map(SetAside.init)
  let fitted = report.fitLaw(to: data)
  if fixed.isEmpty { report.reason = "no run at a tuned learning rate" }
  report.adaptive = AdaptiveReport(
    group.runs, fixed: runs.reached,
    // Adaptive batches have geometric means.
    law: report.verdict == .fitted && mean == .geometric ? report.law : nil,
    resampledLaws: fixed.count < group.runs.count ? fitted?.drawnLaws(bootstrap) ?? [] : [],
    bootstrap)
  if report.law != nil {
    report.compute = ComputeToTarget(
      runs.reached, minimumObservations: report.minimumObservations)
  }
  report.advice = Advice(report, group.runs)
  report.isUntuned = group.runs.contains(where: \.isUntuned)
  return report
}

extension FitReport {
  /// What is known before the law is fitted.
  fileprivate init(_ question: Question, _ runs: StratifiedRuns) {
    self.init(
      question: question, verdict: .tooFew, setAside: [],
      noiseScale: .noiseScale(of: runs.reached), parts: PartScales(of: runs.reached),
      batches: runs.batches, seeds: runs.seeds, censored: runs.censored, runs: runs.included)
    noiseBatches = Set(runs.reached.filter { $0.noise != nil }.map(\.batch)).count
  }

  /// Fits the law, gives the verdict, and returns the fit if there is one.
  fileprivate mutating func fitLaw(to data: LawData) -> LawFit? {
    let strata = data.strata
    let reached = strata.filter { !$0.reached.isEmpty }.map(\.batch)
    // A law through three batches is drawn, but its verdict is `too-few`.
    guard let fitted = LawFit(strata, deviation: data.deviation) else {
      let evidence = Evidence(batches: reached, groups: data.groups)
      (verdict, reason) = (evidence.verdict, evidence.reason)
      points = strata.filter { !$0.reached.isEmpty }.map { stratum in
        BatchPoint(
          batch: stratum.batch, updates: exp(Analysis.mean(stratum.reached)), seeds: stratum.count,
          censored: stratum.censored)
      }
      return nil
    }

    let region = LawRegion(fitted)
    let intervals = Intervals(region)
    let evidence = Evidence(batches: reached, groups: data.groups, fitted, intervals)

    rmsLogResidual = fitted.rootMeanSquare
    seedDeviation = fitted.seedDeviation
    batchDeviation = fitted.batchDeviation
    exponent = fitted.exponent
    law = fitted.law
    // If no seed of a batch reached the target, its value is the law's and not a measurement.
    points = zip(strata, fitted.fit.values).filter { !$0.0.reached.isEmpty }.map { stratum, value in
      let half = fitted.halfInterval(of: stratum)
      return BatchPoint(
        batch: stratum.batch, updates: exp(value), low: half.map { exp(value - $0) },
        high: half.map { exp(value + $0) }, seeds: stratum.count, censored: stratum.censored)
    }
    if let smallest = reached.first, let largest = reached.last {
      band = region.band(from: smallest / 4, to: largest * 4)
      lawAtBatches = reached.compactMap { region.band(at: $0) }
    }
    if reached.count >= FitLimits.fewestBatches {
      linearFit = LinearFit(batches: points.map(\.batch), updates: points.map(\.updates))
      withoutOneBatch = fitted.withoutOneBatch
    }
    (verdict, reason) = (evidence.verdict, evidence.reason)
    state(fitted.law, intervals: intervals, evidence: evidence)
    if [.fitted, .tooNoisy].contains(verdict) {
      let isNarrow = criticalBatch?.isWithin(FitLimits.narrowFactor) == true
      // The interval may be wider than expected of these seeds.
      seedsNeeded = isNarrow ? 0 : fitted.seedsNeeded(strata).map { max($0, 1) }
    }
    return fitted
  }
}

extension LawFit {
  /// Half the 95 % interval of a batch's mean ln S, by the scatter of its seeds; `nil` if that is
  /// not known.
  fileprivate func halfInterval(of stratum: Stratum) -> Double? {
    if let variance = stratum.knownVariance { return 1.96 * variance.squareRoot() }
    guard let seedDeviation else { return nil }
    return studentDeviations(freedom: seedFreedom) * seedDeviation
      / Double(stratum.count).squareRoot()
  }
}

/// 95% intervals of the law's numbers. An end that the batches leave open is 0 or infinite.
struct Intervals {
  var criticalBatch: (low: Double, high: Double)
  var minimumUpdates: (low: Double, high: Double)
  var minimumObservations: (low: Double, high: Double)

  init(_ region: LawRegion) {
    let critical = region.logCritical
    let (updates, observations) = (region.range { _ in 0 }, region.range { $0 })
    // S_min has a lower end only if B_crit has an upper one; E_min only if B_crit has a lower one.
    criticalBatch = (
      region.isOpenBelow ? 0 : exp(critical.lowerBound),
      region.isOpenAbove ? .infinity : exp(critical.upperBound)
    )
    minimumUpdates = (
      region.isOpenAbove ? 0 : exp(updates.lowerBound), exp(updates.upperBound)
    )
    minimumObservations = (
      region.isOpenBelow ? 0 : exp(observations.lowerBound), exp(observations.upperBound)
    )
  }
}

extension FitReport {
  /// Sets the numbers that the verdict allows; the others become bounds or stay `nil`.
  fileprivate mutating func state(_ law: ParetoLaw, intervals: Intervals, evidence: Evidence) {
    let updates = Estimate(law.minimumUpdates, intervals.minimumUpdates)
    let observations = Estimate(law.minimumObservations, intervals.minimumObservations)
    switch evidence.verdict {
    case .tooNarrow, .tooFew, .grouped, .rejected:
      break
    case _ where evidence.isIdentified, .fitted, .tooNoisy, .estimated:
      minimumUpdates = updates
      minimumObservations = observations
      criticalBatch = Estimate(law.criticalBatch, intervals.criticalBatch)
    case .flat, .lowerBound:
      minimumUpdates = .bound(below: intervals.minimumUpdates.high)
      minimumObservations = observations
      criticalBatch = .bound(above: evidence.lowerBound)
    case .upperBound:
      minimumUpdates = updates
      minimumObservations = .bound(below: intervals.minimumObservations.high)
      criticalBatch = .bound(below: evidence.upperBound)
    }
  }
}

extension Estimate {
  /// A value with an interval. Open ends, 0 or infinite, are left out.
  fileprivate init(_ value: Double, _ interval: (low: Double, high: Double)) {
    self.init(
      value: value, low: interval.low > 0 ? interval.low : nil, high: interval.high)
  }
}
