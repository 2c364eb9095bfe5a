import Foundation
import TestSupport
import Testing

@testable import Analysis

struct ClosedFormTests {
  /// Isotropic quadratic: S(B) = ln(L0/L1) + (c/B)(1/L1 − 1/L0) with L0 = 1, L1 = 0.01, c = 1,
  /// so S_min = ln 100, E_min = 99.
  @Test func `recovers the closed form of the isotropic quadratic`() throws {
    let runs = batches(9, from: 0.25, factor: 3).map {
      Run(batch: $0, updates: log(1 / 0.01) + (1 / $0) * (1 / 0.01 - 1 / 1))
    }
    let report = fit(RunGroup(runs: runs))
    #expect(report.verdict == .fitted)
    #expect(report.reason == nil)
    let updates = try #require(report.minimumUpdates?.value)
    let observations = try #require(report.minimumObservations?.value)
    let critical = try #require(report.criticalBatch?.value)
    #expect((updates - 4.60517).magnitude < 1e-5)
    #expect((observations - 99).magnitude < 1e-3)
    #expect((critical - 21.4976).magnitude < 1e-3)
    #expect(try #require(report.rmsLogResidual) < 1e-6)
    let linear = try #require(report.linearFit)
    #expect((linear.minimumUpdates - 4.60517).magnitude < 1e-5)
    #expect((linear.minimumObservations - 99).magnitude < 1e-6)
    #expect((try #require(linear.criticalBatch) - 21.4976).magnitude < 1e-3)
  }

  @Test(arguments: [1e-3, 1, 4e5])
  func `gives the same law in any unit of observations`(unit: Double) throws {
    let runs = exactRuns(
      minimumUpdates: 7, criticalBatch: 100 * unit, batches: batches(7, from: unit, factor: 5))
    let report = fit(RunGroup(runs: runs))
    #expect((try #require(report.criticalBatch?.value) / (100 * unit) - 1).magnitude < 1e-6)
    #expect((try #require(report.minimumUpdates?.value) / 7 - 1).magnitude < 1e-6)
  }

  /// Noisy quadratic model (Zhang et al. 2019): curvatures h = 1/i for i ≤ 10⁴, gradient noise of
  /// covariance h/B, E θ² = 1 at first. A step at rate ε takes E θ² to
  /// (1 − εh)² E θ² + ε² h/B, whose solution after t steps is a geometric series. Curvatures
  /// beyond the hundredth are binned (bins of 5%); rates lie 2^¼ apart; t is real.
  @Test(arguments: [0.5, 0.1])
  func `fits the noisy quadratic model as closely as the law describes it`(
    target: Double
  ) throws {
    let model = NoisyQuadratic()
    let runs = batches(11, from: 1, factor: 4).map { batch in
      Run(batch: batch, updates: model.steps(to: target, batch: batch))
    }
    let report = fit(RunGroup(runs: runs))
    let residual = try #require(report.rmsLogResidual)
    #expect(report.verdict == .fitted)
    #expect((0.03...0.07).contains(residual), "\(residual)")
  }

  @Test func `meets the least-squares optimum that a dense search finds`() throws {
    var draws = Draws(5)
    let runs = runs(
      minimumUpdates: 30, criticalBatch: 700, batches: batches(7, from: 20, factor: 3), seeds: 3,
      spread: 0.3, draws: &draws)
    let law = try #require(fit(RunGroup(runs: runs)).law)
    let means = Dictionary(grouping: runs, by: \.batch).mapValues { cell in
      cell.map { log($0.updates) }.reduce(0, +) / Double(cell.count)
    }
    func squares(_ law: ParetoLaw) -> Double {
      means.reduce(0) { $0 + pow($1.value - log(law.updates(atBatch: $1.key)), 2) }
    }
    let least = squares(law)
    for i in -40...40 {
      for j in -40...40 {
        let other = ParetoLaw(
          minimumUpdates: law.minimumUpdates * exp(Double(i) * 0.01),
          criticalBatch: law.criticalBatch * exp(Double(j) * 0.01))
        #expect(squares(other) >= least - 1e-12)
      }
    }
  }
}

private struct NoisyQuadratic {
  private var terms: [(curvature: Double, count: Double)] = (1...100).map { (1 / Double($0), 1) }

  init() {
    var first = 101
    while first <= 10_000 {
      let last = min(max(first, Int(Double(first) * 1.05)), 10_000)
      let curvature = (first...last).reduce(0) { $0 + 1 / Double($1) }
      let count = Double(last - first + 1)
      terms.append((curvature / count, count))
      first = last + 1
    }
  }

  /// Steps to a loss at the best fixed rate.
  func steps(to target: Double, batch: Double) -> Double {
    (0..<56).map { steps(to: target, batch: batch, rate: 2 * pow(2, -0.05 - Double($0) / 4)) }
      .min() ?? .infinity
  }

  private func steps(to target: Double, batch: Double, rate: Double) -> Double {
    let factors = terms.map { term in
      let factor = (1 - rate * term.curvature) * (1 - rate * term.curvature)
      let floor = rate * rate * term.curvature / batch / (1 - factor)
      return (log: log(factor), floor: floor, weight: term.curvature * term.count / 2)
    }
    func loss(_ time: Double) -> Double {
      factors.reduce(0) { $0 + $1.weight * ($1.floor + (1 - $1.floor) * exp($1.log * time)) }
    }
    var (low, high) = (0.0, 1e7)
    guard loss(high) < target else { return .infinity }
    for _ in 0..<60 {
      let middle = ((low + 1) * (high + 1)).squareRoot() - 1
      if loss(middle) > target { low = middle } else { high = middle }
    }
    return high
  }
}
