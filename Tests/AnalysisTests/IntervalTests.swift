import Foundation
import TestSupport
import Testing

@testable import Analysis

/// How often the 95 % intervals of S_min, E_min and B_crit hold the truth, before any verdict, and
/// how often studies of the law, and of other laws, are rejected. `make test` takes a part of the
/// studies and rows of `make soak`.
struct IntervalTests {
  private static let spread8 = batches(8, from: 16, factor: 3)

  struct Row: CustomTestStringConvertible, Sendable {
    var batches: Int
    var seeds: [Int]
    var seedDeviation: Double
    var batchDeviation: Double
    var exponent = 1.0
    var isCensored = false

    var testDescription: String {
      "\(batches) batches, seeds \(seeds), σ \(seedDeviation), τ \(batchDeviation), "
        + "exponent \(exponent)\(isCensored ? ", a fifth censored" : "")"
    }

    /// All rows that must hold; a few of them for `make test`.
    static let all: [Row] = [5, 8].flatMap { batches in
      [[1], [2], [3], [5], [12], [5, 1]].flatMap { seeds in
        [0.2, 0.3].flatMap { seedDeviation in
          [0, 0.1].flatMap { batchDeviation in
            [false, true].map { isCensored in
              Row(
                batches: batches, seeds: seeds, seedDeviation: seedDeviation,
                batchDeviation: batchDeviation, isCensored: isCensored)
            }
          }
        }
      }
    }
    static let tested =
      isSoak ? all : all.enumerated().filter { $0.offset % 11 == 4 }.map(\.element)
    static let misfits = [5, 8].flatMap { batches in
      [(0.3, 1.0), (0, 0.6)].map {
        Row(
          batches: batches, seeds: [5], seedDeviation: 0.2, batchDeviation: $0.0, exponent: $0.1)
      }
    }
  }

  private static let studies = isSoak ? 1000 : 60

  @Test(arguments: Row.tested) func `cover the truth, and the law is rarely rejected`(row: Row) {
    let outcome = Outcome(of: row, studies: Self.studies)
    print(row.testDescription, outcome)
    // Three standard errors of a share near 0.95 and of one near 0.05 or 0.15, in the smaller part.
    let slack = isSoak ? 0 : 3 * (0.05 * 0.95 / Double(Self.studies)).squareRoot()
    for share in outcome.covered { #expect((0.91 - slack...0.985 + slack).contains(share)) }
    #expect(outcome.rejected <= (row.batchDeviation == 0 ? 0.05 : 0.15) + slack)
  }

  @Test(arguments: Row.misfits) func `reject what is not the law`(row: Row) {
    let outcome = Outcome(of: row, studies: Self.studies)
    print(row.testDescription, outcome)
    let slack = isSoak ? 0 : 3 * (0.2 * 0.8 / Double(Self.studies)).squareRoot()
    #expect(outcome.rejected >= (row.batches == 8 ? 0.8 : 0.65) - slack)
  }

  @Test func `are the textbook's for a straight line`() throws {
    // With B_crit far below the batches the law is nearly a level: the upper end of S_min is that of
    // the t interval of the batches' means, on two degrees of freedom less than batches.
    let values = [0.03, -0.05, 0.11, -0.02, -0.08, 0.01]
    let runs = zip(batches(6, from: 1e6, factor: 10), values).flatMap { batch, value in
      [-0.1, 0.1].map { Run(batch: batch, updates: 50 * exp(value + $0)) }
    }
    let fit = try #require(LawFit(StratifiedRuns(runs).strata))
    let region = LawRegion(fit)
    #expect(region.isOpenBelow)
    let level = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - level) * ($1 - level) }
    let half = 2.77645 * (squares / 4 / 6).squareRoot()
    let top = region.range { _ in 0 }.upperBound - log(50.0)
    #expect((top - (level + half)).magnitude < 0.05 * half)
  }

  @Test func `are the same in any order and for every seed of the resamples`() throws {
    var draws = Draws(2)
    let runs = runs(
      minimumUpdates: 50, criticalBatch: 1000, batches: Self.spread8, seeds: 4, spread: 0.2,
      draws: &draws)
    let group = RunGroup(Question(task: "t"), runs: runs)
    let first = fit(group, seed: 1)
    #expect(first == fit(group, seed: 2))
    #expect(first == fit(RunGroup(Question(task: "t"), runs: runs.reversed()), seed: 1))
    #expect(first == fit([RunGroup(runs: []), group], seed: 1)[1])
  }

  /// The first numbers of SplitMix64 from 1234567, as other implementations print them.
  @Test func `draws the numbers that SplitMix64 is known for`() {
    var random = SplitMix(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.next() == 9_817_491_932_198_370_423)
  }

  @Test func `come from the batches if every batch has one seed`() throws {
    var draws = Draws(3)
    let runs = runs(
      minimumUpdates: 50, criticalBatch: 1000, batches: Self.spread8, spread: 0.1, draws: &draws)
    let report = fit(RunGroup(runs: runs))
    let critical = try #require(report.criticalBatch)
    #expect(report.criticalBatch.covers(1000) && critical.width > 0.1)
    #expect(report.seedDeviation == nil)
    #expect(report.seedsNeeded == (critical.isWithin(1.25) ? 0 : nil))
    #expect((0.05...0.2).contains(try #require(report.batchDeviation)))
  }

  @Test func `does not shrink if rows are repeated`() throws {
    var draws = Draws(4)
    let runs = runs(
      minimumUpdates: 50, criticalBatch: 1000, batches: Self.spread8, spread: 0.1, draws: &draws)
    let once = try #require(fit(RunGroup(runs: runs)).criticalBatch)
    let twice = try #require(fit(RunGroup(runs: runs + runs)).criticalBatch)
    #expect((twice.width / once.width - 1).magnitude < 0.01)
  }

  @Test func `laws drawn from the fit scatter as its interval says`() throws {
    var draws = Draws(5)
    let runs = runs(
      minimumUpdates: 50, criticalBatch: 1000, batches: Self.spread8, seeds: 5, spread: 0.1,
      draws: &draws)
    let fit = try #require(LawFit(StratifiedRuns(runs).strata))
    let drawn = fit.drawnLaws(BootstrapSettings(seed: 1, resamples: 20_000))
    let sorted = drawn.map { log($0.criticalBatch) }.sorted()
    let low = try #require(percentile(0.025, ofSorted: sorted))
    let high = try #require(percentile(0.975, ofSorted: sorted))
    let region = LawRegion(fit).logCritical
    let width = region.upperBound - region.lowerBound
    #expect(((high - low) / width - 1).magnitude < 0.05)
  }
}

/// What comes out of many simulated studies: B_crit 800, batches from a thirtieth to eight times it.
private struct Outcome: CustomStringConvertible {
  /// Shares of S_min, E_min and B_crit.
  var covered = [0.0, 0, 0]
  var coveredIfFitted = 0.0
  var fitted = 0.0
  var rejected = 0.0
  var medianWidth = 0.0
  /// Of the median width over that of known variances.
  var widening = 0.0

  init(of row: IntervalTests.Row, studies: Int) {
    let (critical, updates) = (800.0, 50.0)
    let batches = (0..<row.batches).map { index in
      critical / 30 * pow(240, Double(index) / Double(row.batches - 1))
    }
    let seeds = batches.indices.map { row.seeds[min($0, row.seeds.count - 1)] }
    var draws = Draws(7)
    func study() -> [Run] {
      zip(batches, seeds).flatMap { batch, seeds in
        let offset = row.batchDeviation * draws.normal()
        return (0..<seeds).map { seed in
          let noise = exp(offset + row.seedDeviation * draws.normal())
          let law = updates * (1 + pow(critical / batch, row.exponent))
          return Run(batch: batch, seed: seed, updates: law * noise)
        }
      }
    }
    // A budget of observations that four fifths of the runs keep.
    let all = row.isCensored ? (0..<500).flatMap { _ in study() }.map(\.observations).sorted() : []
    let budget = row.isCensored ? all[all.count * 4 / 5] : .infinity
    var widths: [Double] = []
    for _ in 0..<studies {
      let runs = study().map { run in
        let limit = budget / run.batch
        return Run(
          batch: run.batch, seed: run.seed, updates: min(run.updates, limit),
          isCensored: run.updates > limit)
      }
      let stratified = StratifiedRuns(runs)
      guard let fit = LawFit(stratified.strata) else { continue }
      let intervals = Intervals(LawRegion(fit))
      let truths = [
        (intervals.minimumUpdates, updates),
        (intervals.minimumObservations, updates * critical), (intervals.criticalBatch, critical),
      ]
      for (index, (interval, truth)) in truths.enumerated()
      where interval.low <= truth && truth <= interval.high {
        covered[index] += 1
      }
      widths.append(log(intervals.criticalBatch.high) - log(intervals.criticalBatch.low))
      let reached = stratified.strata.filter { !$0.reached.isEmpty }.map(\.batch)
      let evidence = Evidence(batches: reached, groups: stratified.groups, fit, intervals)
      if evidence.verdict == .rejected { rejected += 1 }
      guard evidence.verdict == .fitted else { continue }
      fitted += 1
      let interval = intervals.criticalBatch
      if interval.low <= critical, critical <= interval.high { coveredIfFitted += 1 }
    }
    let count = Double(widths.count)
    coveredIfFitted /= fitted
    (covered, fitted, rejected) = (covered.map { $0 / count }, fitted / count, rejected / count)
    medianWidth = exp(median(widths) / 2)
    let weights = seeds.map {
      1
        / (row.batchDeviation * row.batchDeviation + row.seedDeviation * row.seedDeviation
          / Double($0))
    }
    let known = Information(
      LawShape(logBatches: batches.map { log($0) }), weights: weights, logCritical: log(critical)
    ).covariance.critical.squareRoot()
    widening = median(widths) / (2 * 1.96 * known)
  }

  var description: String {
    func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }
    return "S_min, E_min, B_crit \(covered.map(percent)) %; fitted \(percent(fitted)), of which "
      + "\(percent(coveredIfFitted)); rejected \(percent(rejected)); width of B_crit ×/÷ "
      + String(format: "%.2f, %.2f of known variances", medianWidth, widening)
  }
}

extension Estimate? {
  func covers(_ truth: Double) -> Bool {
    guard let low = self?.low, let high = self?.high else { return false }
    return low <= truth && truth <= high
  }
}

extension Estimate {
  /// Width of the interval in logarithms; infinite where an end is open.
  var width: Double {
    guard let low, let high else { return .infinity }
    return log(high / low)
  }
}
