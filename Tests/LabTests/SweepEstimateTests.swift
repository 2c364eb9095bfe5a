import Archive
import Environments
import Records
import Testing

@testable import Lab

@Suite struct `An estimate of a sweep` {
  private func plan(_ tasks: [String] = ["catch"], targets: [Double]? = [0.9]) -> Plan {
    var plan = Plan(tasks: tasks.map { .init($0, targets: targets) })
    plan.batches = .list([400, 1_200])
    plan.tuningSeeds = 2
    plan.measuringSeeds = 5
    return plan
  }

  private func estimate(_ plan: Plan, cells: [Int]? = nil) throws -> [CellEstimate] {
    try SweepEstimate(
      of: try plan.resolved(with: .builtIn), with: .builtIn, cells: cells, seconds: 0.001
    ).cells
  }

  /// `catch` took 14,000 observations to 0.9 at a batch of 400. Four rates of 2 seeds at 1.8 E
  /// and 5 seeds at 1.3 E are 20.9 E; a batch three times as large takes twice the data.
  @Test func `follows the law from what was measured`() throws {
    let cells = try estimate(plan())
    #expect(cells.map { $0.observations.rounded() } == [292_600, 585_200])
    #expect(cells.map(\.trialsLeft) == [13, 13] && cells.allSatisfy { $0.trialsDone == 0 })
    #expect(cells.map { [$0.numEnvs, $0.numSteps] } == [[40, 10], [120, 10]])
    #expect(cells[0].bytes == 13 * 2_700)
  }

  /// A random policy scores about −0.57 there, so 0.165 is half of the way.
  @Test func `is lower for an easier target`() throws {
    let facts = try #require(Catalogue.builtIn["catch"]?.facts)
    let half = (0.9 + facts.randomScore) / 2
    let cells = try estimate(plan(targets: [half]))
    #expect(abs(cells[0].observations - 146_300) < 1)
  }

  @Test func `is at most the budget of each trial`() throws {
    var plan = plan()
    plan.budget = 2_000
    #expect(try estimate(plan).map(\.observations) == [26_000, 26_000])
    let far = try estimate(self.plan(["four-rooms"], targets: [0.8]).with(batches: [128]))
    #expect(far.map(\.observations) == [13 * 20_000_000])
  }

  @Test func `takes data in proportion to its trials`() throws {
    var longer = plan()
    longer.measuringSeeds = 500
    let (short, long) = (try estimate(plan()), try estimate(longer))
    // (14.4 + 650) / 20.9 = 32 times; what that takes is measured each time.
    #expect((31...33).contains(long[0].observations / short[0].observations))
    #expect(short[0].seconds > 0 && long[0].seconds > 0)
  }

  @Test func `lists the cells that were asked for`() throws {
    let cells = try estimate(plan(["catch", "deep-sea-10"]), cells: [3, 0])
    #expect(cells.map(\.index) == [3, 0])
    #expect(cells.map(\.task) == ["deep-sea-10", "catch"] && cells.map(\.batch) == [1_200, 400])
  }

  @Test func `shortens the horizon below one environment`() throws {
    let cell = try estimate(plan().with(batches: [4]))[0]
    #expect(cell.numEnvs == 1 && cell.numSteps == 4)
  }
}

extension Plan {
  fileprivate func with(batches: [Int]) -> Plan {
    var plan = self
    plan.batches = .list(batches)
    return plan
  }
}
