import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

struct ArchiveRunTests {
  private static func row(
    task: String = "catch", target: Double = 0.9, environments: Int = 4, seed: Int = 0,
    updates: Double? = 100, role: TrialRole = .measuring, verdict: RateVerdict? = .interior,
    shortened: Bool = false, noise: LawWeightedNoise? = nil
  ) -> TrialRow {
    let settings = TrialSettings.sample(
      task: task, role: role, seed: seed, numEnvs: environments, numSteps: 16,
      shortenedHorizon: shortened, targets: [target])
    let crossing = Crossing(
      target: target, updates: updates, bracketLow: Updates(99), bracketHigh: Updates(101),
      noise: noise)
    let outcome = TrialOutcome.sample(
      ending: .budget, crossings: [crossing], updates: 777, batch: settings.batch.value)
    let id = [
      "\(task)", "\(environments)", "\(seed)", "\(role)", "\(shortened)",
      "\(String(describing: verdict))",
    ].joined()
    return outcome.rows(trial: id, settings) { _ in verdict }[0]
  }

  @Test func `takes measuring seeds whose rate was tuned for the target, at full horizon`() {
    let noise = LawWeightedNoise(numerator: 3, denominator: 2)
    let groups = RunGroup.groups(from: [
      Self.row(noise: noise), Self.row(seed: 1, verdict: .stabilityLimited),
      Self.row(seed: 2, verdict: .edge), Self.row(seed: 3, verdict: .unreached),
      Self.row(seed: 4, verdict: nil), Self.row(seed: 5, role: .tuning),
      Self.row(seed: 6, role: .single), Self.row(seed: 7, shortened: true),
    ])
    #expect(
      groups == [
        RunGroup(
          task: "catch", target: "0.9", algorithm: "pg", horizon: 16,
          runs: [
            Run(batch: 64, seed: 0, updates: 100, noise: noise),
            Run(batch: 64, seed: 1, updates: 100),
          ])
      ])
  }

  @Test func `takes the updates of a censored trial as its limit`() {
    let run = RunGroup.groups(from: [Self.row(updates: nil)]).first?.runs.first
    #expect(run == Run(batch: 64, seed: 0, updates: 777, isCensored: true))
  }

  @Test func `orders groups by task and then by target, whatever the order of rows`() {
    let rows = [
      Self.row(task: "pong", target: 2.5), Self.row(task: "pong", target: 0),
      Self.row(task: "catch", target: 0.9), Self.row(task: "pong", target: -13),
    ]
    let expected = ["catch 0.9", "pong -13", "pong 0", "pong 2.5"]
    for rows in [rows, rows.reversed()] {
      let groups = RunGroup.groups(from: rows)
      #expect(groups.map { "\($0.task ?? "") \($0.target ?? "")" } == expected)
    }
  }

  @Test func `counts a trial that occurs twice once`() {
    #expect(RunGroup.groups(from: [Self.row(), Self.row()]).first?.runs.count == 1)
  }
}
