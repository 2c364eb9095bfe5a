import Records
import TestSupport
import Testing

@testable import Analysis

/// The rows of a trial with two targets.
func trialRows(
  _ id: String, task: String = "catch", role: TrialRole, updates: Int, seconds: Double
) -> [TrialRow] {
  let settings = TrialSettings.sample(
    task: task, role: role, numEnvs: 2, numSteps: 5, targets: [0, 1])
  let crossings = [0.0, 1.0].map {
    Crossing(target: $0, updates: 1, bracketLow: Updates(0), bracketHigh: Updates(1))
  }
  return TrialOutcome.sample(
    crossings: crossings, updates: updates, batch: 10, optimizerSteps: updates,
    stagger: 1_000_000, evaluation: 7, evaluationEpisodes: 3,
    operations: Operations(conventional: 600 * updates, executed: 400 * updates),
    evaluationOperations: Operations(conventional: 9, executed: 8), seconds: seconds,
    evaluationSeconds: 0.25
  ).rows(trial: id, settings)
}

@Suite struct `What a study cost` {
  @Test func `counts search, measurement and evaluation apart, every trial once`() {
    let rows =
      trialRows("a", role: .tuning, updates: 3, seconds: 1.25)
      + trialRows("b", role: .tuning, updates: 4, seconds: 2.25)
      + trialRows("c", role: .measuring, updates: 5, seconds: 4.25)
      + trialRows("d", role: .single, updates: 1_000, seconds: 1_000)
    let costs = StudyCost.costs(of: rows + rows.reversed())
    #expect(costs.count == 1)
    #expect(costs[0].task == "catch")
    #expect(costs[0].search == .init(trials: 2, observations: 70, seconds: 3))
    #expect(costs[0].measurement == .init(trials: 1, observations: 50, seconds: 4))
    #expect(costs[0].evaluation == .init(trials: 3, observations: 21, seconds: 0.75))
    #expect(costs[0].total == .init(trials: 3, observations: 141, seconds: 7.75))
  }

  @Test func `adds up the tasks of a study`() {
    let rows =
      trialRows("p", task: "pong", role: .measuring, updates: 2, seconds: 1)
      + trialRows("c", task: "catch", role: .tuning, updates: 3, seconds: 1)
    let costs = StudyCost.costs(of: rows)
    #expect(costs.map(\.task) == ["catch", "pong", nil])
    #expect(costs[0].measurement.trials == 0 && costs[1].search.trials == 0)
    #expect(costs[2].search == .init(trials: 1, observations: 30, seconds: 0.75))
    #expect(costs[2].measurement == .init(trials: 1, observations: 20, seconds: 0.75))
    #expect(costs[2].total == .init(trials: 2, observations: 64, seconds: 2))
  }

  @Test func `of nothing is nothing`() { #expect(StudyCost.costs(of: []).isEmpty) }
}
