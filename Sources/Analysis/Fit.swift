import Foundation
import Records

/// Fits the law of updates against batch to each group of runs, in the order given.
///
/// ln S(B) = ln S_min + ln(1 + B_crit/B), unweighted over batches (McCandlish et al. 2018,
/// eq. 2.11). Intervals hold 95%, from `resamples` resamples of the seeds; every group begins
/// with the same generator seed, so that no group's numbers depend on another group.
public func fit(
  _ groups: [RunGroup], seed: Int = 1, resamples: Int = 2000
) -> [FitReport] {
  groups.map { fit($0, seed: seed, resamples: resamples) }
}

/// Fits the law to one group of runs.
public func fit(_ group: RunGroup, seed: Int = 1, resamples: Int = 2000) -> FitReport {
  let runs = StratifiedRuns(group.runs)
  let strata = runs.strata
  let reached = strata.filter { !$0.reached.isEmpty }.map(\.batch)
  var report = FitReport(
    task: group.task, target: group.target, verdict: .tooFew, algorithm: group.algorithm,
    horizon: group.horizon, setAside: runs.setAside.map(SetAside.init),
    bootstrap: BootstrapSettings(seed: seed, resamples: max(resamples, 0)),
    noiseScale: .noiseScale(of: runs.kept, seed: seed, resamples: resamples),
    batches: runs.batches, seeds: runs.seeds, censored: runs.censored)
  report.adaptive.predictedGain =
    runs.kept.compactMap(\.noise).reduce(into: LawWeightedNoise()) { $0 += $1 }.adaptiveGain
  let adaptiveRuns = AdaptiveRun.withoutOutliers(group.adaptiveRuns)
  func adaptive(_ law: ParetoLaw?, _ resampled: [LawFit]) -> [AdaptiveResult] {
    adaptiveRuns.sorted { $0.key < $1.key }.map { rate, runs in
      AdaptiveResult(
        exchangeRate: rate, runs, setAside: (group.adaptiveRuns[rate]?.count ?? 0) - runs.count,
        law: law, resampledLaws: resampled.map(\.law), seed: seed, resamples: resamples)
    }
  }
  report.adaptive.results = adaptive(nil, [])

  let shape = LawShape(logBatches: strata.map { log($0.batch) })
  guard reached.count >= 3, let fitted = LawFit(strata, shape: shape),
    let smallest = reached.first, let largest = reached.last
  else {
    let evidence = Evidence(
      batches: reached, residual: 0, riseOfObservations: 0, fallOfUpdates: 0, noise: 0,
      criticalBatch: 0)
    report.verdict = evidence.verdict
    report.reason = evidence.reason
    report.points = strata.filter { !$0.reached.isEmpty }.map { stratum in
      BatchPoint(
        batch: stratum.batch, updates: exp(mean(stratum.reached)), seeds: stratum.count,
        censored: stratum.limits.count)
    }
    return report
  }

  let values = strata.map { fitted.value(of: $0) }
  let residual = mean(
    zip(strata, values).map { stratum, value in
      let difference = value - fitted.expected(atBatch: stratum.batch)
      return difference * difference
    }
  ).squareRoot()
  let bootstrap = Bootstrap(
    strata, fit: fitted, shape: shape, seed: seed, resamples: resamples)
  let variance = max(bootstrap.variance ?? 0, fitted.spread.map { $0 * $0 } ?? 0)
  let rise = fitted.riseOfObservations(smallest, largest)
  let intervals = Intervals(bootstrap, ends: shape.ends)
  let evidence = Evidence(
    batches: reached, residual: residual, riseOfObservations: rise,
    fallOfUpdates: log(largest / smallest) - rise,
    noise: Evidence.noise(
      residual: residual, batches: strata.count,
      meanSquaredError: variance * mean(strata.map { 1 / Double($0.count) })),
    criticalBatch: fitted.law.criticalBatch,
    interval: intervals.criticalBatch)

  report.rmsLogResidual = residual
  report.law = fitted.law
  // Where no seed reached the target, the value is the law's own and no measurement.
  report.points = zip(strata, values).filter { !$0.0.reached.isEmpty }.map { stratum, value in
    let half = bootstrap.halfInterval(variance: variance, seeds: stratum.count)
    return BatchPoint(
      batch: stratum.batch, updates: exp(value), low: half.map { exp(value - $0) },
      high: half.map { exp(value + $0) }, seeds: stratum.count, censored: stratum.limits.count)
  }
  report.band = bootstrap.band(from: smallest / 4, to: largest * 4)
  if reached.count >= Evidence.fewestBatches {
    report.linearFit = LinearFit(
      batches: strata.map(\.batch), updates: values.map { exp($0) })
  }
  report.verdict = evidence.verdict
  report.reason = evidence.reason
  report.state(fitted.law, intervals: intervals, evidence: evidence)
  if report.verdict == .fitted {
    report.adaptive.results = adaptive(fitted.law, bootstrap.fits)
  }
  report.compute = ComputeToTarget(
    runs.kept, minimumObservations: report.minimumObservations)
  return report
}

/// 95% intervals of the law's numbers; an end that the resamples leave open is 0 or infinite.
private struct Intervals {
  var criticalBatch: (low: Double, high: Double)?
  var minimumUpdates: (low: Double, high: Double)?
  var minimumObservations: (low: Double, high: Double)?

  init(_ bootstrap: Bootstrap, ends: ClosedRange<Double>) {
    guard let critical = bootstrap.interval({ $0.logCritical }),
      let updates = bootstrap.interval({ $0.level }),
      let observations = bootstrap.interval({ $0.level + $0.logCritical })
    else { return }
    // S_min is bounded from below only as far as B_crit is from above, E_min as far as it is
    // from below.
    let isOpenBelow = critical.lowerBound < ends.lowerBound
    let isOpenAbove = critical.upperBound > ends.upperBound
    criticalBatch = (
      isOpenBelow ? 0 : exp(critical.lowerBound),
      isOpenAbove ? .infinity : exp(critical.upperBound)
    )
    minimumUpdates = (isOpenAbove ? 0 : exp(updates.lowerBound), exp(updates.upperBound))
    minimumObservations = (
      isOpenBelow ? 0 : exp(observations.lowerBound), exp(observations.upperBound)
    )
  }
}

extension FitReport {
  /// Gives what the verdict says is identified as numbers, the rest as bounds or not at all.
  fileprivate mutating func state(_ law: ParetoLaw, intervals: Intervals, evidence: Evidence) {
    let updates = Estimate(law.minimumUpdates, intervals.minimumUpdates)
    let observations = Estimate(law.minimumObservations, intervals.minimumObservations)
    switch evidence.verdict {
    case .tooNarrow, .tooFew, .rejected:
      break
    case _ where evidence.isIdentified, .fitted:
      minimumUpdates = updates
      minimumObservations = observations
      criticalBatch = Estimate(law.criticalBatch, intervals.criticalBatch)
    case .flat, .lowerBound:
      minimumUpdates = .bound(below: intervals.minimumUpdates?.high)
      minimumObservations = observations
      criticalBatch = .bound(above: evidence.lowerBound)
    case .upperBound:
      minimumUpdates = updates
      minimumObservations = .bound(below: intervals.minimumObservations?.high)
      criticalBatch = .bound(below: evidence.upperBound)
    }
  }
}

extension Estimate {
  /// A value with an interval whose open ends, 0 or infinite, are left out.
  fileprivate init(_ value: Double, _ interval: (low: Double, high: Double)?) {
    self.init(
      value: value, low: interval.flatMap { $0.low > 0 ? $0.low : nil }, high: interval?.high)
  }
}
