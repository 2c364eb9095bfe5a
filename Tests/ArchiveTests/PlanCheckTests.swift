import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

/// The plan is checked against its fingerprint and against the rows.
struct PlanCheckTests {
  @Test func `a bit flipped anywhere in the plan is named`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    let whole = try scratch.bytes(scratch.planJSON)
    for byte in whole.indices {
      var flipped = whole
      flipped[byte] ^= 1 << (byte % 8)
      try scratch.write(flipped, to: scratch.planJSON)
      let error = #expect(throws: ArchiveError.self) { try Verification(folder: scratch.study) }
      #expect("\(error as Any)".contains("quick/plan.json: "), "byte \(byte)")
    }
  }

  @Test func `a bit flipped anywhere in an older study's plan is named, or changes no meaning`()
    throws
  {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    try scratch.makeOld(oldText())
    let (file, whole) = (scratch.planYAML, try scratch.bytes(scratch.planYAML))
    var named = 0
    for byte in whole.indices {
      var flipped = whole
      flipped[byte] ^= 1 << (byte % 8)
      try scratch.write(flipped, to: file)
      do {
        _ = try Verification(folder: scratch.study)
        #expect(try PlanFile.read(folder: scratch.study) == makePlan(), "byte \(byte)")
      } catch {
        named += 1
        #expect("\(error)".hasPrefix(file + ":"), "byte \(byte): \(error)")
      }
    }
    #expect(named > whole.count / 2)
  }

  @Test(arguments: [
    ("numerics: \(numericsVersion)", "numerics: 1", "numerics"), ("\nseed: 1", "\nseed: 3", "seed"),
    ("measuringSeeds: 6", "measuringSeeds: 2", "measuringSeeds"),
    ("batches: [16, 64]", "batches: [17, 64]", "tasks.0.batches"),
    ("task: catch", "task: batch", "tasks"), ("horizon: 8", "horizon: 9", "tasks.0.horizon"),
    ("horizon: 8", "horizon: 80", "tasks.0.horizon"),
    ("rulesVersion: 1", "rulesVersion: 5", "tasks.0.rulesVersion"),
    ("targets: [0.5, 0.9]", "targets: [0.5, 0.8]", "tasks.0.targets"),
    ("budget: 20000000", "budget: 20000001", "tasks.0.budget"),
    ("evaluationEpisodes: 200", "evaluationEpisodes: 100", "tasks.0.evaluationEpisodes"),
    ("gamma: 0.99", "gamma: 0.98", "tasks.0.hyperparameters.gamma"),
    // Nothing can be run with these, and dividing by the first would end the process.
    ("horizon: 8", "horizon: 0", "tasks.0.horizon"),
    ("batches: [16, 64]", "batches: [16, -64]", "tasks.0.batches"),
    ("measuringSeeds: 6", "measuringSeeds: -9223372036854775808", "measuringSeeds"),
    ("tuningSeeds: ", "tuningSeeds: -", "tuningSeeds"),
    ("targets: [0.5, 0.9]", "targets: []", "tasks.0.targets"),
    ("num_minibatches: 1", "num_minibatches: 0", "tasks.0.hyperparameters.num_minibatches"),
    ("clip_coef: null", "clip_coef: 0.2", "tasks.0.hyperparameters.clip_coef"),
    ("hidden: \"64-64\"", "hidden: \"64-62\"", "tasks.0.hyperparameters.hidden"),
    ("optimizer: adam", "optimizer: sgd", "tasks.0.hyperparameters.optimizer"),
  ])
  func `rows contradict a plan that was changed`(from: String, to: String, path: String) throws {
    let scratch = try Scratch()
    try store([0, 1, 2], in: scratch, sealing: true)
    // As of a study from before plans had fingerprints.
    let lines = try oldText().split(separator: "\n")
    let plain = lines.filter { !$0.hasPrefix(ResolvedYAML.fingerprintMark) }.joined(
      separator: "\n")
    try scratch.makeOld(plain)
    _ = try Verification(folder: scratch.study)
    let changed = plain.replacingOccurrences(of: from, with: to)
    #expect(changed != plain)
    try scratch.write(Array(changed.utf8), to: scratch.planYAML)
    let error = #expect(throws: ArchiveError.self) { try Verification(folder: scratch.study) }
    let key = path.split(separator: ".").last.map(String.init) ?? ""
    let line = changed.split(separator: "\n").firstIndex {
      $0.drop { $0 == " " || $0 == "-" }.hasPrefix(key + ":")
    }
    let start = "\(scratch.study)/plan.yaml:\(try #require(line) + 1): '\(path)' "
    let found = try #require(error?.description)
    #expect(found.hasPrefix(start), "\(found)")
    #expect(found.contains(#/' (contradicts trial|must (not )?be) /#), "\(found)")
  }

  @Test(arguments: [
    ("  horizon: 8\n", "  horizon: x\n", "'tasks.0.horizon' is not a Int"),
    ("  horizon: 8\n", "", "'tasks.0.horizon' is missing"),
    ("  horizon: 8\n", "  horizon: 8\n  horizont: 9\n", "tasks.0.horizont is only in it"),
    ("  horizon: 8\n", "  horizon: [8\n", "not YAML"),
  ])
  func `a damaged plan of an older study is named with its line`(
    from: String, to: String, words: String
  ) throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    try scratch.makeOld(oldText().replacingOccurrences(of: from, with: to))
    let error = #expect(throws: ArchiveError.self) { try Verification(folder: scratch.study) }
    let found = try #require(error?.description)
    #expect(found.contains(words), "\(found)")
    #expect(found.contains(#/plan\.yaml:\d+: /#), "\(found)")
  }

  @Test func `rows contradict a plan that was replaced entirely`() throws {
    let scratch = try Scratch()
    try store([0, 1, 2], in: scratch, sealing: true)
    var other = makePlan()
    other.tasks[0].horizon = 9
    try scratch.write(PlanFile.json(of: other), to: scratch.planJSON)
    let error = #expect(throws: ArchiveError.self) { try Verification(folder: scratch.study) }
    let start = "\(scratch.planJSON): 'tasks.0.horizon' contradicts trial "
    #expect(error?.description.hasPrefix(start) == true, "\(error as Any)")
  }

  @Test func `a trial that contradicts itself is named`() throws {
    let trial = try makeTrial()
    #expect(trial.fault == nil)
    let changes: [(String, (inout [TrialRow]) -> Void)] = [
      ("its rows disagree on total_updates", { $0[1].result.totalUpdates = Updates(98) }),
      ("its rows disagree on ending", { $0[1].result.ending = .diverged }),
      ("its rows disagree on where they ran", { $0[1].measured.provenance.host = "x" }),
      ("its rows disagree on their settings", { $0[1].settings.learningRate = 1 }),
      ("the row of target 0.9 is missing", { $0.removeLast() }),
      ("the id of its settings is", { for row in $0.indices { $0[row].settings.numerics += 1 } }),
      ("its curve lacks update 11", { $0[0].result.bracketLow = Updates(11) }),
      (
        "its curve ends at update 99",
        { for row in $0.indices { $0[row].result.totalUpdates = Updates(100) } }
      ),
    ]
    // A run that diverged ends at an earlier snapshot, and is completed if that reached its targets.
    for (ending, isSound) in [
      (TrialEnding.budget, false), (.pruned, false), (.diverged, true), (.completed, true),
    ] {
      var rows = trial.rows
      for row in rows.indices {
        rows[row].result.ending = ending
        rows[row].result.totalUpdates = Updates(100)
        rows[row].result.totalOptimizerSteps = OptimizerSteps(100)
      }
      let changed = try TrialRecord(rows: rows, curve: trial.curve)
      #expect((changed.fault == nil) == isSound, "\(ending): \(changed.fault ?? "none")")
      // Of a completed run, only the last stretch can be missing.
      for row in rows.indices { rows[row].result.totalUpdates = Updates(200) }
      let early = try TrialRecord(rows: rows, curve: trial.curve)
      #expect((early.fault == nil) == (ending == .diverged), "\(ending)")
      // No curve goes beyond the totals.
      for row in rows.indices { rows[row].result.totalOptimizerSteps = OptimizerSteps(98) }
      let other = try TrialRecord(rows: rows, curve: trial.curve)
      #expect(other.fault?.hasPrefix("its curve ends at update 99") == true)
    }
    for (fault, change) in changes {
      var rows = trial.rows
      change(&rows)
      let changed = try TrialRecord(rows: rows, curve: trial.curve)
      #expect(changed.fault?.hasPrefix(fault) == true, "\(changed.fault ?? "none")")
    }
  }

  @Test func `a curve without its ends or of another batch is named`() throws {
    let trial = try makeTrial()
    for (curve, words) in [
      (Array(trial.curve.dropFirst()), "its curve does not begin at update 0"),
      (Array(trial.curve.dropLast()), "its curve lacks update 99, next to a crossing"),
      (try makeTrial(numEnvs: 4).curve, "its curve disagrees with its rows at update 0"),
    ] {
      let points = curve.map { point in
        var point = point
        point.determined.trial = trial.id
        return point
      }
      #expect(try TrialRecord(rows: trial.rows, curve: points).fault == words)
    }
  }
}
