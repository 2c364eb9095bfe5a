import Records
import Testing

@testable import Analysis

/// A trial with two targets at batch 10.
func trial(
  _ id: String, task: String = "catch", role: TrialRole, total: Int, seconds: Double
) -> TrialRecord {
  trial(
    id, task: task, targets: [0, 1], role: role, environments: 2, steps: 5, updates: 1,
    total: total, verdict: nil, seconds: seconds)
}

@Suite struct `What a study cost` {
  @Test func `counts search, measurement and evaluation separately, every trial once`() {
    let costs = StudyCost.costs(of: [
      trial("a", role: .tuning, total: 3, seconds: 1.25),
      trial("b", role: .tuning, total: 4, seconds: 2.25),
      trial("c", role: .measuring, total: 5, seconds: 4.25),
      trial("d", role: .single, total: 1_000, seconds: 1_000),
    ])
    #expect(costs.count == 1)
    #expect(costs[0].task == "catch")
    #expect(costs[0].search == .init(trials: 2, observations: 70, seconds: 3))
    #expect(costs[0].measurement == .init(trials: 1, observations: 50, seconds: 4))
    #expect(costs[0].evaluation == .init(trials: 3, observations: 21, seconds: 0.75))
    #expect(costs[0].total == .init(trials: 3, observations: 141, seconds: 7.75))
  }

  @Test func `adds up the tasks of a study`() {
    let costs = StudyCost.costs(of: [
      trial("p", task: "pong", role: .measuring, total: 2, seconds: 1),
      trial("c", task: "catch", role: .tuning, total: 3, seconds: 1),
    ])
    #expect(costs.map(\.task) == ["catch", "pong", nil])
    #expect(costs[0].measurement.trials == 0 && costs[1].search.trials == 0)
    #expect(costs[2].search == .init(trials: 1, observations: 30, seconds: 0.75))
    #expect(costs[2].measurement == .init(trials: 1, observations: 20, seconds: 0.75))
    #expect(costs[2].total == .init(trials: 2, observations: 64, seconds: 2))
  }

  @Test func `of nothing is nothing`() { #expect(StudyCost.costs(of: []).isEmpty) }
}
