import CommandSupport
import Foundation
import TestSupport
import Testing

/// What happens to the folder of a study while it is being written is noticed, costs nothing that
/// was stored, and is over once its cause is.
@Suite(.serialized)
struct MishapTests {
  /// A sweep that has stored a few of its trials and stands still until SIGCONT.
  private func begun(_ study: TinyStudy) throws -> Command {
    let command = try study.sweep("--lanes", "2", "--checkpoint-seconds", "0.02")
    try command.waitForErrors(lines: 3)
    command.send(SIGSTOP)
    return command
  }

  @Test(arguments: [("Results/tiny", "Results/away"), ("Results", "away")])
  func `a renamed folder is not created again`(from: String, to: String) async throws {
    let study = try TinyStudy()
    let command = try begun(study)
    try study.folder.move(from, to)
    command.send(SIGCONT)
    let result = try command.finish()
    #expect(result.status == 1)
    #expect(
      result.complaints.dropLast().last
        == "batchlab: Results/tiny/journal/0.jsonl.zst was removed or renamed while it was being written"
    )
    #expect(!study.folder.exists(from))
    try study.folder.move(to, from)
    try await study.verify("unfinished; what is there is intact")
    #expect(try await study.trialCount() >= TinyStudy.reported(result.errors))
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test func `a removed folder is not created again, unless by another sweep`() async throws {
    let study = try TinyStudy()
    let command = try begun(study)
    // A new folder of that name is no place for what the sweep still has.
    try study.folder.move("Results/tiny", "gone")
    try study.folder.remove("gone")
    let another = await study.runSweep("--lanes", "1")
    #expect(another.status == 0, "\(another.errors)")
    command.send(SIGCONT)
    let result = try command.finish()
    #expect(result.status == 1)
    #expect(result.errors.contains("was removed or renamed while it was being written\n"))
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test func `a removed plan is noticed before the study is sealed`() async throws {
    let study = try TinyStudy()
    let command = try begun(study)
    try study.folder.move("Results/tiny/plan.json", "kept.json")
    command.send(SIGCONT)
    let result = try command.finish()
    #expect(result.status == 1)
    #expect(
      result.complaints.dropLast().last
        == "batchlab: Results/tiny/plan.yaml:2: plan.json is missing, and this is not the resolved plan of an older study"
    )
    let again = await study.runSweep()
    #expect(again.status == 1)
    #expect(
      again.errors
        == "batchlab: Results/tiny/plan.yaml:2: plan.json is missing, and this is not the resolved plan of an older study\n"
    )
    #expect(!study.folder.exists("Results/tiny/plan.json"))
    try study.folder.move("kept.json", "Results/tiny/plan.json")
    let last = await study.runSweep()
    #expect(last.status == 0 && TinyStudy.reported(last.errors) == 0, "\(last.errors)")
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test func `a file in place of the checkpoints is named and left alone`() async throws {
    let study = try TinyStudy()
    try study.folder.write("mine", to: "Results/tiny/checkpoints")
    let result = await study.runSweep()
    #expect(result.status == 1)
    #expect(result.errors == "batchlab: can't list Results/tiny/checkpoints: Not a directory\n")
    #expect(study.folder.text("Results/tiny/checkpoints") == "mine")
    try study.folder.move("Results/tiny/checkpoints", "mine")
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test func `of two processes on a study, one writes and the other says so`() async throws {
    let study = try TinyStudy()
    let first = try begun(study)
    for options in [[], ["--shard", "0/2"], ["--tasks", "catch"]] {
      let second = await run(
        ["sweep", "@/plan.yaml", "--output", "@/Results/tiny"] + options, in: study.folder)
      #expect(second.status == 1)
      #expect(second.errors == "batchlab: another batchlab process is writing to Results/tiny\n")
    }
    let merge = await study.run("archive", "merge", "@/Results/tiny")
    #expect(merge.status == 1)
    #expect(merge.errors == "batchlab: another batchlab process is writing to Results/tiny\n")
    first.send(SIGCONT)
    #expect(try first.finish().status == 0)
    #expect(try await study.finish() == TinyStudy.digest)
  }
}
