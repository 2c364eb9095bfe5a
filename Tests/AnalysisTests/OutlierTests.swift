import Foundation
import TestSupport
import Testing

@testable import Analysis

struct OutlierTests {
  private static func clean(_ seed: Int) -> [Run] {
    var draws = Draws(seed)
    return runs(
      minimumUpdates: 50, criticalBatch: 500, batches: batches(6, from: 25, factor: 3), seeds: 5,
      spread: 0.1, draws: &draws)
  }

  @Test func `sets a seed ten times the others aside`() throws {
    var runs = Self.clean(1)
    let spoilt = runs[12].updates * 10
    let without = fit(RunGroup(runs: runs.enumerated().filter { $0.offset != 12 }.map(\.element)))
    runs[12].updates = spoilt
    let with = fit(RunGroup(runs: runs))
    #expect(with.setAside.count == 1)
    #expect(with.setAside.first?.batch == runs[12].batch)
    #expect(with.setAside.first?.seed == runs[12].seed)
    #expect(with.setAside.first?.updates == spoilt)
    #expect(with.criticalBatch == without.criticalBatch)
    #expect(with.seeds == 5)
  }

  @Test func `a run that was stopped slow counts among the slow runs of its batch`() {
    var runs = Self.clean(1)
    runs[12].updates *= 10
    #expect(StratifiedRuns(runs).setAside.count == 1)
    (runs[13].updates, runs[13].isCensored) = (runs[13].updates * 10, true)
    #expect(StratifiedRuns(runs).setAside.isEmpty)
  }

  @Test(arguments: 1...20) func `keeps every seed of clean data`(seed: Int) {
    #expect(fit(RunGroup(runs: Self.clean(seed)), resamples: 0).setAside.isEmpty)
  }

  @Test func `measures a deviation in scales pooled over batches but no less than a tenth`() {
    // One batch without any spread but for its odd seed: 0.59 is within 6 × 0.1, 0.61 is not. A
    // fast run is no broken one.
    for (deviation, count) in [(0.59, 0), (0.61, 1), (-0.61, 0)] {
      let odd = [0, 0, 0, 0, deviation]
      let runs = [10.0, 100].flatMap { batch in
        odd.map { Run(batch: batch, updates: 100 * exp(batch == 10 ? $0 : 0)) }
      }
      #expect(StratifiedRuns(runs).setAside.count == count)
    }
    // Half of the deviations are 0.2 or more, so the scale is 0.29652 and its sixfold 1.779.
    for (deviation, count) in [(1.77, 0), (1.79, 1)] {
      let runs = [10.0, 100, 1000].flatMap { batch in
        [-0.2, -0.2, 0, 0.2, batch == 10 ? deviation : 0.2].map {
          Run(batch: batch, updates: 100 * exp($0))
        }
      }
      #expect(StratifiedRuns(runs).setAside.count == count)
    }
  }

  @Test func `sets aside one run in twenty, one a batch, and no more`() {
    func count(slow: [Int], of seeds: Int) -> Int {
      let runs = [10.0, 40, 160, 640].enumerated().flatMap { index, batch in
        (0..<seeds).map { seed in
          Run(
            batch: batch, seed: seed,
            updates: 100 * exp(0.02 * Double(seed)) * (seed < slow[index] ? 10 : 1))
        }
      }
      return StratifiedRuns(runs).setAside.count
    }
    #expect(count(slow: [1, 0, 0, 0], of: 4) == 1)
    #expect(count(slow: [1, 1, 0, 0], of: 4) == 0)
    #expect(count(slow: [1, 1, 0, 0], of: 10) == 2)
    #expect(count(slow: [1, 1, 1, 0], of: 10) == 0)
    #expect(count(slow: [2, 0, 0, 0], of: 10) == 0)
  }

  @Test func `leaves a batch alone if nothing of it would remain`() {
    let runs = [Run(batch: 10, updates: 10), Run(batch: 10, updates: 100)]
    #expect(StratifiedRuns(runs).setAside.isEmpty)
  }

  /// A run that was stopped says that it is slower, and no more.
  @Test(arguments: [(0.01, false), (1.5, false), (10, true)])
  func `sets a censored run aside if it is far slower already`(factor: Double, isBroken: Bool) {
    var runs = Self.clean(3)
    runs[3].updates *= factor
    runs[3].isCensored = true
    let report = fit(RunGroup(runs: runs), resamples: 0)
    #expect(report.setAside.map(\.isCensored) == (isBroken ? [true] : []) && report.censored == 1)
    #expect(!isBroken || report.verdict == .fitted)
  }

  @Test func `keeps the only run that arrived, and early ends make none slow`() throws {
    let law = { (batch: Double) in 100 * (1 + 800 / batch) }
    for others in [4, 1] {
      var runs = batches(6, from: 20, factor: 4).flatMap { batch in
        (0..<5).map { Run(batch: batch, seed: $0, updates: law(batch) * (1 + 0.05 * Double($0))) }
      }
      for seed in 0..<others {
        runs[10 + seed].updates = Double(3 + seed)
        runs[10 + seed].isCensored = true
      }
      #expect(fit(RunGroup(runs: runs), resamples: 0).setAside.isEmpty)
    }
  }

  @Test func `sets aside a run that needed no update at all`() {
    var runs = Self.clean(4)
    runs[0].updates = 0
    let report = fit(RunGroup(runs: runs), resamples: 0)
    #expect(report.setAside.map(\.updates) == [0])
    #expect(report.verdict == .fitted)
  }
}
