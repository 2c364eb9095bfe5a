import Foundation
import Records
import Testing

@testable import Lab

/// Runs the search on a landscape and returns the choices and the rates tried, in order.
private func search(
  targets: Int = 1, limit: @escaping (Int) -> Double = { _ in 3_000 },
  landscape: (_ rate: Int, _ target: Int) -> [Double?],
  diverges: (Int) -> Bool = { _ in false }
) -> (choices: [RateSearch.Choice], tried: [Int]) {
  var search = RateSearch(targets: targets, seeds: landscape(0, 0).count)
  let order = search.run { rate, target, seed in
    RateTrials.Run(
      updates: (0...target).map { landscape(rate, $0)[seed] }, limit: limit(rate),
      hasDiverged: diverges(rate))
  }
  return ((0..<targets).map { search.choice(for: $0) }, order)
}

extension RateSearch {
  /// Runs the search to its end, stage by stage or each rate with all seeds.
  ///
  /// - Parameter trial: the run of a rate and a seed, up to a target.
  /// - Returns: the rates tried, in order.
  mutating func run(
    inStages: Bool = true, _ trial: (_ rate: Int, _ target: Int, _ seed: Int) -> RateTrials.Run
  ) -> [Int] {
    var order: [Int] = []
    while case .tryRate(let rate) = next, order.count < 40 {
      order.append(rate)
      var trials = RateTrials(runs: [])
      var open = targets
      while open > 0 {
        let stage = inStages ? stage(after: trials.runs.count) : 0..<seeds
        trials.runs += stage.map { trial(rate, open - 1, $0) }
        open = openTargets(of: trials, at: rate)
      }
      receive(trials, at: rate)
    }
    return order
  }
}

/// Updates that grow by `slope` in the logarithm for every step away from `best`.
private func valley(_ rate: Int, best: Int, slope: Double, noise: [Double] = [0, 0.05, -0.05])
  -> [Double?]
{
  noise.map { 100 * exp(slope * Double(abs(rate - best)) + $0) }
}

@Suite struct `The search for a learning rate` {
  @Test(arguments: [-4, -1, 0, 2, 5])
  func `finds the bottom of a steep valley and calls it interior`(best: Int) {
    let (choices, tried) = search { rate, _ in valley(rate, best: best, slope: 0.7) }
    #expect(choices[0] == .init(rate: Double(best), verdict: .interior))
    #expect(Set(tried).isSuperset(of: [best - 1, best, best + 1]))
  }

  @Test func `goes on beyond ties until both sides are clearly worse`() {
    let flat: [Int: [Double?]] = [
      -1: [103, 100, 101], 0: [100, 104, 99], 1: [101, 99, 104], 2: [300, 310, 290],
    ]
    let (choices, tried) = search { rate, _ in
      flat[rate] ?? (rate > 0 ? [nil, nil, nil] : [250, 240, 260])
    }
    #expect(Set(tried).isSuperset(of: [-2, -1, 0, 1, 2]))
    #expect(choices[0] == .init(rate: 0, verdict: .interior))
  }

  /// The luckiest of equal rates is often the one next to rates that fail.
  @Test func `takes the median of ties, half-way between two if need be`() {
    let ties: [Int: [Double?]] = [
      0: [104, 99, 103], 1: [105, 98, 104], 2: [103, 100, 105], 3: [99, 96, 100],
    ]
    let worse: [Double?] = [210, 205, 215]
    let four = search { rate, _ in rate > 3 ? [nil, nil, nil] : ties[rate] ?? worse }.choices[0]
    #expect(four == .init(rate: 1.5, verdict: .stabilityLimited))
    let gap: [Int: [Double?]] = [0: [100, 104, 102], 1: [160, 155, 165], 2: [101, 99, 103]]
    let two = search { rate, _ in gap[rate] ?? worse }.choices[0]
    #expect(two == .init(rate: 0, verdict: .interior))
    let three = search { rate, _ in rate > 2 ? worse : ties[rate] ?? worse }.choices[0]
    #expect(three == .init(rate: 1, verdict: .interior))
  }

  /// With equal seeds the deviation is its least, 0.1, and two seeds make a standard error of
  /// 0.1·√(2/2). With three seeds at 0 and ±0.3 it is 1.4826·0.3·√(3/2) = 0.5447, times √(2/3) for
  /// the error: 0.4448.
  @Test(arguments: [
    ([0, 0], 0.19, false), ([0, 0], 0.21, true),
    ([0, 0.3, -0.3], 0.87, false), ([0, 0.3, -0.3], 0.91, true),
  ])
  func `a rate is clearly worse from two standard errors on`(
    noise: [Double], distance: Double, isWorse: Bool
  ) {
    let (choices, tried) = search { rate, _ in
      let height = rate == 1 ? distance : rate == 0 ? 0 : 2
      return noise.map { 100 * exp(height + $0) }
    }
    #expect(choices[0] == .init(rate: isWorse ? 0 : 0.5, verdict: .interior))
    #expect(tried.contains(2) == !isWorse)
  }

  @Test func `says when stability is what limits the rate`() {
    let (choices, _) = search { rate, _ in
      rate > 1 ? [nil, nil, nil] : valley(rate, best: 1, slope: 0.7)
    }
    #expect(choices[0] == .init(rate: 1, verdict: .stabilityLimited))
  }

  @Test func `one diverged seed above makes the rate stability-limited`() {
    let (choices, _) = search(
      landscape: { rate, _ in valley(rate, best: 0, slope: 0.9) }, diverges: { $0 == 1 })
    #expect(choices[0] == .init(rate: 0, verdict: .stabilityLimited))
  }

  @Test func `an optimum beyond the grid is an edge and not a data point`() {
    let (choices, tried) = search(limit: { _ in 1e8 }) { rate, _ in
      valley(rate, best: 30, slope: 0.4)
    }
    #expect(choices[0] == .init(rate: Double(RateSearch.reach), verdict: .edge))
    #expect(tried.max() == RateSearch.reach)
  }

  @Test func `a target that no rate reaches ends the search soon`() {
    let (choices, tried) = search { _, _ in [nil, nil, nil] }
    #expect(choices[0] == .init(rate: nil, verdict: .unreached))
    #expect(tried.sorted() == Array(-RateSearch.blindReach...RateSearch.blindReach))
  }

  @Test func `each target has its own rate`() {
    let (choices, _) = search(targets: 2) { rate, target in
      valley(rate, best: target == 0 ? 2 : -1, slope: 0.7)
    }
    #expect(choices.map(\.rate) == [2, -1])
    #expect(choices.map(\.verdict) == [.interior, .interior])
  }

  @Test func `a rate at which a seed collapsed loses a tie against one where none did`() {
    let landscape: [Int: [Double?]] = [
      0: [100, 110, 105, 95, 108], 1: [90, 95, nil, 92, 96], 2: [nil, nil, nil, 90, nil],
      -1: [200, 210, 190, 205, 200], -2: [400, 410, 390, 400, 420],
    ]
    let (choices, _) = search { rate, _ in landscape[rate] ?? Array(repeating: nil, count: 5) }
    #expect(choices[0].rate == 0)
  }

  /// Seen on pong: at the higher rate four of twelve fresh seeds collapsed.
  @Test func `a rate at which a seed collapsed loses even if its other seeds are faster`() {
    let landscape: [Int: [Double?]] = [
      -1: [160, 150, 155, 148, 161], 0: [91, 63, 49, 70, 68], 1: [41, nil, 41, 32, 159],
    ]
    let (choices, _) = search(limit: { _ in 203 }) { rate, _ in
      landscape[rate] ?? Array(repeating: nil, count: 5)
    }
    #expect(choices[0].rate == 0)
  }

  /// Seen on pong: the first rates tried lay in the region where runs collapse.
  @Test func `looks for a stable rate below rates at which some seeds collapse`() {
    let landscape: [Int: [Double?]] = [
      -1: [334, 300, 350, 320, 310], 0: [nil, 4_858, nil, 437, 119],
      1: [154, 135, 209, nil, 4_737], -2: [700, 720, 690, 710, 650],
    ]
    let (choices, tried) = search(limit: { _ in 15_625 }) { rate, _ in
      landscape[rate] ?? Array(repeating: nil, count: 5)
    }
    #expect(choices[0] == .init(rate: -1, verdict: .stabilityLimited), "\(tried)")
  }

  /// The first round runs to the budget, the others to three times the best median: a straggler
  /// counts alike in both.
  @Test func `the first rate gains nothing from its longer limit`() {
    let landscape: [Int: [Double?]] = [
      0: [100, 105, 400], 1: [50, 52, nil],
    ]
    let (choices, _) = search(limit: { $0 == 0 ? 12_500 : 315 }) { rate, _ in
      landscape[rate] ?? Array(repeating: nil, count: 3)
    }
    #expect(choices[0].rate == 1)
  }

  @Test func `the next rate depends on results, not on their order of arrival`() {
    var forward = RateSearch(targets: 1, seeds: 3)
    var backward = RateSearch(targets: 1, seeds: 3)
    let rates = [-1, 0, 1]
    for rate in rates { forward.receive(trials(rate), at: rate) }
    for rate in rates.reversed() { backward.receive(trials(rate), at: rate) }
    #expect(forward.next == backward.next)
    #expect(forward.choice(for: 0) == backward.choice(for: 0))
  }

  private func trials(_ rate: Int) -> RateTrials {
    RateTrials(
      runs: valley(rate, best: 1, slope: 0.5).map {
        RateTrials.Run(updates: [$0], limit: 1_000, hasDiverged: false)
      })
  }

  @Test func `the median of an even number of seeds lies between the two in the middle`() {
    let trials = RateTrials(
      runs: [40, 10, nil, 20].map { .init(updates: [$0], limit: 99, hasDiverged: false) })
    #expect(trials.median(0) == 30)
    #expect(!trials.isUnreached(0))
    let half = RateTrials(
      runs: [40, nil].map { .init(updates: [$0], limit: 99, hasDiverged: false) })
    #expect(half.isUnreached(0))
  }
}
