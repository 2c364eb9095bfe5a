internal import Foundation
public import Records

/// What is known while a critical batch is estimated. The next step depends on nothing else.
public struct EstimateState: Sendable {
  /// Training observations of the trials at one batch.
  struct Cost: Hashable, Sendable {
    var search = 0.0
    var measurement = 0.0
    var measuringRuns = 0

    var total: Double { search + measurement }
  }

  /// Batches that may be measured, ascending.
  public let candidates: [Int]
  /// The batch that is measured first.
  public let pilot: Int
  /// The batches of the study so far, and its measuring seeds for each.
  public let batches: [Int]
  public let seeds: Int
  /// The fit of the runs so far.
  public let report: FitReport
  let costs: [Int: Cost]
  /// The law fitted to the runs so far with the assumed τ; `nil` with fewer than two batches.
  let law: EstimatedLaw?
  let strata: [Stratum]
  private let assumedDeviation: Double

  /// - Parameters:
  ///   - group: the measuring runs of the study's only target.
  ///   - batchDeviation: the assumed τ.
  init(
    candidates: [Int], pilot: Int, batches: [Int], seeds: Int, group: RunGroup,
    costs: [Int: Cost], batchDeviation: Double
  ) {
    (self.candidates, self.pilot) = (candidates.sorted(), pilot)
    (self.batches, self.seeds, self.costs) = (batches, seeds, costs)
    report = estimate(group, batchDeviation: batchDeviation)
    strata = StratifiedRuns(group.runs.filter { $0.exchangeRate == nil }).strata
    law = EstimatedLaw(strata, batchDeviation: batchDeviation)
    assumedDeviation = batchDeviation
  }

  /// The state of a study of one task and one target.
  public init(
    candidates: [Int], pilot: Int, batches: [Int], seeds: Int, trials: [TrialRecord],
    batchDeviation: Double
  ) {
    var costs: [Int: Cost] = [:]
    for trial in trials where trial.settings.role != .single {
      let batch = trial.settings.batch.value
      let observations = Double(trial.rows[0].result.totalObservations.value)
      if trial.settings.role == .tuning {
        costs[batch, default: Cost()].search += observations
      } else {
        costs[batch, default: Cost()].measurement += observations
        costs[batch, default: Cost()].measuringRuns += 1
      }
    }
    self.init(
      candidates: candidates, pilot: pilot, batches: batches, seeds: seeds,
      group: RunGroup.groups(of: trials).first ?? RunGroup(runs: []), costs: costs,
      batchDeviation: batchDeviation)
  }

  /// Batches at which a tuned rate reached the target, ascending.
  var usable: [Int] { strata.filter { !$0.reached.isEmpty }.map { Int($0.batch) } }

  /// Training observations of all trials.
  public var spent: Double { costs.values.reduce(0) { $0 + $1.total } }

  /// The prior for B_crit: ln of the prediction, and its standard deviation. The noise scale is
  /// typically off by a factor of 2.2.
  private var expectation: (log: Double, deviation: Double) {
    let predicted = report.noiseScale
    if let value = predicted?.value, value > 0 { return (log(value), 0.8) }
    return (log(max(predicted?.low ?? 0, Double(usable.first ?? pilot))), 1.5)
  }

  /// The most likely law given the prediction and the runs, as ln B_crit and ln S_min. It only
  /// decides which batches are measured; no result depends on it.
  var likelyLaw: (logCritical: Double, level: Double)? {
    guard let first = strata.first(where: { !$0.reached.isEmpty }) else { return nil }
    let (centre, deviation) = expectation
    guard let fit = law?.fit else {
      return (centre, mean(first.reached) - softplus(centre - log(first.batch)))
    }
    func loss(_ logCritical: Double) -> Double {
      let distance = (logCritical - centre) / deviation
      return fit.shape.profile(fit.values, fit.weights, logCritical: logCritical).squares
        + distance * distance
    }
    let grid = (-40...40).map { centre + Double($0) / 4 }
    let place = grid.min { loss($0) < loss($1) } ?? centre
    let best = minimum(in: place - 0.25...place + 0.25, tolerance: 1e-6, of: loss)
    return (best, fit.shape.profile(fit.values, fit.weights, logCritical: best).level)
  }

  /// Observations to the target at a batch according to the likely law.
  private func observations(at batch: Int, _ law: (logCritical: Double, level: Double)) -> Double {
    exp(law.level) * (Double(batch) + exp(law.logCritical))
  }

  /// Expected training observations of a step: the searches of new batches, and the measuring seeds
  /// of all. Searches and runs are assumed to take the same multiple of the observations to the
  /// target as those so far.
  public func expectedCost(adding added: [Int], seeds newSeeds: Int) -> Double {
    guard let law = likelyLaw else { return 0 }
    let known = costs.filter { usable.contains($0.key) && $0.value.measuringRuns > 0 }
    let searches = known.map { $0.value.search / observations(at: $0.key, law) }
    let runs = known.map {
      $0.value.measurement / Double($0.value.measuringRuns) / observations(at: $0.key, law)
    }
    let (search, run) = (mean(searches.sorted()), mean(runs.sorted()))
    let more = usable.reduce(0) {
      $0 + Double(newSeeds - seeds) * run * observations(at: $1, law)
    }
    return added.reduce(more) {
      $0 + (search + Double(newSeeds) * run) * observations(at: $1, law)
    }
  }

  /// Half the expected 95 % interval of ln B_crit with these batches and seeds, from σ of the runs
  /// so far and the assumed τ.
  func expectedHalf(batches: [Int], seeds: Int) -> Double {
    guard let likely = likelyLaw, let law else { return .infinity }
    let weight =
      1
      / (assumedDeviation * assumedDeviation
        + law.seedDeviation * law.seedDeviation / Double(seeds))
    let information = Information(
      LawShape(logBatches: batches.map { log(Double($0)) }),
      weights: batches.map { _ in weight }, logCritical: likely.logCritical)
    let count = batches.count
    let freedom =
      count < FitLimits.fewestBatches
      ? EstimatedLaw.freedom(
        seedDeviation: law.seedDeviation, batchDeviation: assumedDeviation,
        inverseSeeds: 1 / Double(seeds), seedFreedom: Double(count * (seeds - 1)))
      : Double(count - 2)
    return studentDeviations(freedom: freedom)
      * information.covariance.critical.squareRoot()
  }

  /// Half the 95 % interval of ln B_crit, the longer side; infinite if an end is open.
  var half: Double {
    guard let critical = report.criticalBatch, let value = critical.value, let low = critical.low,
      let high = critical.high
    else { return .infinity }
    return max(log(high / value), log(value / low))
  }
}
