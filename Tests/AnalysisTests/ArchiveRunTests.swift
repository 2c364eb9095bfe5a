import Records
import Testing

@testable import Analysis

/// How the trials of a study become runs.
struct ArchiveRunTests {
  private static let question = Question(
    task: "t", target: Target(1), algorithm: .policyGradient, horizon: 16)

  @Test func `takes measuring seeds whose rate was tuned for the target, at full horizon`() {
    let noise = LawWeightedNoise(numerator: 3, denominator: 2)
    let groups = RunGroup.groups(of: [
      trial(updates: 100, noise: noise), trial(seed: 1, updates: 100, verdict: .stabilityLimited),
      trial(seed: 2, updates: 100, verdict: .edge),
      trial(seed: 3, updates: 100, verdict: .unreached), trial(seed: 4, updates: 100, verdict: nil),
      trial(role: .tuning, seed: 5, updates: 100), trial(role: .single, seed: 6, updates: 100),
      trial(seed: 7, isShortened: true, updates: 100),
    ])
    #expect(groups.map(\.question) == [Self.question])
    let runs = groups[0].runs
    #expect(runs.map(\.seed) == [0, 1] && runs.map(\.noise) == [noise, nil])
    #expect(runs.allSatisfy { $0.batch == 64 && $0.updates == 100 && $0.observations == 6_400 })
    #expect(runs.allSatisfy { !$0.isCensored && $0.reachedAt == 101 && $0.processor == "c" })
  }

  @Test func `takes the updates of a censored trial as its limit`() {
    let run = RunGroup.groups(of: [trial(updates: nil)]).first?.runs.first
    #expect(run?.updates == 777 && run?.observations == 777 * 64 && run?.isCensored == true)
    #expect(run?.reachedAt == nil && run?.seconds == nil)
  }

  @Test func `orders groups by task and then by target, whatever the order of trials`() {
    let trials = [
      trial(task: "pong", targets: [2.5, 10], updates: 100),
      trial(task: "pong", targets: [0], updates: 100),
      trial(task: "catch", targets: [0.9], updates: 100),
      trial(task: "pong", targets: [-13], updates: 100),
    ]
    let expected = ["catch 0.9", "pong -13", "pong 0", "pong 2.5", "pong 10"]
    for trials in [trials, trials.reversed()] {
      let questions = RunGroup.groups(of: trials).map(\.question)
      #expect(questions.map { "\($0.task ?? "") \($0.target?.text ?? "")" } == expected)
    }
  }

  @Test func `a question without a measurement comes last, and once`() {
    let groups = RunGroup.groups(of: [
      trial(task: "a", role: .tuning, updates: 100), trial(task: "a", updates: 100, verdict: .edge),
      trial(task: "a", environments: 1, steps: 4, isShortened: true, updates: 100),
      trial(task: "b", updates: 100), trial(task: "b", role: .tuning, updates: 100),
      trial(task: "c", role: .single, updates: 100),
    ])
    #expect(groups.map(\.question.task) == ["b", "a"] && groups.map(\.runs.count) == [1, 0])
    let report = fit(groups[1], resamples: 10)
    #expect(report.verdict == .tooFew && report.reason == "no run at a tuned learning rate")
  }

  @Test func `whatever distinguishes questions makes its own group`() {
    var other = trial(updates: 100).settings.hyperparameters
    (other.algorithm, other.numMinibatches) = (.ppo, 4)
    let ppo = trial(updates: 100).rows.map { row in
      var row = row
      row.settings.hyperparameters = other
      return row
    }
    let groups = RunGroup.groups(
      of: [
        trial(updates: 100), trial(environments: 8, steps: 8, updates: 100),
        trial(seed: 1, updates: 100), (try? TrialRecord(rows: ppo, curve: [])),
      ].compactMap { $0 })
    #expect(groups.map(\.runs.count) == [1, 2, 1])
    #expect(groups.map(\.question.horizon) == [8, 16, 16])
    #expect(groups.map(\.question.minibatches) == [1, 1, 4])
  }

  @Test func `a target is its number, however it is written`() {
    #expect(Target("0.90") == Target(0.9) && Target("-0") == Target("0.0"))
    #expect(Set([Target("1"), Target("1.0"), Target("1e0"), Target("one")]).count == 2)
    #expect(Target("nan") == Target("nan") && Target("nan") != Target("inf"))
    let sorted = ["10", "9", "-3", "one", "all"].map { Target($0) }.sorted().map(\.text)
    #expect(sorted == ["all", "one", "-3", "9", "10"])
  }
}
