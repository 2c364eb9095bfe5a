import Foundation
import Records
import TestSupport
import Testing

@testable import Lab

/// The seeds of a rate run in stages, and a rate that is clearly worse stops between them.
@Suite struct `The stages of a learning rate` {
  private func trials(_ updates: [Double?], limit: Double = 300) -> RateTrials {
    RateTrials(runs: updates.map { .init(updates: [$0], limit: limit, hasDiverged: false) })
  }

  /// Ten seeds at rate 0, around 100 with a deviation of 0.1 in the logarithm or less, so that the
  /// deviation of the search is its least, 0.1.
  private var leader: [Double?] { [100, 95, 105, 102, 98, 100, 96, 104, 103, 97] }

  private func begun(_ leader: [Double?]) -> RateSearch {
    var search = RateSearch(targets: 1, seeds: leader.count)
    search.receive(trials(leader), at: 0)
    return search
  }

  @Test(arguments: [
    (1, [1]), (2, [2]), (3, [3]), (4, [3, 4]), (5, [3, 5]), (10, [3, 6, 10]),
    (16, [3, 6, 12, 16]),
  ])
  func `have three seeds at first, then double, and end with the last seed`(
    seeds: Int, ends: [Int]
  ) {
    let search = RateSearch(targets: 1, seeds: seeds)
    var found: [Int] = []
    while found.last ?? 0 < seeds {
      let stage = search.stage(after: found.last ?? 0)
      #expect(stage.lowerBound == found.last ?? 0)
      found.append(stage.upperBound)
    }
    #expect(found == ends)
  }

  /// With 3 of 10 seeds the margin is 2√0.3 + 4√0.7 = 4.442 standard errors of 0.1·√(2/3) = 0.08165:
  /// 0.3627 in the logarithm, a factor of 1.437. With 6 it is 4.079 of 0.05774: 0.2355, 1.266.
  @Test(arguments: [(3, 1.43, 1), (3, 1.45, 0), (6, 1.26, 1), (6, 1.27, 0)])
  func `stop a rate that is slower by more than its margin`(
    finished: Int, factor: Double, open: Int
  ) {
    let slower = leader.prefix(finished).map { $0.map { $0 * factor } }
    #expect(begun(leader).openTargets(of: trials(slower), at: 1) == open)
    #expect(begun(leader).openTargets(of: trials(slower), at: -1) == open)
  }

  @Test func `leave alone a rate that is as good, up to its last seed`() {
    let search = begun(leader)
    for finished in [3, 6] {
      #expect(search.openTargets(of: trials(Array(leader.prefix(finished))), at: 1) == 1)
    }
    #expect(search.openTargets(of: trials(leader), at: 1) == 0)
  }

  @Test func `stop a higher rate with a censored seed, and a lower one only if all are`() {
    let search = begun(leader)
    #expect(search.openTargets(of: trials([90, nil, 95]), at: 1) == 0)
    #expect(search.openTargets(of: trials([90, nil, 95]), at: -1) == 1)
    #expect(search.openTargets(of: trials([nil, nil, nil]), at: -1) == 0)
  }

  /// A rate with fewer stragglers than the leader would become the leader, however slow.
  @Test func `keep a slow rate that may turn out more reliable than the leader`() {
    var collapsed = leader
    collapsed[9] = nil
    let slow = trials([200, 190, 210])
    #expect(begun(collapsed).openTargets(of: slow, at: -1) == 1)
    #expect(begun(leader).openTargets(of: slow, at: -1) == 0)
  }

  @Test func `stop a rate at which nothing arrives before any other has`() {
    let search = RateSearch(targets: 1, seeds: 10)
    #expect(search.openTargets(of: trials([nil, nil, nil]), at: 0) == 0)
    #expect(search.openTargets(of: trials([nil, nil, 90]), at: 0) == 1)
  }

  @Test func `drop the hardest targets first, and keep the rest`() {
    var search = RateSearch(targets: 3, seeds: 10)
    func three(_ hardest: Double?, _ middle: Double = 50) -> RateTrials.Run {
      .init(updates: [20, middle, hardest], limit: 300, hasDiverged: false)
    }
    search.receive(RateTrials(runs: (0..<10).map { _ in three(100) }), at: 0)
    let some = RateTrials(runs: [three(nil), three(nil), three(105)])
    #expect(search.openTargets(of: some, at: 1) == 2)
    // A target between targets that stay open does, too.
    let middle = RateTrials(runs: (0..<3).map { _ in three(100, 90) })
    #expect(search.openTargets(of: middle, at: 1) == 3)
    let two = RateTrials(
      runs: some.runs
        + [20, 20, 20].map { .init(updates: [$0, 90], limit: 300, hasDiverged: false) })
    #expect(two.runs(to: 2).count == 3 && two.runs(to: 1).count == 6)
    #expect(two.median(2) == .infinity && two.median(1) == 70)
    // ln(90/50)/2 = 0.294 is above the margin of six seeds, 0.2355.
    #expect(search.openTargets(of: two, at: 1) == 1)
  }

  /// The new leader's first seeds happen to be slow, slower than those of the rate that stopped.
  @Test func `a rate that stopped stays clearly worse under another leader`() {
    var search = begun(leader)
    search.receive(trials([200, 210, 190]), at: 1)
    let lucky: [Double?] = [230, 240, 220, 90, 91, 89, 90, 92, 88, 90]
    search.receive(trials(lucky), at: 2)
    search.receive(trials(leader.map { $0.map { $0 * 2 } }), at: -1)
    let rate = search.choice(for: 0).rate
    #expect(rate == 0 || rate == 2)
    // Above the ties, a rate that stopped is enough to know that they end there.
    var ended = begun(leader)
    ended.receive(trials([90, nil, 95]), at: 1)
    ended.receive(trials(leader.map { $0.map { $0 * 2 } }), at: -1)
    #expect(ended.next == .done)
    #expect(ended.choice(for: 0) == .init(rate: 0, verdict: .stabilityLimited))
  }

  /// Updates fall with the rate up to an edge, beyond which more and more seeds fail. The harder
  /// target has a lower edge.
  private struct Landscape {
    let scatter: Double
    let draws: Int
    let edge: Double

    func run(_ rate: Int, _ target: Int, _ seed: Int) -> RateTrials.Run {
      var random = Draws(draws * 100_000 + (rate + 20) * 100 + seed)
      let common = random.normal() * scatter
      let updates = (0...target).map { target -> Double? in
        let beyond = Double(rate) - edge + 1.5 * Double(target)
        let failure = random.uniform()
        if beyond > 0, failure < 0.35 * beyond { return nil }
        let height = beyond > 0 ? 0.2 * beyond : -0.3 * beyond
        let updates = 60 * exp(height + common + 0.7 * Double(target))
        return updates < 600 ? updates : nil
      }
      return .init(updates: updates, limit: 600, hasDiverged: false)
    }
  }

  @Test(arguments: [0.2, 0.3, 0.4, 0.5])
  func `choose what all seeds would choose, in at least 95 % of cells`(scatter: Double) {
    var (same, all, stopped, whole) = (0, 0, 0, 0)
    for draws in 0..<300 {
      let landscape = Landscape(
        scatter: scatter, draws: draws, edge: Double(draws % 7) / 2 - 1)
      var stages = RateSearch(targets: 2, seeds: 10)
      var full = stages
      _ = stages.run(landscape.run)
      _ = full.run(inStages: false, landscape.run)
      all += 2
      for target in 0..<2 where stages.choice(for: target).rate == full.choice(for: target).rate {
        same += 1
      }
      func runs(_ search: RateSearch) -> Int {
        search.tried.values.reduce(0) { $0 + $1.runs.reduce(0) { $0 + $1.updates.count } }
      }
      stopped += runs(stages)
      whole += runs(full)
    }
    #expect(Double(same) >= 0.95 * Double(all), "\(same) of \(all)")
    #expect(Double(stopped) < 0.9 * Double(whole), "\(stopped) of \(whole) runs")
  }
}
