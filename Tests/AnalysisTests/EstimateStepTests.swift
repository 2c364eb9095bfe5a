import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

/// What an estimate does next.
@Suite struct `The next step of an estimate` {
  private func exact(_ change: (inout SimulatedEstimate) -> Void = { _ in }) -> SimulatedEstimate {
    var simulated = SimulatedEstimate(1)
    (simulated.seedDeviation, simulated.batchDeviation) = (0, 0)
    change(&simulated)
    return simulated
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var batches: [Int]
    var prediction = 1.0
    var failing: Set<Int> = []
    var next: [Int]?
    var purpose: EstimatePurpose?
  }

  /// B_crit is 800. Candidates near 800/30, 5·800 and 800 are 32, 5,120 and 1,024.
  @Test(arguments: [
    Case(testDescription: "at first", batches: [], next: [448], purpose: .pilot),
    Case(testDescription: "after the pilot", batches: [448], next: [32], purpose: .small),
    Case(
      testDescription: "the dear one last", batches: [32, 448], next: [5_120], purpose: .large),
    Case(
      testDescription: "with a low prediction", batches: [448], prediction: 0.25, next: [16],
      purpose: .small),
    Case(
      testDescription: "if the pilot is the small batch", batches: [32], next: [5_120],
      purpose: .large),
    Case(
      testDescription: "if none is near B_crit", batches: [32, 5_120], next: [1_024],
      purpose: .check),
    Case(
      testDescription: "if the pilot failed", batches: [448], failing: [448], next: [1_024],
      purpose: .pilot),
    Case(
      testDescription: "if it failed twice", batches: [448, 1_024], failing: [448, 1_024],
      next: [192], purpose: .pilot),
    Case(
      testDescription: "if it failed three times", batches: [192, 448, 1_024],
      failing: [192, 448, 1_024]),
    Case(
      testDescription: "if the small batch failed", batches: [32, 448], failing: [32], next: [80],
      purpose: .small),
  ])
  func `takes the places below, above and near the critical batch`(test: Case) {
    var simulated = exact {
      ($0.prediction, $0.failing) = (test.prediction, test.failing)
    }
    let state = simulated.state(batches: test.batches, seeds: 3)
    let expected: EstimateStep =
      if let added = test.next, let purpose = test.purpose {
        .measure(batches: (test.batches + added).sorted(), seeds: 3, purpose)
      } else { .end(.unmeasured) }
    #expect(state.next(simulated.goal) == expected)
  }

  @Test func `is the end once three batches without noise lie on the law`() {
    var simulated = exact()
    let result = simulated.run()
    #expect(result.end == .within && result.purposes == [.pilot, .small, .large])
    #expect(result.state.report.verdict == .estimated && result.state.seeds == 3)
    #expect(result.state.report.criticalBatch?.isWithin(1.5) == true)
  }

  @Test func `is more seeds if they scatter`() {
    var simulated = SimulatedEstimate(3)
    (simulated.seedDeviation, simulated.batchDeviation) = (0.4, 0)
    let result = simulated.run()
    #expect(result.end == .within)
    #expect(result.purposes.contains(.narrow) && result.state.seeds > 3)
    #expect(result.state.half <= log(1.5))
  }

  /// Three seeds grow at most threefold at once.
  @Test func `never more than triples the seeds`() {
    var simulated = SimulatedEstimate(4)
    simulated.seedDeviation = 0.8
    let state = simulated.state(batches: [32, 448, 5_120], seeds: 3)
    guard case .measure(_, let seeds, .narrow) = state.next(simulated.goal) else {
      Issue.record("no narrowing step")
      return
    }
    #expect((4...9).contains(seeds))
  }

  @Test func `is a fourth batch if three miss the law, and then the fit's verdict counts`() {
    var simulated = exact { $0.seedDeviation = 0.01 }
    simulated.assumedDeviation = 0.01
    simulated.batchDeviation = 0.5
    let state = simulated.state(batches: [32, 448, 5_120], seeds: 3)
    guard case .measure(let batches, 3, .doubt) = state.next(simulated.goal) else {
      Issue.record("\(state.next(simulated.goal))")
      return
    }
    #expect(batches.count == 4)
    let result = simulated.run()
    #expect(result.state.usable.count >= 4 && result.end == .verdict(.rejected))
  }

  @Test func `is the end if the budget has no room for it`() {
    var simulated = SimulatedEstimate(5)
    // E_min is 40,000; the pilot takes 62,400 × (15 + 3.6), a small batch about 41,600 × 18.6.
    simulated.goal.budget = 1_500_000
    let result = simulated.run()
    guard case .budget(let next?) = result.end else {
      Issue.record("\(result.end)")
      return
    }
    #expect(result.purposes == [.pilot] && result.state.spent + next > 1_500_000)
    let sentence = result.end.sentence(simulated.goal, result.state)
    #expect(sentence.contains("a larger --budget continues"))
  }

  /// A pilot that fails takes 15 × 62,400 observations, and the next one is expected to as well.
  @Test func `is no pilot that the budget has no room for`() {
    var simulated = exact { ($0.pilotCost, $0.failing) = (500_000, [448]) }
    simulated.goal.budget = 499_999
    #expect(
      simulated.state(batches: [], seeds: 3).next(simulated.goal)
        == .end(.budget(next: 500_000)))
    simulated.goal.budget = 1_800_000
    #expect(
      simulated.state(batches: [], seeds: 3).next(simulated.goal)
        == .measure(batches: [448], seeds: 3, .pilot))
    #expect(
      simulated.state(batches: [448], seeds: 3).next(simulated.goal)
        == .end(.budget(next: 936_000)))
  }

  /// A sweep with fewer seeds may have begun the study. Without two runs at a batch σ is not known.
  @Test func `is more seeds if none says how much they scatter`() {
    var simulated = exact()
    let state = simulated.state(batches: [32, 448, 5_120], seeds: 1)
    #expect(state.law == nil)
    guard case .measure([32, 448, 5_120], let seeds, .narrow) = state.next(simulated.goal) else {
      Issue.record("\(state.next(simulated.goal))")
      return
    }
    #expect((2...3).contains(seeds))
    #expect(
      simulated.state(batches: [448], seeds: 1).next(simulated.goal)
        == .measure(batches: [32, 448], seeds: 3, .small))
    #expect(simulated.run(batches: [32, 448, 5_120], seeds: 1).end == .within)
  }

  @Test func `is more seeds if only one of three reaches the target`() {
    let batches = [32, 448, 5_120]
    let runs = batches.flatMap { batch in
      (0..<3).map { seed in
        let updates = 50 * (1 + 800 / Double(batch))
        return Run(
          batch: Double(batch), seed: seed, updates: updates * (seed == 0 ? 1 : 2),
          isCensored: seed > 0, noise: LawWeightedNoise(numerator: 800, denominator: 1))
      }
    }
    let state = EstimateState(
      candidates: batches, pilot: 448, pilotCost: 0, batches: batches, seeds: 3,
      group: RunGroup(Question(task: "t"), runs: runs), costs: [:], batchDeviation: 0.08)
    guard
      case .measure(batches, let seeds, .narrow) = state.next(
        EstimateGoal(within: 1.5, budget: .infinity))
    else {
      Issue.record("\(state.next(EstimateGoal(within: 1.5, budget: .infinity)))")
      return
    }
    #expect(seeds > 3)
  }

  @Test func `says why the first batches gave no measurement`() {
    func run(_ role: TrialRole, _ batch: Int, _ updates: Double?, _ verdict: RateVerdict? = nil)
      -> TrialRecord
    {
      trial(role: role, environments: batch / 16, updates: updates, verdict: verdict)
    }
    let trials = [
      run(.tuning, 160, nil), run(.tuning, 320, 90), run(.measuring, 320, 100, .edge),
      run(.tuning, 640, 90), run(.measuring, 640, nil, .interior),
    ]
    let state = EstimateState(
      candidates: [160, 320, 640, 1_280], pilot: 320, pilotCost: 0, batches: [160, 320, 640],
      seeds: 3, trials: trials, batchDeviation: 0.08)
    let goal = EstimateGoal(within: 1.5, budget: .infinity)
    #expect(state.next(goal) == .end(.unmeasured))
    #expect(
      EstimateEnd.unmeasured.sentence(goal, state)
        == "the first batches gave no measurement: at batch 160, no learning rate reached the target;"
        + " at batch 320, the best learning rate was at the edge of the search; at batch 640, no"
        + " measuring run reached the target")
  }

  @Test func `counts a trial without rows as nothing`() {
    let outcome = TrialOutcome.sample(updates: 100, batch: 160)
    let trial = outcome.trial("none", .sample(targets: []))
    let state = EstimateState(
      candidates: [160], pilot: 160, pilotCost: 0, batches: [160], seeds: 3, trials: [trial],
      batchDeviation: 0.08)
    #expect(trial.rows.isEmpty && state.spent == 0)
  }

  @Test func `never exceeds the budget by more than a wrong forecast`() {
    for seed in 0..<20 {
      var simulated = SimulatedEstimate(seed)
      (simulated.goal.budget, simulated.seedDeviation) = (2e7, 0.5)
      #expect(simulated.run().state.spent < 1.3 * 2e7)
    }
  }

  @Test func `comes to an end without candidates that help`() {
    var simulated = SimulatedEstimate(6)
    (simulated.candidates, simulated.pilot) = ([192, 448, 1_024], 448)
    simulated.goal = EstimateGoal(within: 1.05, budget: 1e9)
    let result = simulated.run()
    #expect(result.end != .within && result.state.batches == [192, 448, 1_024])
  }

  @Test func `depends on nothing but the state`() {
    var (first, second) = (SimulatedEstimate(7), SimulatedEstimate(7))
    let (one, other) = (first.run(), second.run())
    #expect(one.end == other.end && one.purposes == other.purposes)
    #expect(one.state.report == other.state.report)
  }
}

/// How often the intervals hold the truth, whole estimates with all their decisions. τ is drawn from
/// those of the fitted targets of Results/ladder, whose root mean square is assumed.
@Suite struct `Intervals of estimates` {
  private static let deviations = [
    0.09, 0.08, 0.05, 0.07, 0.06, 0.08, 0.15, 0.11, 0.04, 0.06, 0.15, 0.06, 0.05, 0, 0.08, 0.03, 0,
    0.07, 0, 0.11, 0.13, 0.06, 0.03, 0, 0.05, 0.04, 0.01, 0, 0.15, 0.11, 0.11, 0.08, 0, 0.12, 0.15,
    0,
  ]
  private static let estimates = isSoak ? 1000 : 60

  @Test(arguments: [0.15, 0.3, 0.45], [0.25, 1, 4])
  func `cover the critical batch, however wrong the prediction`(spread: Double, prediction: Double)
  {
    var (given, covered, within) = (0, 0, 0)
    for seed in 0..<Self.estimates {
      var simulated = SimulatedEstimate(1_000 * seed + Int(100 * spread) + Int(10 * prediction))
      (simulated.seedDeviation, simulated.prediction) = (spread, prediction)
      simulated.batchDeviation = Self.deviations[seed % Self.deviations.count]
      simulated.assumedDeviation = 0.082
      simulated.goal.budget = 1000 * 40_000
      let result = simulated.run()
      if result.end == .within { within += 1 }
      guard let critical = result.state.report.criticalBatch else { continue }
      given += 1
      if !critical.excludes(simulated.criticalBatch) { covered += 1 }
    }
    print("σ \(spread), prediction × \(prediction): \(covered) of \(given), \(within) within")
    let share = Double(covered) / Double(given)
    let slack = isSoak ? 0 : 3 * (0.1 * 0.9 / Double(Self.estimates)).squareRoot()
    #expect(share >= 0.9 - slack)
    #expect(Double(given) >= 0.85 * Double(Self.estimates))
  }
}
