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

  private func move(_ study: TinyStudy, _ from: String, _ to: String) throws {
    try FileManager.default.moveItem(
      atPath: "\(study.folder.path)/\(from)", toPath: "\(study.folder.path)/\(to)")
  }

  @Test(arguments: [("Results/tiny", "Results/away"), ("Results", "away")])
  func `a folder that is renamed is not begun anew`(from: String, to: String) throws {
    let study = try TinyStudy()
    let command = try begun(study)
    try move(study, from, to)
    command.send(SIGCONT)
    let result = try command.finish()
    #expect(result.status == 1)
    #expect(
      result.complaints.dropLast().last
        == "batchlab: Results/tiny/journal/0.jsonl.zst was removed or renamed while it was being written"
    )
    #expect(!study.folder.exists(from))
    try move(study, to, from)
    try study.verify("unfinished, what is there is whole")
    #expect(try study.trialCount() >= TinyStudy.reported(result.errors))
    #expect(try study.finish() == SweepTests.expected.get())
  }

  @Test func `a folder that is removed is not begun anew, unless by another sweep`() throws {
    let study = try TinyStudy()
    let command = try begun(study)
    // A new folder of that name is no place for what the sweep still has.
    try move(study, "Results/tiny", "gone")
    try FileManager.default.removeItem(atPath: "\(study.folder.path)/gone")
    let another = try study.sweep("--lanes", "1").finish()
    #expect(another.status == 0, "\(another.errors)")
    command.send(SIGCONT)
    let result = try command.finish()
    #expect(result.status == 1)
    #expect(result.errors.contains("was removed or renamed while it was being written\n"))
    #expect(try study.finish() == SweepTests.expected.get())
  }

  @Test func `a plan that is removed is missed before the study is sealed`() throws {
    let study = try TinyStudy()
    let command = try begun(study)
    try move(study, "Results/tiny/plan.json", "kept.json")
    command.send(SIGCONT)
    let result = try command.finish()
    #expect(result.status == 1)
    #expect(
      result.complaints.dropLast().last
        == "batchlab: Results/tiny/plan.yaml:1: plan.json is missing, and this is not the resolved plan of an older study"
    )
    let again = try study.sweep().finish()
    #expect(again.status == 1)
    #expect(
      again.errors
        == "batchlab: Results/tiny/plan.yaml:1: plan.json is missing, and this is not the resolved plan of an older study\n"
    )
    #expect(!study.folder.exists("Results/tiny/plan.json"))
    try move(study, "kept.json", "Results/tiny/plan.json")
    let last = try study.sweep().finish()
    #expect(last.status == 0 && TinyStudy.reported(last.errors) == 0, "\(last.errors)")
    #expect(try study.finish() == SweepTests.expected.get())
  }

  @Test func `a file in the place of the checkpoints is named and left alone`() throws {
    let study = try TinyStudy()
    try study.folder.write("mine", to: "Results/tiny/checkpoints")
    let result = try study.sweep().finish()
    #expect(result.status == 1)
    #expect(result.errors == "batchlab: can't list Results/tiny/checkpoints: Not a directory\n")
    #expect(study.folder.text("Results/tiny/checkpoints") == "mine")
    try move(study, "Results/tiny/checkpoints", "mine")
    #expect(try study.finish() == SweepTests.expected.get())
  }

  @Test func `of two processes on a study one writes it and the other says so`() throws {
    let study = try TinyStudy()
    let first = try begun(study)
    for options in [[], ["--shard", "0/2"], ["--tasks", "catch"]] {
      let second = try Command(["sweep", "plan.yaml"] + options, in: study.folder).finish()
      #expect(second.status == 1)
      #expect(second.errors == "batchlab: another batchlab process is writing Results/tiny\n")
    }
    let merge = try batchlab("archive", "merge", "Results/tiny", in: study.folder)
    #expect(merge.status == 1)
    #expect(merge.errors == "batchlab: another batchlab process is writing Results/tiny\n")
    first.send(SIGCONT)
    #expect(try first.finish().status == 0)
    #expect(try study.finish() == SweepTests.expected.get())
  }
}
