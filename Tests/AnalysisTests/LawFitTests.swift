import Foundation
import TestSupport
import Testing

@testable import Analysis

/// The random-effects regression against closed forms.
struct LawFitTests {
  private static func strata(_ seed: Int, seeds: Int, batchDeviation: Double) -> [Stratum] {
    var draws = Draws(seed)
    return batches(7, from: 20, factor: 4).map { batch in
      let offset = batchDeviation * draws.normal()
      return Stratum(
        batch: batch,
        reached: (0..<seeds).map { _ in
          log(50 * (1 + 600 / batch)) + offset + 0.2 * draws.normal()
        })
    }
  }

  /// With as many seeds everywhere, REML's τ² is the mean square of the batches' residuals less
  /// σ²/n, if that is positive, and the law is that of plain least squares.
  @Test(arguments: 1...8) func `finds τ's closed form in balanced studies`(seed: Int) throws {
    let strata = Self.strata(seed, seeds: 4, batchDeviation: 0.2)
    let found = try #require(LawFit(strata))
    let sigma = try #require(found.seedDeviation)
    let squares = strata.reduce(0.0) { sum, stratum in
      let centre = mean(stratum.reached)
      return sum + stratum.reached.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    }
    #expect((sigma * sigma - squares / 21).magnitude < 1e-12)
    let plain = WeightedFit(
      LawShape(logBatches: strata.map { log($0.batch) }), values: strata.map { mean($0.reached) },
      weights: strata.map { _ in 1 })
    #expect((plain.logCritical - found.fit.logCritical).magnitude < 1e-6)
    let expected = max(plain.squares / 5 - sigma * sigma / 4, 0).squareRoot()
    #expect((found.batchDeviation - expected).magnitude < 2e-3, "\(expected)")
    #expect((found.fit.squares - plain.squares * found.fit.weights[0]).magnitude < 1e-6)
  }

  @Test func `weighs batches by their seeds, and less so if batches scatter`() throws {
    for (miss, range) in [(0.0, 4.9...5.1), (0.5, 1.0...1.2)] {
      let strata = batches(7, from: 20, factor: 4).enumerated().map { index, batch in
        let value = log(50 * (1 + 600 / batch)) + (index.isMultiple(of: 2) ? miss : -miss)
        // Five seeds about the value at the first batch, one at all others.
        return Stratum(
          batch: batch, reached: (index == 0 ? [-0.2, -0.1, 0, 0.1, 0.2] : [0]).map { value + $0 })
      }
      let fit = try #require(LawFit(strata)).fit
      #expect(range.contains(fit.weights[0] / fit.weights[6]), "\(fit.weights)")
    }
  }

  @Test func `takes a stated error of a batch's value for its seeds`() throws {
    var strata = Self.strata(4, seeds: 1, batchDeviation: 0)
    for index in strata.indices { strata[index].knownVariance = 0.04 }
    let fit = try #require(LawFit(strata))
    #expect(fit.seedDeviation == nil && fit.seedFreedom == .infinity)
    let variance = 0.04 + fit.batchDeviation * fit.batchDeviation
    #expect((fit.fit.weights[0] * variance - 1).magnitude < 1e-9)
  }

  @Test func `takes stated errors beside a value that was never reached`() throws {
    var strata = Self.strata(6, seeds: 1, batchDeviation: 0.5)
    for index in strata.indices { strata[index].knownVariance = 0.0025 }
    let without = try #require(LawFit(strata))
    strata.append(Stratum(batch: 400_000, limits: [log(20)]))
    let with = try #require(LawFit(strata))
    #expect(with.seedFreedom == .infinity && with.batchDeviation > 0.2)
    #expect((with.batchDeviation / without.batchDeviation - 1).magnitude < 0.1)
  }

  @Test func `leaves one batch out, each in turn`() throws {
    let strata = Self.strata(5, seeds: 3, batchDeviation: 0)
    let fit = try #require(LawFit(strata))
    let range = try #require(fit.withoutOneBatch)
    let others = strata.indices.map { left in
      let rest = strata.indices.filter { $0 != left }
      return WeightedFit(
        LawShape(logBatches: rest.map { log(strata[$0].batch) }),
        values: rest.map { mean(strata[$0].reached) }, weights: rest.map { fit.fit.weights[$0] }
      ).logCritical
    }
    #expect((log(try #require(range.low)) - (others.min() ?? 0)).magnitude < 1e-5)
    #expect((log(try #require(range.high)) - (others.max() ?? 0)).magnitude < 1e-5)
  }

  @Test func `finds the exponent of runs that follow another law exactly`() throws {
    let strata = batches(7, from: 10, factor: 4).map {
      Stratum(batch: $0, reached: [log(50 * (1 + pow(600 / $0, 0.7)))])
    }
    let exponent = try #require(LawFit(strata)?.exponent)
    #expect((try #require(exponent.value) - 0.7).magnitude < 1e-3)
  }
}
