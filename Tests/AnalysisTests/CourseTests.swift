import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

/// What figures are drawn from beside the fits.
struct CourseTests {
  private static func point(
    _ updates: Int, score: Double, noise: NoiseMoments? = nil
  ) -> CurvePoint {
    CurvePoint(
      updates: Updates(updates), observations: Observations(updates * 64),
      batch: Observations(64), optimizerSteps: OptimizerSteps(updates), score: score,
      scoreError: 0, scoreEpisodes: 1, noise: noise, seconds: 0)
  }

  /// At batch 64.
  private static func run(_ points: [CurvePoint], reachedAt: Int? = nil) -> Run {
    var run = Run(batch: 64, updates: 1, isCensored: reachedAt == nil)
    run.curve = trial(updates: nil, curve: points).curve.map(\.determined)
    run.reachedAt = reachedAt
    return run
  }

  @Test func `a score curve is the median of runs, and one that ended keeps its last score`() throws
  {
    // In log(1 + updates) the three rise by 1, 2 and 3 a factor of e; the last ends at 3 updates.
    let runs = [(1.0, 63), (2, 63), (3, 3)].map { slope, last in
      Self.run([0, last].map { Self.point($0, score: slope * log1p(Double($0))) })
    }
    let curve = try #require(ScoreCurve.curves(of: runs).first)
    #expect(curve.batch == 64 && curve.points.first?.updates == 1)
    #expect((try #require(curve.points.last).updates - 63).magnitude < 1e-9)
    for point in curve.points {
      let rise = log1p(point.updates)
      let values = [rise, 2 * rise, 3 * min(rise, log(4))].sorted()
      #expect((point.score - values[1]).magnitude < 1e-9)
      #expect((point.low - (values[0] + values[1]) / 2).magnitude < 1e-9)
      #expect((point.high - (values[1] + values[2]) / 2).magnitude < 1e-9)
    }
    #expect(ScoreCurve.curves(of: []).isEmpty)
  }

  /// Moments whose noise scale is `scale`.
  private static func moments(_ scale: Double, updates: Int) -> NoiseMoments {
    NoiseMoments(
      shardSize: 16, batchSize: 64, updates: updates,
      shardSquares: Double(updates) * (1 + scale / 16),
      batchSquares: Double(updates) * (1 + scale / 64))
  }

  @Test func `noise along training grows where it grew, and stops at the target`() throws {
    // At scores 0…1 a noise scale of 100, at 1…2 of 300, beyond the target 5,000.
    let runs = [0.9, 1, 1.1].map { factor in
      Self.run(
        [
          Self.point(0, score: 0),
          Self.point(4, score: 1, noise: Self.moments(100 * factor, updates: 4)),
          Self.point(40, score: 2, noise: Self.moments(300 * factor, updates: 36)),
          Self.point(80, score: 3, noise: Self.moments(5_000, updates: 40)),
        ], reachedAt: 40)
    }
    let course = NoiseCourse(runs, count: 2)
    let values = try course.byScore.map { try #require($0.noise.value) }
    #expect(values.count == 2)
    #expect((values[0] / 100 - 1).magnitude < 0.01 && (values[1] / 300 - 1).magnitude < 0.01)
    for (point, truth) in zip(course.byScore, [100.0, 300]) {
      let (low, high) = (try #require(point.noise.low), try #require(point.noise.high))
      // Three runs within 10 % of each other, with the quantile 4.3.
      #expect(low > 0.7 * truth && low < truth && high > truth && high < 1.35 * truth)
    }
    // Middles at √(1·4) = 2 and √(4·40) = 12.6 updates: the bins 1…4 and 4…16.
    let batch = try #require(course.byUpdates.first)
    #expect(batch.batch == 64 && batch.points.map(\.place) == [2, 8])
    #expect(batch.points.map(\.noise.value) == course.byScore.map(\.noise.value))
    #expect(NoiseCourse([]).byScore.isEmpty)
  }

  @Test func `the landscape has medians, and none if half of the seeds missed the target`() throws {
    func searched(_ rate: Double, _ seed: Int, _ updates: Double?) -> TrialRecord {
      trial(role: .tuning, seed: seed, rate: rate, updates: updates, total: 500, verdict: nil)
    }
    let trials =
      [10.0, 30, 20].enumerated().map { searched(0.01, $0, $1) }
      + [9, nil].enumerated().map { searched(0.02, $0, $1) }
      + [
        trial(rate: 0.01, updates: 15), trial(task: "other", rate: 0.01, updates: 15),
        trial(exchangeRate: 1_000, rate: 0.01, updates: 15),
        trial(role: .single, rate: 0.04, updates: 15),
      ]
    let question = try #require(RunGroup.groups(of: trials).last?.question)
    let landscape = RateLandscape(question, trials)
    let batch = try #require(landscape.batches.first)
    #expect(landscape.batches.count == 1 && batch.chosen == 0.01 && batch.verdict == .interior)
    #expect(batch.rates.map(\.rate) == [0.01, 0.02])
    #expect(batch.rates.map(\.updates) == [20, nil])
    #expect(batch.rates.map(\.seeds) == [3, 2] && batch.rates.map(\.reached) == [3, 1])
    #expect(batch.rates[1].most == 500)
  }

  @Test func `bands and the intervals of batches cover the law`() throws {
    var draws = Draws(5)
    let batches = batches(6, from: 16, factor: 4)
    var (points, bands) = (0, 0)
    let repetitions = 120
    for _ in 0..<repetitions {
      let group = RunGroup(
        runs: runs(
          minimumUpdates: 50, criticalBatch: 500, batches: batches, seeds: 5, spread: 0.2,
          draws: &draws))
      let report = fit(group, resamples: 200)
      for point in report.points {
        let truth = 50 * (1 + 500 / point.batch)
        if let low = point.low, let high = point.high, low < truth, truth < high { points += 1 }
      }
      #expect(report.band.first?.batch == 4 && report.band.count == 25)
      let band = report.band[12]
      let truth = 50 * (1 + 500 / band.batch)
      if band.low < truth, truth < band.high { bands += 1 }
    }
    // 0.95 is meant.
    #expect((0.92...0.98).contains(Double(points) / Double(repetitions * batches.count)))
    #expect((0.86...0.99).contains(Double(bands) / Double(repetitions)))
    let single = fit(
      RunGroup(runs: exactRuns(minimumUpdates: 50, criticalBatch: 500, batches: batches)))
    #expect(single.points.allSatisfy { $0.low == nil } && !single.band.isEmpty)
  }
}
