import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

/// S as the arithmetic mean over seeds: the expected cost.
struct SeedMeanTests {
  private static let grid = batches(6, from: 10, factor: 4)

  private static func expected(_ runs: [Run]) -> FitReport {
    fit(RunGroup(runs: runs), mean: .arithmetic, resamples: 0)
  }

  @Test func `is the mean of the runs, with the interval of a pooled relative scatter`() throws {
    // Relative deviations of ±0.5 at one batch and ±0.2 at the others.
    let runs = Self.grid.flatMap { batch -> [Run] in
      let law = 50 * (1 + 300 / batch)
      let share = batch == 10 ? 0.5 : 0.2
      return [1 - share, 1 + share].map { Run(batch: batch, updates: law * $0) }
    }
    let report = Self.expected(runs)
    for (point, batch) in zip(report.points, Self.grid) {
      #expect((point.updates / (50 * (1 + 300 / batch)) - 1).magnitude < 1e-9)
      #expect(point.seeds == 2)
    }
    let variance = (2 * 0.25 + 5 * 2 * 0.04) / 6
    #expect((try #require(report.seedDeviation) - variance.squareRoot()).magnitude < 1e-9)
    // 2.446912 is Student's quantile with six degrees of freedom.
    let half = 2.446912 * (variance / 2).squareRoot()
    let point = try #require(report.points.first)
    #expect((log(try #require(point.high) / point.updates) - half).magnitude < 1e-5)
    #expect((log(point.updates / (try #require(point.low))) - half).magnitude < 1e-5)
    // The means follow the law, which geometric means don't.
    #expect((try #require(report.criticalBatch?.value) / 300 - 1).magnitude < 1e-3)
    let typical = try #require(fit(RunGroup(runs: runs), resamples: 0).criticalBatch?.value)
    #expect(typical < 290)
  }

  /// How often intervals hold the closed form: E[S] = exp(μ + σ²/2) follows the law, so
  /// μ = ln law − σ²/2.
  struct Row: CustomTestStringConvertible, Sendable {
    var seeds: Int
    /// σ at the smallest and the largest batch.
    var scatter: (Double, Double)
    var batches = 8
    var batchDeviation = 0.0

    var testDescription: String {
      "\(seeds) seeds, σ \(scatter.0) … \(scatter.1), \(batches) batches, τ \(batchDeviation)"
    }
  }

  private static let studies = isSoak ? 1000 : 100

  /// Shares of studies whose intervals of S_min, E_min and B_crit hold the truth.
  private static func covered(_ row: Row, _ mean: SeedMean) -> [Double] {
    let (critical, updates) = (800.0, 50.0)
    var draws = Draws(71)
    var counts = [0.0, 0, 0]
    for _ in 0..<studies {
      let runs = (0..<row.batches).flatMap { index -> [Run] in
        let place = Double(index) / Double(row.batches - 1)
        let batch = critical / 30 * pow(240, place)
        let scatter = row.scatter.0 * pow(row.scatter.1 / row.scatter.0, place)
        let offset = row.batchDeviation * draws.normal() - scatter * scatter / 2
        return (0..<row.seeds).map { seed in
          let noise = exp(offset + scatter * draws.normal())
          return Run(batch: batch, seed: seed, updates: updates * (1 + critical / batch) * noise)
        }
      }
      let data = LawData(StratifiedRuns(runs), mean)
      guard let fit = LawFit(data.strata, deviation: data.deviation) else { continue }
      let intervals = Intervals(LawRegion(fit))
      let truths = [
        (intervals.minimumUpdates, updates), (intervals.minimumObservations, updates * critical),
        (intervals.criticalBatch, critical),
      ]
      for (index, (interval, truth)) in truths.enumerated()
      where interval.low <= truth && truth <= interval.high {
        counts[index] += 1 / Double(studies)
      }
    }
    return counts
  }

  private static let slack = isSoak ? 0 : 3 * (0.05 * 0.95 / Double(studies)).squareRoot()

  @Test(
    arguments: [
      Row(seeds: 3, scatter: (0.3, 0.3)), Row(seeds: 5, scatter: (0.3, 0.3)),
      Row(seeds: 12, scatter: (0.3, 0.3)), Row(seeds: 3, scatter: (0.8, 0.8)),
      Row(seeds: 5, scatter: (0.8, 0.8)), Row(seeds: 12, scatter: (0.8, 0.8)),
      Row(seeds: 3, scatter: (0.3, 0.3), batches: 5, batchDeviation: 0.1),
      Row(seeds: 12, scatter: (0.8, 0.8), batches: 5, batchDeviation: 0.1),
    ])
  func `covers the mean of log-normal runs`(row: Row) {
    let shares = Self.covered(row, .arithmetic)
    print(row.testDescription, shares)
    for share in shares { #expect((0.91 - Self.slack...0.985 + Self.slack).contains(share)) }
  }

  /// Where small batches scatter more, the typical run's law is another one.
  @Test(arguments: [5, 12])
  func `covers the critical batch if small batches scatter most, which the typical run's does not`(
    seeds: Int
  ) {
    let row = Row(seeds: seeds, scatter: (0.9, 0.15))
    let (expected, typical) = (Self.covered(row, .arithmetic), Self.covered(row, .geometric))
    print(row.testDescription, expected, "typical", typical)
    #expect(expected[2] > 0.9 - Self.slack)
    #expect(typical[2] < expected[2] - 0.05)
  }

  @Test func `is the run itself where every batch has one`() {
    var draws = Draws(72)
    let runs = runs(
      minimumUpdates: 50, criticalBatch: 300, batches: Self.grid, spread: 0.1, draws: &draws)
    let (typical, expected) = (fit(RunGroup(runs: runs), resamples: 0), Self.expected(runs))
    #expect(typical.mean == .geometric && expected.mean == .arithmetic)
    #expect(expected.criticalBatch != nil)
    // Through exp and log, the last bits may differ.
    let values = [typical, expected].map { $0.criticalBatch?.value ?? 0 }
    #expect((values[0] / values[1] - 1).magnitude < 1e-9)
    #expect(expected.verdict == typical.verdict && expected.lowerBounds.isEmpty)
    #expect(expected.seedDeviation == nil && typical.seedDeviation == nil)
  }

  @Test func `a censored run makes the mean of its batch a lower bound, and that is said`() throws {
    var runs = Self.grid.flatMap { batch in
      [0.9, 1.1].map { Run(batch: batch, updates: 50 * (1 + 300 / batch) * $0) }
    }
    runs.append(Run(batch: 10, seed: 3, updates: 1550 * 4, isCensored: true))
    let report = Self.expected(runs)
    #expect(report.lowerBounds == [BoundedMean(batch: 10, censored: 1, runs: 3)])
    let point = try #require(report.points.first)
    #expect((point.updates / (1550 * 2) - 1).magnitude < 1e-9 && point.censored == 1)
    #expect(
      report.boundSentence
        == "not all runs reached the target at batch 10 (1 of 3 runs): the mean there is only a lower bound, and the intervals don't account for that"
    )
    let typical = fit(RunGroup(runs: runs), resamples: 0)
    #expect(typical.lowerBounds.isEmpty && typical.boundSentence == nil)

    // A batch that no run finished has no mean, only bounds.
    runs += [1.0, 2].map { Run(batch: 40_960, updates: $0, isCensored: true) }
    let more = Self.expected(runs)
    #expect(more.points.count == 6 && more.batches == 7)
    #expect(more.lowerBounds.map(\.batch) == [10, 40_960])
    #expect(more.lowerBounds.last?.censored == 2)
    #expect(more.boundSentence?.contains("and batch 40,960 (2 of 2 runs): the means") == true)
  }

  @Test func `a run that diverged counts with all updates that it was allowed`() throws {
    let diverged = trial(seed: 9, updates: nil, total: 3, ending: .diverged)
    let limit = Double(diverged.settings.limit.value) / Double(diverged.settings.batch.value)
    #expect(limit > 1_000)
    let trials = (1...3).map { trial(seed: $0, updates: 100) } + [diverged]
    let group = try #require(RunGroup.groups(of: trials).first)
    let point = try #require(Self.expected(group.runs).points.first)
    #expect((point.updates / ((300 + limit) / 4) - 1).magnitude < 1e-9)
    // Without a divergence the run counts with what it made: that was its limit.
    let censored = trial(seed: 9, updates: nil, total: 900)
    let others = try #require(RunGroup.groups(of: trials.dropLast() + [censored]).first)
    let mean = try #require(Self.expected(others.runs).points.first)
    #expect((mean.updates / 300 - 1).magnitude < 1e-9)
  }

  @Test func `no run is set aside, and two kinds of runs have one mean`() throws {
    var draws = Draws(73)
    let sound = runs(
      minimumUpdates: 50, criticalBatch: 300, batches: Self.grid, seeds: 5, spread: 0.05,
      draws: &draws)
    let broken = sound + [Run(batch: 10, seed: 9, updates: 1550 * 10)]
    #expect(fit(RunGroup(runs: broken), resamples: 0).setAside.count == 1)
    let report = Self.expected(broken)
    #expect(report.setAside.isEmpty)
    #expect(try #require(report.points.first).updates > 2 * 1550)
    // Every second run seven times as slow.
    let mixed = sound.map { run in
      Run(
        batch: run.batch, seed: run.seed,
        updates: run.updates * ((run.seed ?? 0).isMultiple(of: 2) ? 7 : 1))
    }
    #expect(fit(RunGroup(runs: mixed), resamples: 0).verdict == .grouped)
    let both = Self.expected(mixed)
    #expect(both.verdict != .grouped)
    // Three of five runs are slow: S is (3 · 7 + 2)/5 times as large, and B_crit stays.
    #expect((try #require(both.law).criticalBatch / 300 - 1).magnitude < 0.1)
    #expect((try #require(both.law).minimumUpdates / (50 * 23 / 5) - 1).magnitude < 0.1)
  }

  @Test func `means with standard errors are what they are`() throws {
    let rows = Self.grid.map { batch in
      var run = Run(batch: batch, updates: 50 * (1 + 300 / batch) * (batch == 40 ? 1.1 : 1))
      run.logStandardError = 0.05
      return run
    }
    let (typical, other) = (fit(RunGroup(runs: rows), resamples: 0), Self.expected(rows))
    let values = [typical, other].map { $0.criticalBatch?.value ?? 0 }
    #expect(values[0] > 0 && (values[0] / values[1] - 1).magnitude < 1e-9)
  }

  @Test func `is written with its mean and bounds`() throws {
    let runs =
      exactRuns(minimumUpdates: 50, criticalBatch: 300, batches: Self.grid)
      + [Run(batch: 10, seed: 1, updates: 2000, isCensored: true)]
    let data = try JSONEncoder().encode(Self.expected(runs))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["mean"] as? String == "arithmetic")
    let bound = try #require((object["lower_bounds"] as? [[String: Int]])?.first)
    #expect(bound == ["batch": 10, "censored": 1, "runs": 2])
  }

  @Test func `stands beside the typical run on request`() throws {
    var draws = Draws(74)
    let runs = runs(
      minimumUpdates: 50, criticalBatch: 300, batches: Self.grid, seeds: 5, spread: 0.1,
      draws: &draws)
    let group = RunGroup(Question(task: "t"), runs: runs)
    let report = fit(group, resamples: 0)
    #expect(report.expected == nil)
    let both = report.withExpectedCost(of: group)
    #expect(both.expected?.criticalBatch == Self.expected(runs).criticalBatch)
    #expect(both.criticalBatch == report.criticalBatch && both.expected?.verdict == .fitted)
    let single = RunGroup(runs: runs.filter { $0.seed == 0 })
    #expect(fit(single, resamples: 0).withExpectedCost(of: single).expected == nil)
  }
}
