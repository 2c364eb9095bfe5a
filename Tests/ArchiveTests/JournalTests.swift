import Foundation
import Glibc
import Records
import TestSupport
import Testing

@testable import Archive

struct JournalTests {
  @Test func `stored trials come back unchanged`() throws {
    let scratch = try Scratch()
    try store([3, 1, 2], in: scratch)
    let archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    let found = archive.trials
    let expected = try [1, 2, 3].map { try makeTrial(seed: $0) }.sorted { $0.id < $1.id }
    #expect(found == expected)
    let one = archive[expected[0].id]
    #expect(one == expected[0])
    let none = archive["0"]
    #expect(none == nil)
  }

  @Test func `a journal cut at any byte keeps exactly its whole frames`() throws {
    let scratch = try Scratch()
    var ends: [Int] = []
    do {
      var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
      for seed in 0..<3 {
        try archive.append(try makeTrial(seed: seed))
        ends.append(try scratch.bytes(scratch.journal).count)
      }
    }
    let whole = try scratch.bytes(scratch.journal)
    #expect(ends.last == whole.count)
    let file = StudyFolder(scratch.study).journal(0)
    for length in 0...whole.count {
      let contents = try JournalContents(
        Array(whole[..<length]), file: file, curves: false)
      let kept = ends.count { $0 <= length }
      #expect(contents.trials.count == kept, "cut at \(length)")
      #expect(contents.length == (kept == 0 ? 0 : ends[kept - 1]), "cut at \(length)")
      #expect(contents.tornBytes == length - contents.length, "cut at \(length)")
    }
  }

  @Test func `a torn tail is dropped and reported, and the trial can be stored again`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch)
    let whole = try scratch.bytes(scratch.journal)
    try scratch.write(Array(whole.dropLast(7)), to: scratch.journal)
    #expect(try Study(folder: scratch.study).tornBytes > 0)
    do {
      var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
      let dropped = archive.droppedBytes
      #expect(dropped > 0)
      let length = try scratch.bytes(scratch.journal).count
      #expect(length == whole.count - 7 - dropped)
      let found = archive.trials.map(\.id)
      #expect(try Set(found) == ids([0]))
      try archive.append(try makeTrial(seed: 1))
    }
    #expect(try scratch.bytes(scratch.journal) == whole)
  }

  @Test func `a tail of zeros is a torn tail`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    let whole = try scratch.bytes(scratch.journal)
    try scratch.write(whole + [UInt8](repeating: 0, count: 512), to: scratch.journal)
    #expect(try ids(in: scratch) == ids([0]))
    #expect(try scratch.bytes(scratch.journal) == whole)
  }

  @Test func `damage within a journal is named, and nothing is overwritten`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    let first = try scratch.bytes(scratch.journal).count
    try store([1, 2], in: scratch)
    let whole = try scratch.bytes(scratch.journal)
    let file = StudyFolder(scratch.study).journal(0)
    for byte in stride(from: 0, to: first, by: 13) {
      var damaged = whole
      damaged[byte] ^= 1 << (byte % 8)
      try scratch.write(damaged, to: scratch.journal)
      // A match within the frame may have moved to another copy of the same text.
      guard (try? JournalContents(damaged, file: file)) == nil else { continue }
      let error = #expect(throws: ArchiveError.self) {
        _ = try StudyArchive(folder: scratch.study, plan: makePlan()).trials
      }
      #expect(
        error?.description.hasPrefix("\(scratch.journal) is damaged at byte 0: ") == true,
        "byte \(byte): \(String(describing: error))")
      #expect(try scratch.bytes(scratch.journal) == damaged)
    }
  }

  @Test func `a flipped checksum of the last frame is damage, not a torn tail`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch)
    var bytes = try scratch.bytes(scratch.journal)
    bytes[bytes.count - 1] ^= 4
    try scratch.write(bytes, to: scratch.journal)
    #expect(throws: ArchiveError.self) { try ids(in: scratch) }
    #expect(try scratch.bytes(scratch.journal) == bytes)
  }

  @Test func `a file that is not an archive is refused in one sentence`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    try scratch.write(Array("batch,updates\n16,40\n".utf8), to: scratch.journal)
    let error = #expect(throws: ArchiveError.self) { try ids(in: scratch) }
    #expect(
      error?.description
        == "\(scratch.journal) is damaged at byte 0: no zstd frame starts here")
  }

  @Test func `a second writer of a study is refused`() throws {
    let scratch = try Scratch()
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    let error = #expect(throws: ArchiveError.self) { try ids(in: scratch) }
    #expect(error?.description == "another batchlab process is writing to \(scratch.study)")
    try archive.append(try makeTrial())
    #expect(try Study(folder: scratch.study).trials.count == 1)
  }

  @Test func `the lock is released with the archive`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    #expect(try ids(in: scratch) == ids([0]))
  }

  @Test func `a trial is stored once`() throws {
    let scratch = try Scratch()
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    try archive.append(try makeTrial())
    var refusal: ArchiveError?
    let trial = try makeTrial()
    do { try archive.append(trial) } catch { refusal = error }
    #expect(refusal?.description.contains("already stored") == true)
  }

  @Test func `a number that is not finite is refused and names trial and column`() throws {
    let scratch = try Scratch()
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    let trial = try makeTrial(score: .nan)
    var refusal: ArchiveError?
    do { try archive.append(trial) } catch { refusal = error }
    let reason = "score is nan, not a finite number"
    #expect(refusal?.description == "trial \(trial.id) can't be archived: \(reason)")
    try archive.append(try makeTrial(seed: 1))
    let found = archive.trials.count
    #expect(found == 1)
  }

  @Test func `an id that doesn't match the settings is refused`() throws {
    let scratch = try Scratch()
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    var rows = try makeTrial().rows
    for index in rows.indices { rows[index].settings.learningRate = 1 }
    let trial = try TrialRecord(rows: rows, curve: [])
    var refusal: ArchiveError?
    do { try archive.append(trial) } catch { refusal = error }
    #expect(refusal?.description.contains("the id of its settings is") == true)
  }

  @Test func `a full disk loses only the trial that did not fit`() async {
    await #expect(processExitsWith: .success) {
      _ = signal(SIGXFSZ, SIG_IGN)
      let scratch = try Scratch()
      do {
        var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
        try archive.append(try makeTrial(seed: 0))
        let length = try scratch.bytes(scratch.journal).count
        var limit = rlimit(rlim_cur: 20_000, rlim_max: 20_000)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        let noise = (0..<100_000).map { _ in String(UInt8.random(in: 0...15), radix: 16) }
        var refusal: ArchiveError?
        do { try archive.append(try makeTrial(seed: 1, host: noise.joined())) } catch {
          refusal = error as? ArchiveError
        }
        #expect(refusal?.description == "can't append to \(scratch.journal): File too large")
        #expect(try scratch.bytes(scratch.journal).count == length)
        try archive.append(try makeTrial(seed: 2))
      }
      #expect(try ids(in: scratch) == ids([0, 2]))
    }
  }

  private func add(_ seeds: some Sequence<Int>, to scratch: Scratch) throws {
    let study = StudyFolder(scratch.study)
    var journal = try Journal.open(study.journal(0), study: study)
    try journal.add(try seeds.map { try makeTrial(seed: $0) })
  }

  @Test func `many trials at once replace a journal, which is not written to`() throws {
    let (scratch, other) = (try Scratch(), try Scratch())
    try store([0, 1], in: scratch)
    let before = try scratch.bytes(scratch.journal)
    let old = scratch.path + "/old"
    try FileManager.default.linkItem(atPath: scratch.journal, toPath: old)
    let study = StudyFolder(scratch.study)
    do {
      var journal = try Journal.open(study.journal(0), study: study)
      try journal.add(try [2, 3].map { try makeTrial(seed: $0) })
      // What has the name now is locked, too.
      let error = #expect(throws: ArchiveError.self) { try ids(in: scratch) }
      #expect(error == .busy(folder: scratch.study))
      try journal.append(try makeTrial(seed: 4))
    }
    #expect(try scratch.bytes(old) == before)
    try store([0, 1, 2, 3, 4], in: other)
    #expect(try scratch.bytes(scratch.journal) == other.bytes(other.journal))
    #expect(!scratch.exists(scratch.journal + ".partial"))
  }

  @Test func `a power cut while many trials are added loses none that was there`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch)
    let before = try scratch.bytes(scratch.journal)
    let done = try scratch.copy()
    try add(2..<30, to: done)
    #expect(try ids(in: done) == ids(Array(0..<30)))
    let whole = try done.bytes(done.journal)
    let page = 4096
    var damaged = 0
    for start in stride(from: 0, to: whole.count, by: page) {
      var holed = whole
      for byte in start..<min(start + page, whole.count) { holed[byte] = 0 }
      let file = StudyFolder(scratch.study).journal(0)
      if (try? JournalContents(holed, file: file)) == nil { damaged += 1 }
      for written in [holed, Array(whole[..<start])] {
        try scratch.write(written, to: scratch.journal + ".partial")
        #expect(try Study(folder: scratch.study).trials.count == 2)
        #expect(try ids(in: scratch) == ids([0, 1]))
        #expect(try scratch.bytes(scratch.journal) == before)
        #expect(!scratch.exists(scratch.journal + ".partial"))
      }
    }
    // As the journal itself most of them would lose everything.
    #expect(damaged > 2)
    try add(2..<30, to: scratch)
    #expect(try scratch.bytes(scratch.journal) == whole)
  }

  @Test func `one of many trials that can't be archived leaves the journal as it was`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    let before = try scratch.files()
    let error = #expect(throws: ArchiveError.self) {
      let study = StudyFolder(scratch.study)
      var journal = try Journal.open(study.journal(0), study: study)
      try journal.add([try makeTrial(seed: 1), try makeTrial(seed: 2, score: .nan)])
    }
    #expect(error?.description.contains("score is nan, not a finite number") == true)
    #expect(try scratch.files() == before)
  }

  @Test func `a missing folder and one without a plan are named`() throws {
    let scratch = try Scratch()
    let missing = #expect(throws: ArchiveError.self) { try Study(folder: scratch.study) }
    #expect(
      missing?.description == "\(scratch.study) is not a study: there is no such folder")
    let empty = #expect(throws: ArchiveError.self) { try Verification(folder: scratch.path) }
    #expect(empty?.description == "\(scratch.path) is not a study: it holds no plan.json")
  }

  @Test func `a folder that can't be written is named`() throws {
    // /proc takes no new files from anyone, root included.
    let error = #expect(throws: ArchiveError.self) {
      _ = try StudyArchive(folder: "/proc/quick", plan: makePlan()).trials
    }
    #expect(error?.description == "can't create /proc/quick: No such file or directory")
  }

  @Test func `looking at a study leaves no journal behind`() throws {
    let scratch = try Scratch()
    #expect(try ids(in: scratch).isEmpty)
    #expect(!scratch.exists(scratch.study + "/journal"))
    #expect(scratch.exists(scratch.planJSON))
  }
}
