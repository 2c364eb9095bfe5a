import Records
import TestSupport
import Testing

@testable import Archive

/// A trial that stands in a study twice: its settings are the same, so its results should be.
@Suite struct `Two files with one trial` {
  /// A study with two journals that hold one trial each.
  private func study(_ first: TrialRecord, _ second: TrialRecord) throws -> Scratch {
    let (scratch, other) = (try Scratch(), try Scratch())
    for (folder, shard, trial) in [(scratch, 0, first), (other, 1, second)] {
      var archive = try StudyArchive(folder: folder.study, plan: makePlan(), shard: shard)
      try archive.append(trial)
    }
    // One process would not store it again.
    try scratch.write(
      try other.bytes(other.study + "/journal/1.jsonl.zst"),
      to: scratch.study + "/journal/1.jsonl.zst")
    return scratch
  }

  private func refusal(_ body: () throws -> Void) -> String? {
    let error = #expect(throws: ArchiveError.self) { try body() }
    return error?.description
  }

  @Test func `are refused where their results differ, by everything that reads them`() throws {
    let trial = try makeTrial()
    let scratch = try study(trial, try makeTrial(score: 0.94))
    let files = try scratch.files()
    let output = try Scratch()
    for reason in [
      refusal { _ = try Study(folder: scratch.study) },
      refusal { _ = try Verification(folder: scratch.study) },
      refusal { _ = try StudyArchive(folder: scratch.study, plan: makePlan()).trials },
      refusal { _ = try Merge([scratch.study], output: scratch.study) },
      refusal { _ = try Merge([scratch.study], output: output.study) },
    ] {
      #expect(reason?.contains("trial \(trial.id) stands in it twice with different") == true)
    }
    #expect(try scratch.files() == files)
    #expect(!output.exists(output.study))
  }

  @Test func `are refused where only their curves differ`() throws {
    let trial = try makeTrial()
    let other = try TrialRecord(rows: trial.rows, curve: Array(trial.curve.dropLast()))
    let scratch = try study(trial, other)
    #expect(
      refusal { _ = try Verification(folder: scratch.study) }?.contains("stands in it twice")
        == true)
  }

  @Test func `count once where only the machine and the seconds differ, and merge`() throws {
    let scratch = try study(try makeTrial(), try makeTrial(seconds: 7, host: "elsewhere"))
    #expect(try Study(folder: scratch.study).trials.count == 1)
    let merge = try Merge([scratch.study], output: scratch.study)
    #expect(merge.result.isSealed && merge.result.trials == 1)
    let alone = try Scratch()
    try store([0], in: alone, sealing: true)
    #expect(try merge.result.digest == Verification(folder: alone.study).digest)
  }

  @Test func `are refused where a journal contradicts what is sealed`() throws {
    let (scratch, other) = (try Scratch(), try Scratch())
    try store([0, 1], in: scratch, sealing: true)
    do {
      var archive = try StudyArchive(folder: other.study, plan: makePlan())
      try archive.append(try makeTrial(score: 0.94))
    }
    let journal = scratch.study + "/journal/1.jsonl.zst"
    try scratch.write("", to: journal)
    #expect(try Study(folder: scratch.study).trials.count == 2)
    try scratch.write(try other.bytes(other.journal), to: journal)
    #expect(
      refusal { _ = try Study(folder: scratch.study) }?.contains("stands in it twice") == true)
    #expect(
      refusal { _ = try Merge([scratch.study], output: scratch.study) }?
        .contains("stands in it twice") == true)
  }
}
