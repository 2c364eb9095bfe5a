import Foundation
import TestSupport
import Testing

@testable import Analysis

/// Runs of two kinds, fast and slow.
struct RunGroupsTests {
  enum Slow: CaseIterable {
    /// Half the seeds of every batch, of two batches only, and a draw for every run.
    case halves, someBatches, drawn
  }

  private static func study(
    _ slow: Slow, batches count: Int = 6, seeds: Int, scatter: Double = 0.2, isCensored: Bool,
    draws: inout Draws
  ) -> [Run] {
    batches(count, from: 20, factor: 4).enumerated().flatMap { index, batch in
      (0..<seeds).map { seed in
        let law = 50 * (1 + 800 / batch)
        let isSlow =
          switch slow {
          case .halves: seed < seeds / 2
          case .someBatches: index < 2 && seed < seeds / 2
          case .drawn: draws.uniform() < 0.5
          }
        let updates = law * exp(scatter * draws.normal()) * (isSlow ? 7 : 1)
        let isCut = isSlow && isCensored
        return Run(
          batch: batch, seed: seed, updates: isCut ? min(updates, 6 * law) : updates,
          isCensored: isCut && updates > 6 * law)
      }
    }
  }

  @Test(arguments: Slow.allCases, [5, 6, 10, 12])
  func `are named, whether the slow ones end or are stopped`(slow: Slow, seeds: Int) {
    var draws = Draws(seeds)
    for _ in 0..<5 {
      var copy = draws
      let ended = fit(
        RunGroup(runs: Self.study(slow, seeds: seeds, isCensored: false, draws: &draws)))
      let stopped = fit(
        RunGroup(runs: Self.study(slow, seeds: seeds, isCensored: true, draws: &copy)))
      #expect(ended.verdict == .grouped && stopped.verdict == .grouped)
      #expect(ended.setAside.isEmpty && stopped.setAside.isEmpty)
      #expect(ended.criticalBatch == nil && ended.reason?.contains("two kinds of runs") == true)
    }
  }

  /// With few seeds and a large scatter the evidence is less than certain.
  @Test(arguments: [5, 8], [3, 4])
  func `are named in most studies with few seeds that scatter`(batches: Int, seeds: Int) {
    var found: [Verdict: Int] = [:]
    for study in 0..<30 {
      for isCensored in [false, true] {
        var draws = Draws(1000 * study + 10 * batches + seeds)
        let runs = Self.study(
          .halves, batches: batches, seeds: seeds, scatter: 0.3, isCensored: isCensored,
          draws: &draws)
        found[fit(RunGroup(runs: runs)).verdict, default: 0] += 1
      }
    }
    #expect(found[.grouped, default: 0] >= 42, "\(found)")
  }

  @Test(arguments: [0.1, 0.3, 0.5, 0.8])
  func `are rarely seen in runs of one kind`(spread: Double) {
    var draws = Draws(9)
    var seen = 0
    for seeds in [2, 3, 5, 12] {
      for _ in 0..<50 {
        let runs = runs(
          minimumUpdates: 50, criticalBatch: 800, batches: batches(8, from: 20, factor: 3),
          seeds: seeds, spread: spread, draws: &draws)
        seen += StratifiedRuns(runs).groups == nil ? 0 : 1
      }
    }
    // 2 % of 200, and twice its standard error of 2; a small scatter never looks like two kinds.
    #expect(seen <= (spread < 0.5 ? 1 : 8), "\(seen)")
  }

  @Test func `don't depend on the unit of updates, nor on a batch that nobody finished`() {
    var draws = Draws(13)
    for _ in 0..<20 {
      let runs = Self.study(.halves, seeds: 4, isCensored: true, draws: &draws)
      let unfinished = (0..<4).map {
        Run(batch: 5, seed: $0, updates: 150, isCensored: true)
      }
      let groups = StratifiedRuns(runs).groups
      #expect(StratifiedRuns(runs + unfinished).groups == groups)
      let rescaled = (runs + unfinished).map { run in
        var run = run
        run.updates *= 1e-6
        return run
      }
      #expect(StratifiedRuns(rescaled).groups?.slow.count == groups?.slow.count)
    }
  }

  @Test func `are named by batch and seed, and by how far they got`() throws {
    var draws = Draws(14)
    let groups = try #require(
      StratifiedRuns(Self.study(.halves, seeds: 4, isCensored: true, draws: &draws)).groups)
    #expect(groups.slow.count == 12 && groups.fast == 12)
    #expect(groups.slow.allSatisfy { $0.seed == 0 || $0.seed == 1 })
    let unfinished = groups.slow.count { $0.isCensored }
    #expect(
      groups.sentence.hasPrefix(
        "12 of 24 runs (\(unfinished) of them never reached the target) took"))
    #expect(
      groups.sentence.hasSuffix(
        "; the slow ones: batch 20 (seeds 0, 1), batch 80 (seeds 0, 1), batch 320 (seeds 0, 1), "
          + "batch 1,280 (seeds 0, 1) and 2 more batches"))
  }

  /// The others of its batch are as fast as the law.
  @Test(arguments: [5, 12]) func `are not one fast run and the others of its batch`(seeds: Int) {
    var draws = Draws(15)
    for _ in 0..<20 {
      var runs = runs(
        minimumUpdates: 50, criticalBatch: 800, batches: batches(6, from: 20, factor: 4),
        seeds: seeds, spread: 0.1, draws: &draws)
      runs[2 * seeds].updates /= 10
      #expect(StratifiedRuns(runs).groups == nil)
      runs[4 * seeds].updates /= 10
      if seeds > 7 { #expect(StratifiedRuns(runs).groups == nil) }
    }
  }

  /// Half the seeds 2.2 times as slow fit two kinds well, but not 2.5 times apart.
  @Test(arguments: [(2.2, false), (4.0, true)])
  func `are at least 2.5 times apart`(factor: Double, areGroups: Bool) {
    var draws = Draws(11)
    let runs = batches(6, from: 20, factor: 4).flatMap { batch in
      (0..<12).map { seed in
        Run(
          batch: batch, seed: seed,
          updates: 50 * (1 + 800 / batch) * exp(0.05 * draws.normal()) * (seed < 6 ? factor : 1))
      }
    }
    #expect((StratifiedRuns(runs).groups != nil) == areGroups)
  }

  @Test func `are not one broken seed in forty`() throws {
    var draws = Draws(10)
    var runs = runs(
      minimumUpdates: 50, criticalBatch: 800, batches: batches(8, from: 20, factor: 3), seeds: 5,
      spread: 0.2, draws: &draws)
    runs[17].updates *= 10
    let report = fit(RunGroup(runs: runs))
    #expect(report.verdict == .fitted)
    #expect(report.setAside.map(\.batch) == [runs[17].batch])
  }
}
