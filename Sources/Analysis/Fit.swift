import Foundation
public import Records

/// Fits every question of a study, including those without a measured run.
public func fits(
  of trials: [TrialRecord], seed: Int = 1, resamples: Int = 2000
) -> [FitReport] {
  fit(RunGroup.groups(of: trials), seed: seed, resamples: resamples)
}

/// Fits the law to each group of runs, in the order given.
///
/// ln S(B) = ln S_min + ln(1 + B_crit/B), unweighted over batches (McCandlish et al. 2018,
/// eq. 2.11): by least squares, or by maximum likelihood if runs are censored (`LawFit`). The 95%
/// intervals come from `resamples` resamples of the seeds. The generator starts
/// from `seed` for every group, so that the numbers of one group do not depend on the others.
public func fit(
  _ groups: [RunGroup], seed: Int = 1, resamples: Int = 2000
) -> [FitReport] {
  groups.map { fit($0, seed: seed, resamples: resamples) }
}

/// Fits the law to one group of runs.
func fit(_ group: RunGroup, seed: Int = 1, resamples: Int = 2000) -> FitReport {
  let fixed = group.runs.filter { $0.exchangeRate == nil }
  let runs = StratifiedRuns(fixed)
  let bootstrap = BootstrapSettings(seed: seed, resamples: max(resamples, 0))
  var report = FitReport(group.question, runs, bootstrap)
  let resampledLaws = report.fitLaw(to: runs.strata)
  if fixed.isEmpty { report.reason = "no run at a tuned learning rate" }
  report.adaptive = AdaptiveReport(
    group.runs, fixed: runs.reached, law: report.verdict == .fitted ? report.law : nil,
    resampledLaws: resampledLaws, bootstrap)
  if report.law != nil {
    report.compute = ComputeToTarget(
      runs.reached, minimumObservations: report.minimumObservations)
  }
  report.advice = Advice(report, group.runs)
  return report
}

extension FitReport {
  /// What is known before the law is fitted.
  fileprivate init(_ question: Question, _ runs: StratifiedRuns, _ bootstrap: BootstrapSettings) {
    self.init(
      question: question, verdict: .tooFew, setAside: runs.setAside.map(SetAside.init),
      bootstrap: bootstrap,
      noiseScale: .noiseScale(
        of: runs.reached, seed: bootstrap.seed, resamples: bootstrap.resamples),
      batches: runs.batches, seeds: runs.seeds, censored: runs.censored, runs: runs.included)
  }

  /// Fits the law and gives the verdict. To use another fitter, replace `LawFit` here.
  ///
  /// - Returns: the laws of the resampled runs.
  fileprivate mutating func fitLaw(to strata: [Stratum]) -> [ParetoLaw] {
    let reached = strata.filter { !$0.reached.isEmpty }.map(\.batch)
    let shape = LawShape(logBatches: strata.map { log($0.batch) })
    // A law through three batches is drawn, but its verdict is `too-few`.
    guard reached.count >= 3, let fitted = LawFit(strata, shape: shape),
      let smallest = reached.first, let largest = reached.last
    else {
      let evidence = Evidence(
        batches: reached, residual: 0, riseOfObservations: 0, fallOfUpdates: 0, noise: 0,
        criticalBatch: 0)
      (verdict, reason) = (evidence.verdict, evidence.reason)
      points = strata.filter { !$0.reached.isEmpty }.map { stratum in
        BatchPoint(
          batch: stratum.batch, updates: exp(mean(stratum.reached)), seeds: stratum.count,
          censored: stratum.limits.count)
      }
      return []
    }

    let values = strata.map { fitted.value(of: $0) }
    let residual = mean(
      zip(strata, values).map { stratum, value in
        let difference = value - fitted.expected(atBatch: stratum.batch)
        return difference * difference
      }
    ).squareRoot()
    let resampled = Bootstrap(strata, fit: fitted, shape: shape, bootstrap)
    let variance = max(resampled.variance ?? 0, fitted.spread.map { $0 * $0 } ?? 0)
    let rise = fitted.riseOfObservations(smallest, largest)
    let intervals = Intervals(resampled, ends: shape.ends)
    let evidence = Evidence(
      batches: reached, residual: residual, riseOfObservations: rise,
      fallOfUpdates: log(largest / smallest) - rise,
      noise: Evidence.noise(
        residual: residual, batches: strata.count,
        meanSquaredError: variance * mean(strata.map { 1 / Double($0.count) })),
      criticalBatch: fitted.law.criticalBatch,
      interval: intervals.criticalBatch)

    rmsLogResidual = residual
    law = fitted.law
    // If no seed of a batch reached the target, its value is the law's and not a measurement.
    points = zip(strata, values).filter { !$0.0.reached.isEmpty }.map { stratum, value in
      let half = resampled.halfInterval(variance: variance, seeds: stratum.count)
      return BatchPoint(
        batch: stratum.batch, updates: exp(value), low: half.map { exp(value - $0) },
        high: half.map { exp(value + $0) }, seeds: stratum.count, censored: stratum.limits.count)
    }
    band = resampled.band(from: smallest / 4, to: largest * 4)
    if reached.count >= Evidence.fewestBatches {
      linearFit = LinearFit(batches: strata.map(\.batch), updates: values.map { exp($0) })
    }
    (verdict, reason) = (evidence.verdict, evidence.reason)
    state(fitted.law, intervals: intervals, evidence: evidence)
    return resampled.fits.map(\.law)
  }
}

/// 95% intervals of the law's numbers. An end that the resamples leave open is 0 or infinite.
private struct Intervals {
  var criticalBatch: (low: Double, high: Double)?
  var minimumUpdates: (low: Double, high: Double)?
  var minimumObservations: (low: Double, high: Double)?

  init(_ bootstrap: Bootstrap, ends: ClosedRange<Double>) {
    guard let critical = bootstrap.interval({ $0.logCritical }),
      let updates = bootstrap.interval({ $0.level }),
      let observations = bootstrap.interval({ $0.level + $0.logCritical })
    else { return }
    // S_min has a lower end only if B_crit has an upper one; E_min only if B_crit has a lower one.
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
  /// Sets the numbers that the verdict allows; the others become bounds or stay `nil`.
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
  /// A value with an interval. Open ends, 0 or infinite, are left out.
  fileprivate init(_ value: Double, _ interval: (low: Double, high: Double)?) {
    self.init(
      value: value, low: interval.flatMap { $0.low > 0 ? $0.low : nil }, high: interval?.high)
  }
}
