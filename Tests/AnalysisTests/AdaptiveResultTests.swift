import Foundation
import Records
import Testing

@testable import Analysis

@Suite struct `Adaptive batches against the front` {
  /// A run whose noise scale grows from 50 by 20 a step, for 100 steps of an infinite batch.
  private let scales = (0..<100).map { 50 + 20 * Double($0) }

  /// What a run takes whose batch is `batch` at a noise scale.
  private func run(_ batch: (Double) -> Double) -> (updates: Double, observations: Double) {
    let updates = scales.reduce(0) { $0 + 1 + $1 / batch($1) }
    let observations = scales.reduce(0) { $0 + batch($1) + $1 }
    return (updates, observations)
  }

  private func group(exchangeRates: [Double], spread: Double) -> RunGroup {
    var group = RunGroup(
      runs: [20.0, 60, 200, 600, 2_000, 6_000, 20_000].enumerated().flatMap { index, batch in
        // Batches are off the law, too, else it would be known exactly.
        let offset = index.isMultiple(of: 2) ? spread : -spread
        return [-spread, 0, spread].enumerated().map { seed, shift in
          Run(batch: batch, seed: seed, updates: run { _ in batch }.updates * exp(offset + shift))
        }
      })
    for rate in exchangeRates {
      let exact = run { (rate * $0).squareRoot() }
      group.runs += [-spread, 0, spread].map { adaptive(rate, exact, times: exp($0)) }
    }
    return group
  }

  private func adaptive(
    _ rate: Double, _ run: (updates: Double, observations: Double), times factor: Double = 1
  ) -> Run {
    Run(
      batch: 64, updates: run.updates * factor, observations: run.observations * factor,
      exchangeRate: rate)
  }

  /// (S − S_min)(E − E_min) = (Σ√N)² for every exchange rate.
  @Test func `lie where the theory puts them`() throws {
    let report = fit(group(exchangeRates: [100, 1_000, 10_000], spread: 0), resamples: 50)
    let root = scales.reduce(0) { $0 + $1.squareRoot() }
    let gain = root * root / (100 * scales.reduce(0, +))
    #expect(report.verdict == .fitted && report.adaptive.results.count == 3)
    for result in report.adaptive.results {
      let product = try #require(result.frontProduct?.value)
      #expect(abs(product / gain - 1) < 1e-3, "\(product), \(gain)")
    }
  }

  @Test func `have intervals from their own runs and from the law's`() throws {
    func width(_ spread: Double, ofRuns own: Double) throws -> Double {
      var group = group(exchangeRates: [], spread: spread)
      let exact = run { (1_000 * $0).squareRoot() }
      group.runs += [-own, 0, own].map { adaptive(1_000, exact, times: exp($0)) }
      let result = fit(group, resamples: 500).adaptive.results[0]
      let product = try #require(result.frontProduct)
      let (value, low, high) = (
        try #require(product.value), try #require(product.low), try #require(product.high)
      )
      #expect(low <= value && value <= high && result.runs == 3 && result.censored == 0)
      return log(high / low)
    }
    let (neither, laws, runs, both) = (
      try width(0, ofRuns: 0), try width(0.1, ofRuns: 0), try width(0, ofRuns: 0.1),
      try width(0.1, ofRuns: 0.1)
    )
    #expect(neither < 1e-6)
    #expect(laws > 0.05 && runs > 0.05)
    #expect(both > laws && both > runs)
  }

  @Test func `set a straggler aside by the rule of the fit`() {
    var group = group(exchangeRates: [100, 1_000], spread: 0.02)
    group.runs.append(adaptive(1_000, (1e6, 1e8)))
    let results = fit(group, resamples: 100).adaptive.results
    #expect(results.map(\.setAside) == [0, 1] && results.map(\.runs) == [3, 4])
    #expect((results[1].updates?.high ?? 1e9) < 1e5)
  }

  /// A constant noise scale leaves nothing to gain: what is predicted lies a little below 1, because
  /// the noise of the blocks is in the roots.
  @Test func `are predicted to gain next to nothing if the noise scale is constant`() throws {
    var random = SplitMix(seed: 1)
    let runs = [64.0, 160, 400, 1_000, 2_500].flatMap { batch in
      (0..<5).map { seed in
        let updates = Int(20 * (1 + 1_000 / batch))
        var (blocks, update) = ([NoiseMoments](), 0)
        while update < updates {
          let end = min(NoiseMoments.nextBlockEnd(after: update), updates)
          var block = NoiseMoments(shardSize: Int(batch) / 16, batchSize: Int(batch))
          for _ in update..<end { add(to: &block, &random) }
          blocks.append(block)
          update = end
        }
        return Run(
          batch: batch, seed: seed, updates: Double(updates),
          noise: LawWeightedNoise(blocks: blocks))
      }
    }
    let gain = try #require(fit(RunGroup(runs: runs), resamples: 0).adaptive.predictedGain)
    #expect((0.9...1).contains(gain), "\(gain)")
  }

  /// An update of 16 shards whose gradients have mean (1, 0, …) and, per observation, a covariance of
  /// trace 1,000 in 50 dimensions.
  private func add(to block: inout NoiseMoments, _ random: inout SplitMix) {
    let deviation = (1_000 / 50 / Double(block.shardSize)).squareRoot()
    var (squares, sum) = (0.0, [Double](repeating: 0, count: 50))
    for _ in 0..<16 {
      for index in sum.indices {
        let number = (index == 0 ? 1 : 0) + deviation * random.normal()
        squares += number * number
        sum[index] += number
      }
    }
    block.add(
      meanShardSquare: squares / 16, batchSquare: sum.reduce(0) { $0 + ($1 / 16) * ($1 / 16) })
  }

  @Test func `are bounds without a place on the front if a run was censored`() throws {
    var group = group(exchangeRates: [1_000], spread: 0.05)
    let first = try #require(group.runs.firstIndex { $0.exchangeRate != nil })
    group.runs[first].isCensored = true
    let result = fit(group, resamples: 100).adaptive.results[0]
    #expect(result.censored == 1 && result.frontProduct == nil)
    let updates = try #require(result.updates)
    #expect(updates.value == nil && updates.low != nil && updates.high == nil)
  }
}
