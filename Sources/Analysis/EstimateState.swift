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
  /// Expected training observations of the first batch.
  private let pilotCost: Double
  /// Batches whose chosen learning rate is at the edge of the search.
  let edges: Set<Int>

  /// - Parameters:
  ///   - group: the measuring runs of the study's only target.
  ///   - edges: batches whose chosen learning rate is at the edge of the search.
  ///   - batchDeviation: the assumed τ.
  init(
    candidates: [Int], pilot: Int, pilotCost: Double, batches: [Int], seeds: Int,
    group: RunGroup, costs: [Int: Cost], edges: Set<Int> = [], batchDeviation: Double
  ) {
    (self.candidates, self.pilot, self.pilotCost) = (candidates.sorted(), pilot, pilotCost)
    (self.batches, self.seeds, self.costs, self.edges) = (batches, seeds, costs, edges)
    report = estimate(group, batchDeviation: batchDeviation)
    strata = StratifiedRuns(group.runs.filter { $0.exchangeRate == nil }).strata
    law = EstimatedLaw(strata, batchDeviation: batchDeviation)
    assumedDeviation = batchDeviation
  }

  /// The state of a study of one task and one target.
  ///
  /// - Parameter pilotCost: expected training observations of the first batch.
  public init(
    candidates: [Int], pilot: Int, pilotCost: Double, batches: [Int], seeds: Int,
    trials: [TrialRecord], batchDeviation: Double
  ) {
    var costs: [Int: Cost] = [:]
    var edges: Set<Int> = []
    for trial in trials where trial.settings.role != .single {
      let batch = trial.settings.batch.value
      if trial.settings.role == .tuning {
        costs[batch, default: Cost()].search += trial.observations
      } else {
        costs[batch, default: Cost()].measurement += trial.observations
        costs[batch, default: Cost()].measuringRuns += 1
        if trial.verdicts.values.contains(.edge) { edges.insert(batch) }
      }
    }
    self.init(
      candidates: candidates, pilot: pilot, pilotCost: pilotCost, batches: batches, seeds: seeds,
      group: RunGroup.groups(of: trials).first ?? RunGroup(runs: []), costs: costs, edges: edges,
      batchDeviation: batchDeviation)
  }

  /// Batches at which a tuned rate reached the target, ascending.
  var usable: [Int] { strata.filter { !$0.reached.isEmpty }.map { Int($0.batch) } }

  /// Why a batch gave no measurement.
  private enum Failure: String, CaseIterable {
    case unreached = "no learning rate reached the target"
    case edge = "the best learning rate was at the edge of the search"
    case censored = "no measuring run reached the target"
  }

  /// The batches that gave no measurement, and why; `nil` if all did.
  public var failureWords: String? {
    let failed = Set(batches).subtracting(usable).sorted()
    let reasons = Dictionary(grouping: failed) { batch in
      edges.contains(batch)
        ? Failure.edge : costs[batch]?.measuringRuns ?? 0 > 0 ? .censored : .unreached
    }
    let words = Failure.allCases.compactMap { failure in
      reasons[failure].map { batches in
        let list = Format.list(batches.map { Format.grouped($0) })
        return "at \(batches.count == 1 ? "batch" : "batches") \(list), \(failure.rawValue)"
      }
    }
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }

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
  /// target as those so far. Until a batch gives a measurement, the next is expected to take
  /// as much as the first, or as those that failed if they took more.
  public func expectedCost(adding added: [Int], seeds newSeeds: Int) -> Double {
    guard let law = likelyLaw else {
      return Double(added.count) * max(pilotCost, spent / Double(max(batches.count, 1)))
    }
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

  /// σ that is expected as long as no batch has two runs that reached the target.
  static let usualSeedDeviation = 0.3

  /// Half the expected 95 % interval of ln B_crit with these batches and seeds, from σ of the runs
  /// so far and the assumed τ. Infinite with one batch, or with few batches of one seed.
  func expectedHalf(batches: [Int], seeds: Int) -> Double {
    guard let likely = likelyLaw, batches.count > 1,
      seeds > 1 || batches.count >= FitLimits.fewestBatches
    else { return .infinity }
    let seedDeviation = law?.seedDeviation ?? Self.usualSeedDeviation
    let weight =
      1
      / (assumedDeviation * assumedDeviation + seedDeviation * seedDeviation / Double(seeds))
    let information = Information(
      LawShape(logBatches: batches.map { log(Double($0)) }),
      weights: batches.map { _ in weight }, logCritical: likely.logCritical)
    let count = batches.count
    let freedom =
      count < FitLimits.fewestBatches
      ? EstimatedLaw.freedom(
        seedDeviation: seedDeviation, batchDeviation: assumedDeviation,
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
