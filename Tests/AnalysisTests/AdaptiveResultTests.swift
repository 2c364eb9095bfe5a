import Foundation
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
      runs: [20.0, 60, 200, 600, 2_000, 6_000, 20_000].flatMap { batch in
        [-spread, 0, spread].enumerated().map { seed, shift in
          Run(batch: batch, seed: seed, updates: run { _ in batch }.updates * exp(shift))
        }
      })
    for rate in exchangeRates {
      let exact = run { (rate * $0).squareRoot() }
      group.adaptiveRuns[rate] = [-spread, 0, spread].map {
        AdaptiveRun(
          updates: exact.updates * exp($0), observations: exact.observations * exp($0))
      }
    }
    return group
  }

  /// (S − S_min)(E − E_min) = (Σ√N)² for every exchange rate.
  @Test func `lie where the theory has them`() throws {
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
    let report = fit(group(exchangeRates: [1_000], spread: 0.1), resamples: 500)
    let result = report.adaptive.results[0]
    let product = try #require(result.frontProduct)
    let (value, low, high) = (
      try #require(product.value), try #require(product.low), try #require(product.high)
    )
    #expect(low < value && value < high)
    #expect(result.runs == 3 && result.censored == 0)
    #expect((result.updates?.low ?? 0) < (result.updates?.value ?? 0))
  }

  @Test func `of which one was censored are bounds, without a place on the front`() throws {
    var group = group(exchangeRates: [1_000], spread: 0.05)
    group.adaptiveRuns[1_000]?[0].isCensored = true
    let result = fit(group, resamples: 100).adaptive.results[0]
    #expect(result.censored == 1 && result.frontProduct == nil)
    let updates = try #require(result.updates)
    #expect(updates.value == nil && updates.low != nil && updates.high == nil)
  }
}
