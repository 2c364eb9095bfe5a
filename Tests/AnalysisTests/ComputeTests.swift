import Records
import Testing

@testable import Analysis

@Suite struct `Compute by counting` {
  /// Runs of a law with S_min 10 and E_min 1,000, at 60 operations per observation, 40 executed.
  private let runs = [10.0, 30, 100, 300, 1_000].flatMap { batch in
    (0..<3).map { seed in
      let updates = 10 * (1 + 100 / batch)
      return Run(
        batch: batch, seed: seed, updates: updates,
        operations: OperationsToTarget(
          conventional: 60 * updates * batch, executed: 40 * updates * batch))
    }
  }

  @Test func `is the minimum data times the operations per observation`() throws {
    let compute = try #require(fit(RunGroup(runs: runs), resamples: 50).compute)
    #expect(abs(compute.operationsPerObservation - 60) < 1e-9)
    #expect(abs(compute.executedPerObservation - 40) < 1e-9)
    let least = try #require(compute.minimumOperations?.value)
    #expect(abs(least / 60_000 - 1) < 1e-6)
    let days = try #require(compute.minimumPetaflopDays?.value)
    #expect(abs(days * 8.64e19 / least - 1) < 1e-12)
  }

  @Test func `leaves out runs that missed the target, and is absent for a table`() throws {
    var censored = runs
    for index in censored.indices where censored[index].seed == 0 {
      censored[index].isCensored = true
      censored[index].operations = OperationsToTarget(conventional: 1e15, executed: 1e15)
    }
    let compute = try #require(fit(RunGroup(runs: censored), resamples: 0).compute)
    #expect(abs(compute.operationsPerObservation - 60) < 1e-9)
    let table = runs.map { Run(batch: $0.batch, seed: $0.seed, updates: $0.updates) }
    #expect(fit(RunGroup(runs: table), resamples: 0).compute == nil)
  }

  @Test func `counts every trial of a cell once, with training and evaluation separate`() {
    let cells = CellCompute.cells(of: [
      trial("a", role: .tuning, total: 3, seconds: 1.25),
      trial("b", role: .measuring, total: 5, seconds: 2.25),
      trial("c", role: .single, total: 100, seconds: 9),
    ])
    #expect(cells.count == 1)
    #expect(cells[0].training == Operations(conventional: 8 * 600, executed: 8 * 400))
    #expect(cells[0].evaluation == Operations(conventional: 18, executed: 16))
    #expect(cells[0].observations == 80 && cells[0].seconds == 3)
    // 3 seconds of a core that could do 2·10⁹ operations a second and does a quarter.
    #expect(cells[0].operations(peak: 2e9, utilization: 0.25) == 1.5e9)
  }
}
