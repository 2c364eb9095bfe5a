import ArgumentParser
import Environments
import Foundation
import Testing

@testable import Archive
@testable import Lab
@testable import Records
@testable import batchlab

/// A setting that is in no list but the one that this test makes goes all the way: from a plan or a
/// command line to rows, ids, help and the reference.
private let gradNoise = Setting<Double>(
  name: "grad-noise", range: .from(0, to: 1), owner: .algorithms([.ppo]), standard: 0.25,
  otherwise: 0, sentence: "Noise that is added to the gradient.")
private let table = SettingsTable.standard.adding(gradNoise)

private struct MadeUpOptions: SettingOptions {
  static let table = SettingsTable([gradNoise, Settings.declared.algorithm])
  static func offers(_ setting: any AnySetting) -> Bool { true }
  var given: [String: String] = [:]
}

@Suite struct `A setting that is added to the table` {
  private func document(_ text: String) throws -> PlanDocument {
    try PlanReader.document("tasks: [catch, pong]\n" + text, file: "p", settings: table)
  }

  private func resolved(_ text: String) throws -> [Hyperparameters] {
    try document(text).resolved(with: .builtIn, settings: table).tasks.map(\.hyperparameters)
  }

  @Test func `is read from a plan, merged and resolved`() throws {
    let text = "algorithm: {ppo: {grad-noise: 0.5}}"
    #expect(try resolved(text).map { $0[gradNoise] } == [0.5, 0.5])
    #expect(try resolved("algorithm: ppo").map { $0[gradNoise] } == [0.25, 0.25])
    #expect(try resolved("seed: 1").map { $0[gradNoise] } == [0, 0])
    let plan = try PlanReader.document(
      """
      tasks:
        - {task: catch, algorithm: {ppo: {grad-noise: 0.75}}}
        - {task: chain, algorithm: ppo}
        - {task: pong, algorithm: pg}
      algorithm: {ppo: {grad-noise: 0.5}}
      """, file: "p", settings: table)
    let tasks = try plan.resolved(with: .builtIn, settings: table).tasks
    #expect(tasks.map { $0.hyperparameters[gradNoise] } == [0.75, 0.5, 0])
  }

  @Test(arguments: [
    (
      "algorithm: {ppo: {grad-noise: 2}}",
      "p:2: 'algorithm.ppo.grad-noise' must be a number from 0 to 1, not '2'"
    ),
    ("algorithm: {pg: {grad-noise: 0}}", "p:2: 'grad-noise' is a setting of ppo, not of pg"),
    (
      "grad-noise: 0",
      "p:2: 'grad-noise' belongs to 'algorithm', such as {ppo: {grad-noise: …}}"
    ),
    (
      "algorithm: {ppo: {grad-nose: 0}}",
      "p:2: unknown key 'grad-nose' in 'algorithm.ppo'; did you mean 'grad-noise'?"
    ),
  ])
  func `is refused where it doesn't belong`(text: String, error: String) {
    let found = #expect(throws: PlanError.self) { try document(text) }
    #expect(found?.description == error)
  }

  @Test func `is an option`() throws {
    func settings(_ arguments: String...) throws -> PlanSettings {
      try MadeUpOptions.parse(arguments).settings()
    }
    #expect(try settings("--algorithm", "ppo", "--grad-noise", "0.5")[gradNoise] == 0.5)
    #expect(try settings()[gradNoise] == nil)
    let wrong = #expect(throws: Refusal.self) {
      try settings("--algorithm", "ppo", "--grad-noise", "2")
    }
    #expect(wrong?.sentence == "--grad-noise must be a number from 0 to 1, not '2'")
    let misplaced = #expect(throws: Refusal.self) { try settings("--grad-noise", "0.5") }
    #expect(misplaced?.sentence == "--grad-noise is a setting of ppo, not of pg")
    let misspelt = #expect(throws: (any Error).self) {
      try MadeUpOptions.parse(["--grad-nose", "0.5"])
    }
    #expect(
      misspelt.map { MadeUpOptions.message(for: $0) }?.contains("'--grad-noise'") == true)
  }

  @Test func `is in help, completion and the reference`() {
    let help = MadeUpOptions.helpMessage(columns: 200)
    #expect(help.contains("--grad-noise <number>"))
    #expect(
      help.contains(
        "Noise that is added to the gradient. (ppo only; a number from 0 to 1; default: 0.25)"))
    #expect(MadeUpOptions.completionScript(for: .bash).contains("--grad-noise"))
    #expect(
      table.reference.contains(
        "| `algorithm.ppo.grad-noise` | `--grad-noise` | `grad_noise` | a number from 0 to 1 | 0.25"
          + " | ppo | Noise that is added to the gradient. |\n"))
  }

  private func row(_ noise: Double?, _ algorithm: Algorithm = .ppo) throws -> TrialRow {
    var hyperparameters = Hyperparameters(algorithm, table: table)
    if let noise { hyperparameters[gradNoise] = noise }
    let settings = TrialSettings(
      task: "catch", rulesVersion: 1, studySeed: 1, role: .measuring, seed: 0, numEnvs: 8,
      numSteps: 10, shortenedHorizon: false, learningRate: 0.01, hyperparameters: hyperparameters,
      targets: [0], limit: Observations(1_000), isPruned: false, evaluationEpisodes: 16)
    let crossing = Crossing(
      target: 0, updates: nil, bracketLow: Updates(1), bracketHigh: Updates(2))
    let outcome = TrialOutcome(
      ending: .completed, crossings: [crossing], curve: [], updates: Updates(5),
      observations: Observations(400), optimizerSteps: OptimizerSteps(5),
      staggerObservations: .zero, evaluationObservations: .zero, evaluationEpisodes: 0,
      operations: Operations(), evaluationOperations: Operations(), seconds: 1,
      evaluationSeconds: 0)
    let id = try trialID(of: settings)
    return TrialRow(
      settings: settings,
      result: TrialResult(
        trial: id, settings: settings, crossing: crossing, rateVerdict: nil, outcome: outcome),
      parts: nil,
      measured: TrialMeasured(crossing: crossing, outcome: outcome, provenance: .current))
  }

  @Test func `is a column, and a row without it has its default`() throws {
    let key = try #require(CodingUserInfoKey.settingsTable)
    let decoder = JSONDecoder()
    decoder.userInfo[key] = table
    let written = try JSONEncoder().encode(row(0.5))
    #expect(String(decoding: written, as: UTF8.self).contains("\"grad_noise\":0.5"))
    #expect(try decoder.decode(TrialRow.self, from: written) == row(0.5))
    // What this very version writes without the setting.
    let old = try JSONEncoder().encode(JSONDecoder().decode(TrialRow.self, from: written))
    #expect(!String(decoding: old, as: UTF8.self).contains("grad_noise"))
    let read = try decoder.decode(TrialRow.self, from: old)
    #expect(read.settings.hyperparameters[gradNoise] == 0.25)
    // Readers of tables take the columns from the first row, so the default is written as well.
    let usual = try JSONEncoder().encode(row(nil))
    #expect(String(decoding: usual, as: UTF8.self).contains("\"grad_noise\":0.25"))
  }

  @Test func `leaves ids, fingerprints and digests alone while it has its default`() throws {
    for algorithm in Algorithm.allCases {
      var before = try row(nil, algorithm).settings
      before.hyperparameters = Hyperparameters(algorithm)
      #expect(try trialID(of: before) == trialID(of: row(nil, algorithm).settings))
    }
    #expect(try trialID(of: row(0.5).settings) != trialID(of: row(nil).settings))
    func determined(_ row: TrialRow) throws -> String {
      String(decoding: try canonicalJSON(Determined(row: row), trial: "x"), as: UTF8.self)
    }
    #expect(try !determined(row(nil)).contains("grad_noise"))
    #expect(try determined(row(0.5)).contains("\"grad_noise\":0.5"))
    let plan = try document("algorithm: ppo")
    let (old, new) = (
      try plan.resolved(with: .builtIn), try plan.resolved(with: .builtIn, settings: table)
    )
    #expect(
      try canonicalJSON(old, trial: "x") == canonicalJSON(new, trial: "x"))
    let other = try document("algorithm: {ppo: {grad-noise: 0.5}}")
      .resolved(with: .builtIn, settings: table)
    #expect(try canonicalJSON(old, trial: "x") != canonicalJSON(other, trial: "x"))
  }
}

private struct Determined: Encodable {
  var row: TrialRow
  func encode(to encoder: any Encoder) throws { try row.encodeDetermined(to: encoder) }
}
