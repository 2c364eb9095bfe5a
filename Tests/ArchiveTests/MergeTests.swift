import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

/// Merging gives one study, in any order, any number of times.
struct MergeTests {
  /// A study with some of the trials, as a machine of several leaves it.
  private func part(_ seeds: [Int], sealing: Bool = false) throws -> Scratch {
    let scratch = try Scratch()
    try store(seeds, in: scratch, sealing: sealing)
    return scratch
  }

  private func whole() throws -> String {
    let scratch = try part([0, 1, 2, 3], sealing: true)
    return try withExtendedLifetime(scratch) { try Verification(folder: $0.study).digest }
  }

  private func refusal(_ folders: [String], _ output: String, joining: Bool = false) -> String? {
    let error = #expect(throws: ArchiveError.self) {
      try Merge(folders, output: output, joining: joining)
    }
    return error?.description
  }

  /// A study of another plan with one trial of that plan.
  private func study(
    seed: Int, batch: Int = 16, _ change: (inout StudyPlan) -> Void
  ) throws -> Scratch {
    let scratch = try Scratch()
    var plan = makePlan()
    change(&plan)
    var archive = try StudyArchive(folder: scratch.study, plan: plan)
    let trial = try makeTrial(
      seed: seed, task: plan.tasks[0].task, numEnvs: batch / 8)
    try archive.append(trial)
    return scratch
  }

  @Test func `shards of one study are sealed together`() throws {
    let scratch = try Scratch()
    for seed in [3, 1, 2, 0] {
      var archive = try StudyArchive(folder: scratch.study, plan: makePlan(), shard: seed)
      try archive.append(try makeTrial(seed: seed))
    }
    // Left by a repair of shard 2 that was killed.
    try scratch.write([0x28, 0xb5], to: scratch.study + "/journal/2.jsonl.zst.partial")
    let merge = try Merge([scratch.study], output: scratch.study)
    #expect(merge.result.isSealed)
    #expect(try merge.result.digest == whole())
    #expect(!scratch.exists(scratch.study + "/journal"))
    let files = try scratch.files()
    #expect(try Merge([scratch.study], output: scratch.study).result.digest == whole())
    #expect(try scratch.files() == files)
  }

  @Test func `studies from several folders give one digest in any order, any number of times`()
    throws
  {
    let parts = [try part([0, 1]), try part([1, 2], sealing: true), try part([3])]
    let before = try parts.map { try $0.files() }
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 1, 2, 0]] {
      let output = try Scratch()
      for _ in 0..<2 {
        let merge = try Merge(order.map { parts[$0].study }, output: output.study)
        #expect(merge.result.isSealed)
        #expect(try merge.result.digest == whole())
        #expect(merge.result.trials == 4)
      }
    }
    #expect(try parts.map { try $0.files() } == before)
  }

  @Test func `one of the studies can take in the others`() throws {
    let (one, two) = (try part([0, 1]), try part([2, 3]))
    let merge = try Merge([one.study, two.study], output: one.study)
    #expect(try merge.result.digest == whole())
    #expect(merge.duplicates == 0)
    let (three, four) = (try part([0, 1], sealing: true), try part([1, 2, 3]))
    let other = try Merge([four.study], output: three.study)
    #expect(try other.result.digest == whole())
    #expect(other.duplicates == 1)
  }

  @Test func `a trial that differs is refused, naming both folders`() throws {
    let (one, two, output) = (try part([0]), try Scratch(), try Scratch())
    do {
      var archive = try StudyArchive(folder: two.study, plan: makePlan())
      try archive.append(try makeTrial(score: 0.94, seconds: 7))
    }
    let id = try makeTrial().id
    #expect(
      refusal([one.study, two.study], output.study)
        == "\(two.study) can't be merged with \(one.study): trial \(id) has other results there, "
        + "though its settings are the same")
    #expect(!output.exists(output.study))
    let three = try Scratch()
    do {
      var archive = try StudyArchive(folder: three.study, plan: makePlan())
      try archive.append(try makeTrial(seconds: 7, host: "elsewhere"))
    }
    #expect(try Merge([one.study, three.study], output: output.study).duplicates == 1)
  }

  @Test func `studies of other plans are refused and the first difference is named`() throws {
    let (one, output) = (try part([0]), try Scratch())
    let changes: [((inout StudyPlan) -> Void, String, Bool)] = [
      ({ $0.learningRateFactor = 3 }, "learningRateFactor differs (3 there, 2 here)", true),
      (
        { $0.tasks[0].learningRate.rate = 0.5 },
        "learningRate.rate differs (0.5 there, 0.30000000000000004 here), of task 'catch'", true
      ),
      ({ $0.tasks[0].batches = [16] }, "tasks.0.batches differs; --join makes one", false),
    ]
    for (change, words, joining) in changes {
      let other = try study(seed: 1, change)
      for isJoining in Set([false, joining]) {
        let reason = refusal([one.study, other.study], output.study, joining: isJoining)
        #expect(reason?.contains("their plans differ: \(words)") == true, "\(reason ?? "")")
        #expect(reason?.hasPrefix("\(other.study) can't be merged with \(one.study)") == true)
      }
    }
    #expect(!output.exists(output.study))
  }

  @Test func `joined studies have the tasks and batches of all`() throws {
    let parts = [
      try study(seed: 0) { $0.tasks[0].batches = [16] },
      try study(seed: 0, batch: 256) { $0.tasks[0].batches = [64, 256] },
      try study(seed: 0) { $0.tasks[0].task = "pong" },
    ]
    var digests: Set<String> = []
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
      let output = try Scratch()
      let merge = try Merge(order.map { parts[$0].study }, output: output.study, joining: true)
      digests.insert(merge.result.digest)
      #expect(merge.result.trials == 3)
      let tasks = try PlanFile.read(folder: output.study).tasks
      #expect(tasks.map(\.task) == ["catch", "pong"])
      #expect(tasks.map(\.batches) == [[16, 64, 256], [16, 64]])
    }
    #expect(digests.count == 1)
    // One of them can take the others in: its plan grows.
    let folders = parts.map(\.study)
    let merge = try withExtendedLifetime(parts) { _ in
      try Merge(folders, output: folders[0], joining: true)
    }
    #expect(merge.result.isSealed)
    #expect(digests.contains(merge.result.digest))
  }

  /// The plan of the output grows in three steps, the first of them in an older study alone:
  /// `plan.json` with the plan as it was, `plan.yaml`, `plan.json`.
  @Test(arguments: [false, true], 0...2)
  func `a kill while a plan grows loses nothing`(isOld: Bool, steps: Int) throws {
    let one = try study(seed: 0) { _ in }
    let two = try study(seed: 0) { $0.tasks[0].task = "pong" }
    if isOld { try one.makeOld(oldText()) }
    let (before, digest) = (try one.copy(), try Merge([one.study], output: one.study).result.digest)
    let done = try one.copy()
    let whole = try Merge([done.study, two.study], output: done.study, joining: true).result.digest
    if steps >= 1 { try before.write(PlanFile.json(of: makePlan()), to: before.planJSON) }
    if steps >= 2 { try before.write(done.bytes(done.planYAML), to: before.planYAML) }
    let state = try Verification(folder: before.study)
    #expect(state.digest == digest && state.trials == 1)
    let again = try Merge([before.study, two.study], output: before.study, joining: true)
    #expect(again.result.digest == whole && again.result.trials == 2)
    #expect(try PlanFile.read(folder: before.study).tasks.map(\.task) == ["catch", "pong"])
    #expect(try before.bytes(before.planJSON) == done.bytes(done.planJSON))
    let text = String(decoding: try before.bytes(before.planYAML), as: UTF8.self)
    #expect(text.hasPrefix("# merged from \(before.study), \(two.study)\nseed: 1\n"))
  }

  @Test func `a merged study of one plan keeps it as it was given`() throws {
    let (one, two, output) = (try Scratch(), try part([1]), try Scratch())
    _ = try StudyArchive(folder: one.study, plan: makePlan(), given: "tasks: [catch]").trials
    _ = try Merge([one.study, two.study], output: output.study)
    #expect(try output.bytes(output.planYAML) == Array("tasks: [catch]".utf8))
  }

  @Test func `a study that takes in an older one with more batches keeps a plan for people`() throws
  {
    let more = try Scratch()
    try store([0], in: more)
    let some = try study(seed: 0) { $0.tasks[0].batches = [16] }
    try more.makeOld(oldText())
    _ = try Merge([more.study], output: some.study, joining: true)
    #expect(try PlanFile.read(folder: some.study) == makePlan())
    #expect(try some.bytes(some.planYAML) == Array(makePlan().yaml().utf8))
  }

  @Test func `a merge that was killed is finished by the next one`() throws {
    let (one, two) = (try part([0, 1], sealing: true), try part([2, 3]))
    let done = try Scratch()
    _ = try Merge([one.study, two.study], output: done.study)
    for steps in 0...4 {
      let state = try Scratch()
      try store(steps == 0 ? [] : steps == 1 ? [0] : [0, 1, 2, 3], in: state)
      if steps > 0 { try state.write([0x28, 0xb5], to: state.journal + ".partial") }
      if steps >= 3 { try state.write(try done.bytes(done.trials), to: state.trials) }
      if steps >= 4 { try state.write(try done.bytes(done.curves), to: state.curves) }
      let merge = try Merge([two.study, one.study], output: state.study)
      #expect(merge.result.isSealed)
      #expect(try merge.result.digest == whole(), "\(steps) steps")
      #expect(!state.exists(state.study + "/journal"))
    }
  }

  @Test func `a study that is being written can be merged from, but not into`() throws {
    let (one, two) = (try part([0]), try Scratch())
    do {
      var archive = try StudyArchive(folder: two.study, plan: makePlan(), shard: 2)
      try archive.append(try makeTrial(seed: 1))
      let before = try two.files().filter { !$0.key.contains("/0.") }
      #expect(
        refusal([one.study], two.study) == "another batchlab process is writing to \(two.study)")
      #expect(try two.files().filter { !$0.key.contains("/0.") } == before)
      #expect(try Merge([two.study], output: one.study).result.trials == 2)
      try archive.append(try makeTrial(seed: 2))
    }
    #expect(try Merge([one.study], output: two.study).result.trials == 3)
  }

  @Test func `a damaged study is named before anything is written`() throws {
    let (one, two, output) = (try part([0]), try part([1], sealing: true), try Scratch())
    var bytes = try two.bytes(two.curves)
    bytes[70] ^= 2
    try two.write(bytes, to: two.curves)
    #expect(
      refusal([one.study, two.study], output.study)?.hasPrefix("\(two.curves) is damaged") == true)
    #expect(!output.exists(output.study))
  }

  @Test func `checkpoints of unfinished trials are counted`() throws {
    let scratch = try part([0])
    let folder = scratch.study + "/checkpoints"
    for seed in 0...2 {
      try CheckpointFile.write(
        [1], to: folder + "/" + trialID(of: makeSettings(seed: seed)))
    }
    let merge = try Merge([scratch.study], output: scratch.study)
    #expect(merge.checkpoints == [folder: 2])
  }
}
