import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

struct SealTests {
  @Test func `a sealed study is complete without its journal`() throws {
    let scratch = try Scratch()
    try store([0, 1, 2], in: scratch, sealing: true)
    #expect(!scratch.exists(scratch.study + "/journal"))
    #expect(!scratch.exists(scratch.trials + ".partial"))
    let study = try Study(folder: scratch.study, curves: true)
    #expect(study.isSealed)
    #expect(study.trials.flatMap(\.rows).count == 6)
    #expect(study.trials.flatMap(\.curve).count == 9)
    #expect(study.trials.count == 3)
    let report = try Verification(folder: scratch.study)
    #expect(report.isSealed)
    #expect(report.digest == study.digest)
    let counts: [Int] = [report.trials, report.rows, report.points, report.frames]
    #expect(counts == [3, 6, 9, 4])
    #expect(try ids(in: scratch) == ids([0, 1, 2]))
    #expect(!scratch.exists(scratch.study + "/journal"))
  }

  @Test func `rows are sorted by trial and target`() throws {
    let scratch = try Scratch()
    try store([4, 2, 0, 3, 1], in: scratch, sealing: true)
    let rows = try Study(folder: scratch.study).trials.flatMap(\.rows)
    let keys = rows.map { "\($0.result.trial) \($0.result.target)" }
    #expect(keys == keys.sorted())
    #expect(try Study(folder: scratch.study).trials.allSatisfy(\.curve.isEmpty))
  }

  @Test func `every column is in the first record and in every other`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    for (file, kind, count) in [(scratch.trials, "trial", 4), (scratch.curves, "point", 6)] {
      let rows = try objects(try scratch.bytes(file))
      let columns = Set(rows[0].keys)
      #expect(rows.allSatisfy { Set($0.keys) == columns })
      #expect(columns.isSuperset(of: ["kind", "schema", "rows", "trials", "digest", "trial"]))
      #expect(rows.dropLast().allSatisfy { $0["kind"] as? String == kind })
      #expect(rows.dropLast().allSatisfy { $0["digest"] is NSNull && $0["rows"] is NSNull })
      let seal = try #require(rows.last)
      #expect(seal["kind"] as? String == "seal")
      #expect(seal["rows"] as? Int == count)
      #expect(seal["trials"] as? Int == 2)
      #expect(seal["schema"] as? Int == schemaVersion)
      #expect(seal["trial"] is NSNull)
      #expect(rows.count == count + 1)
    }
  }

  @Test func `both files carry the same digest`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    let digests = try [scratch.trials, scratch.curves].map {
      try objects(try scratch.bytes($0)).last?["digest"] as? String
    }
    #expect(digests[0]?.count == 64)
    #expect(digests[0] == digests[1])
  }

  @Test func `appending after sealing starts a journal, and sealing again combines`() throws {
    let scratch = try Scratch()
    do {
      var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
      try archive.append(try makeTrial(seed: 0))
      try archive.seal()
      try archive.append(try makeTrial(seed: 1))
    }
    #expect(try Study(folder: scratch.study).isSealed == false)
    #expect(try Study(folder: scratch.study).trials.count == 2)
    #expect(try Verification(folder: scratch.study).trials == 2)
    try store([2], in: scratch, sealing: true)
    #expect(try Study(folder: scratch.study).isSealed)
    let together = try Scratch()
    try store([2, 1, 0], in: together, sealing: true)
    #expect(
      try Verification(folder: scratch.study).digest
        == Verification(folder: together.study).digest)
  }

  @Test func `a study without trials can be sealed and opened`() throws {
    let scratch = try Scratch()
    try store([], in: scratch, sealing: true)
    #expect(try objects(try scratch.bytes(scratch.trials)).count == 1)
    #expect(try Verification(folder: scratch.study).isSealed)
    try store([0], in: scratch, sealing: true)
    #expect(try Verification(folder: scratch.study).trials == 1)
  }

  @Test func `several shards are sealed together, but not while one is being written`() throws {
    let scratch = try Scratch()
    do {
      var zero = try StudyArchive(folder: scratch.study, plan: makePlan())
      var one = try StudyArchive(folder: scratch.study, plan: makePlan(), shard: 1)
      try zero.append(try makeTrial(seed: 0))
      try one.append(try makeTrial(seed: 1))
      var refusal: ArchiveError?
      do { try zero.seal() } catch { refusal = error }
      #expect(refusal == .busy(folder: scratch.study))
      #expect(!scratch.exists(scratch.trials))
      try one.append(try makeTrial(seed: 2))
    }
    #expect(try ids(in: scratch) == ids([0, 1, 2]))
    try store([3], in: scratch, sealing: true)
    #expect(try Study(folder: scratch.study).isSealed)
    #expect(try ids(in: scratch) == ids([0, 1, 2, 3]))
  }

  @Test func `sealing says whether there was something to seal`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    #expect(try archive.seal())
    #expect(try !archive.seal())
  }

  @Test func `sealing includes what other processes have sealed meanwhile`() throws {
    let scratch = try Scratch()
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    try archive.append(try makeTrial(seed: 0))
    try archive.seal()
    try store([1], in: scratch, sealing: true)
    try archive.append(try makeTrial(seed: 2))
    try archive.seal()
    let found = archive.trials.map(\.id)
    #expect(try Set(found) == ids([0, 1, 2]))
    #expect(try Verification(folder: scratch.study).trials == 3)
  }

  @Test func `a bit flipped anywhere in a sealed file is named by verify`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    for file in [scratch.trials, scratch.curves] {
      let whole = try scratch.bytes(file)
      // Five and eight have no common factor: every bit of a byte has its turn.
      for byte in stride(from: 0, to: whole.count, by: 5) {
        var flipped = whole
        flipped[byte] ^= 1 << (byte % 8)
        try scratch.write(flipped, to: file)
        let error = #expect(throws: ArchiveError.self, "byte \(byte) of \(file)") {
          try Verification(folder: scratch.study)
        }
        #expect(error?.description.contains(file) == true, "byte \(byte): \(error as Any)")
      }
      try scratch.write(whole, to: file)
    }
    _ = try Verification(folder: scratch.study)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/zstd")))
  func `the zstd tool reads a sealed file`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    let tool = Process()
    let output = Pipe()
    tool.executableURL = URL(filePath: "/usr/bin/zstd")
    tool.arguments = ["-dc", scratch.curves]
    tool.standardOutput = output
    try tool.run()
    let bytes = try #require(try output.fileHandleForReading.readToEnd())
    tool.waitUntilExit()
    #expect(tool.terminationStatus == 0)
    #expect(bytes.split(separator: newline).count == 7)
  }

  @Test func `a sealed file cut at any byte is refused by every reader`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch, sealing: true)
    for file in [scratch.trials, scratch.curves] {
      let whole = try scratch.bytes(file)
      for length in stride(from: 0, to: whole.count, by: 7) {
        try scratch.write(Array(whole[..<length]), to: file)
        #expect(throws: ArchiveError.self) { try Verification(folder: scratch.study) }
        #expect(throws: ArchiveError.self) { try Study(folder: scratch.study) }
        #expect(throws: ArchiveError.self) { try ids(in: scratch) }
        #expect(try scratch.bytes(file).count == length)
      }
      try scratch.write(whole, to: file)
    }
  }

  @Test func `files of two studies don't pass for one`() throws {
    let (one, two) = (try Scratch(), try Scratch())
    try store([0], in: one, sealing: true)
    try store([1], in: two, sealing: true)
    try one.write(try two.bytes(two.curves), to: one.curves)
    #expect(throws: ArchiveError.self) { try Verification(folder: one.study) }
    #expect(throws: ArchiveError.self) { try ids(in: one) }
  }

  @Test func `a seal over rows that were changed is refused by verify`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    let digest = try Verification(folder: scratch.study).digest
    let forged = try [makeTrial(seed: 0), makeTrial(seed: 1, score: 0.99)].sorted {
      $0.id < $1.id
    }
    var draft = try SealedFile.draft(
      StudyFolder(scratch.study).trials, trials: forged, digest: digest
    ) { trial throws(ArchiveError) in try trial.trialLines() }
    try draft.replace()
    let error = #expect(throws: ArchiveError.self) { try Verification(folder: scratch.study) }
    #expect(error?.description.contains("its seals say \(digest)") == true)
  }

  @Test func `the list shows each study and hides none that is damaged`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch, sealing: true)
    let copy = scratch.path + "/second"
    try FileManager.default.copyItem(atPath: scratch.study, toPath: copy)
    try scratch.write([1, 2, 3], to: copy + "/trials.jsonl.zst")
    let list = try StudySummary.list(scratch.path)
    #expect(list.map(\.folder) == [scratch.study, copy])
    let first = try list[0].summary.get()
    #expect(first.tasks == ["catch"])
    #expect(first.batches == [[16, 64]])
    #expect(first.trials == 1)
    #expect(first.isSealed)
    #expect(first.bytes > 1000)
    #expect(throws: ArchiveError.self) { try list[1].summary.get() }
    #expect(try StudySummary.list(scratch.study).count == 1)
  }
}
