import Foundation
import Records
import Synchronization
import TestSupport
import Testing

@testable import Archive

/// Damage that looks like something harmless, and harmless states that look like damage.
struct DamageTests {
  private func sealed(_ seeds: [Int]) throws -> (Scratch, digest: String) {
    let scratch = try Scratch()
    try store(seeds, in: scratch, sealing: true)
    return (scratch, try Verification(folder: scratch.study).digest)
  }

  @Test func `a changed byte of the last frame is damage and never a torn tail`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    let first = try scratch.bytes(scratch.journal).count
    try store([1], in: scratch)
    let whole = try scratch.bytes(scratch.journal)
    let file = StudyFolder(scratch.study).journal(0)
    var mended = 0
    // The headers stand in the first bytes; further on, a change is found by the checksum.
    for byte in Array(first..<first + 24) + Array(stride(from: first + 24, to: whole.count, by: 97))
    {
      for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] as [UInt8] {
        var damaged = whole
        damaged[byte] ^= mask
        // A match within the frame may have moved to another copy of the same text.
        if let contents = try? JournalContents(damaged, file: file) {
          #expect(contents.trials.count == 2 && contents.tornBytes == 0, "byte \(byte), \(mask)")
          continue
        }
        guard byte < first + 24, mask != 255 else { continue }
        try scratch.write(damaged, to: scratch.journal)
        #expect(throws: ArchiveError.self) { try ids(in: scratch) }
        #expect(try scratch.bytes(scratch.journal) == damaged)
        let repair = try Repair(folder: scratch.study)
        #expect(repair.result.trials >= 1)
        if repair.result.trials == 2 {
          mended += 1
          #expect(try scratch.bytes(scratch.journal) == whole)
        }
        try? scratch.remove(scratch.journal + ".damaged")
        try scratch.write(whole, to: scratch.journal)
      }
    }
    #expect(mended > 20)
  }

  @Test func `a changed flag in a frame of many blocks is damage, too`() throws {
    var draws = Draws(3)
    let content = (0..<80 << 17).map { _ in UInt8(truncatingIfNeeded: draws.next()) }
    let frame = try Zstd.compress(content, level: Zstd.fastest)
    // Magic, descriptor, window and the size of the content; then headers of three bytes.
    let sizes = [frame[4] & 32 != 0 ? 1 : 0, 2, 4, 8]
    var place = 5 + (frame[4] & 32 != 0 ? 0 : 1) + sizes[Int(frame[4] >> 6)]
    var blocks = 1
    while frame[place] & 1 == 0 {
      let header = Int(frame[place]) | Int(frame[place + 1]) << 8 | Int(frame[place + 2]) << 16
      place += 3 + header >> 3
      blocks += 1
    }
    #expect(blocks == 80)
    var damaged = frame
    damaged[place] ^= 1
    let file = StudyFolder("long").journal(0)
    let error = #expect(throws: ArchiveError.self) { try JournalContents(damaged, file: file) }
    #expect(error?.description.contains("one of its headers is damaged") == true)
    #expect(try JournalContents(Array(frame.dropLast()), file: file).tornBytes == frame.count - 1)
  }

  @Test func `curves that are empty or end between frames cost no rows`() throws {
    let (scratch, _) = try sealed([0, 1, 2])
    let bytes = try scratch.bytes(scratch.curves)
    var walker = FrameWalker(bytes)
    guard case .frame(let first) = try walker.next() else { return }
    for length in [0, first.range.upperBound] {
      let copy = try scratch.copy()
      try copy.write(bytes.prefix(length), to: copy.curves)
      let repair = try Repair(folder: copy.study)
      #expect(repair.result.trials == 3, "\(length)")
    }
  }

  @Test func `journals are read whatever their numbers`() throws {
    let names = ["0", "01", "-1", "9223372036854775807", "99999999999999999999", "copy of 1"]
    let scratch = try Scratch()
    for (seed, name) in names.enumerated() {
      let other = try Scratch()
      try store([seed], in: other)
      try scratch.write(
        try other.bytes(other.journal), to: scratch.study + "/journal/\(name).jsonl.zst")
      if seed == 0 { try scratch.write(try other.bytes(other.planJSON), to: scratch.planJSON) }
    }
    #expect(try Verification(folder: scratch.study).trials == names.count)
    let damaged = try scratch.copy()
    try damaged.write([1, 2, 3], to: damaged.trials)
    let repair = try Repair(folder: damaged.study)
    #expect(repair.result.trials == names.count)
    #expect(try Merge([scratch.study], output: scratch.study).result.trials == names.count)
    #expect(!scratch.exists(scratch.study + "/journal"))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a hostile journal takes no more than seconds`() throws {
    // Every nine bytes another frame begins, whose blocks each skip the start of the next one: every
    // frame runs through all of the others, and none has an end.
    let start: [UInt8] = FrameWalker.magic + [0b0010_0100, 200]
    let one: [UInt8] = start + [6 << 3, 0, 0]
    let starts = [UInt8](repeatElement(one, count: 200_000).joined())
    let file = StudyFolder("hostile").journal(0)
    for bytes in [starts, start + [UInt8](repeating: 0, count: 999_999) + starts] {
      #expect(throws: ArchiveError.self) { try JournalContents(bytes, file: file) }
      var walker = FrameWalker(bytes)
      #expect(walker.salvage { _ in }.reduce(0) { $0 + $1.count } == bytes.count)
    }
  }

  /// Every change of a header's byte gives a frame that ends well and claims 32 MiB, and none does.
  @Test(.timeLimit(.minutes(1)))
  func `a small frame that claims a large content takes no more than seconds`() {
    let size = 256 << 17
    let start: [UInt8] =
      FrameWalker.magic + [0b1010_0100]
      + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
    func block(_ count: Int, kind: Int, isLast: Bool = false) -> [UInt8] {
      let header = count << 3 | kind << 1 | (isLast ? 1 : 0)
      return (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) } + (kind == 1 ? [7] : [])
    }
    let repeated = [[UInt8]](repeating: block(1 << 17, kind: 1), count: 256)
    let empty = [[UInt8]](repeating: block(0, kind: 0), count: 300)
    let bytes = start + repeated.joined() + empty.joined() + block(1, kind: 0) + [1, 0, 0, 1, 2, 3]
    for length in bytes.count - 8...bytes.count {
      _ = try? JournalContents(Array(bytes.prefix(length)), file: StudyFolder("h").journal(0))
    }
  }

  @Test func `a damaged byte in the curves costs no rows`() throws {
    let (scratch, digest) = try sealed([0, 1, 2])
    let whole = try scratch.copy()
    try scratch.flipByte(of: scratch.curves, at: 60)
    let repair = try Repair(folder: scratch.study)
    #expect(repair.result.trials == 3 && repair.result.lostCurves == 3)
    let words = "0 trials kept, 3 trials lost (in 3 of them only the curve)"
    #expect(repair.files.last?.description.contains(words) == true)
    #expect(
      repair.result.description.contains("3 trials (3 without their curves), 6 rows, 0 points"))
    // A sweep runs them again;
    let again = try scratch.copy()
    #expect(try ids(in: again) == [])
    try store([0, 1, 2], in: again, sealing: true)
    #expect(try Verification(folder: again.study).digest == digest)
    // a merge seals them without their curves,
    try store([3], in: scratch, sealing: true)
    let state = try Verification(folder: scratch.study)
    #expect(state.isSealed && state.trials == 4 && state.lostCurves == 3)
    #expect(try Study(folder: scratch.study).trials.count == 4)
    // and another study that has them gives them back.
    let both = try Merge([scratch.study, whole.study], output: scratch.study)
    #expect(both.result.lostCurves == 0 && both.result.isSealed)
    let other = try sealed([0, 1, 2, 3])
    #expect(both.result.digest == other.digest && digest != other.digest)
  }

  @Test func `a plan that was swapped while the study ran keeps it from being sealed`() throws {
    let scratch = try Scratch()
    do {
      var archive = try StudyArchive(
        folder: scratch.study, plan: makePlan(), given: "tasks: [catch]")
      try archive.append(try makeTrial())
      try scratch.write("tasks: [pong]", to: scratch.planYAML)
      var refusal: ArchiveError?
      do { try archive.seal() } catch { refusal = error }
      #expect(refusal?.description.contains("plan.yaml was replaced") == true)
      #expect(!scratch.exists(scratch.trials))
      try scratch.write("tasks: [catch]", to: scratch.planYAML)
      try archive.seal()
    }
    #expect(try Verification(folder: scratch.study).isSealed)
  }

  @Test func `a name that is too long is said to be that`() throws {
    let scratch = try Scratch()
    let name = String(repeating: "x", count: 300)
    let error = #expect(throws: ArchiveError.self) {
      try StudyArchive(folder: scratch.path + "/" + name, plan: makePlan()).trials
    }
    let words = error?.description ?? ""
    #expect(words.hasSuffix("…: the name is too long; a name has at most 255 bytes"), "\(words)")
    #expect(!words.contains(name))
  }

  /// Readers look at a study that is sealed again and again, each time with another trial. They are
  /// threads, because tasks could leave none for the writer.
  @Test func `readers never call a study damaged that is sealed meanwhile`() throws {
    let scratch = try Scratch()
    let seals = isSoak ? 400 : 40
    var plan = makePlan()
    plan.measuringSeeds = seals + 1
    func store(_ seed: Int, in scratch: Scratch, sealing: Bool) throws {
      var archive = try StudyArchive(folder: scratch.study, plan: plan)
      try archive.append(try makeTrial(seed: seed))
      if sealing { try archive.seal() }
    }
    try store(0, in: scratch, sealing: true)
    let seen = Mutex((reads: 0, isOver: false, faults: [String]()))
    let ended = DispatchSemaphore(value: 0)
    for reader in 0..<2 {
      Thread.detachNewThread {
        var found = 1
        while !seen.withLock({ $0.isOver }) {
          do {
            let now =
              try reader == 0
              ? Verification(folder: scratch.study).trials
              : Study(folder: scratch.study).trials.count
            if now < found { seen.withLock { $0.faults.append("\(now) after \(found)") } }
            found = now
          } catch {
            seen.withLock { $0.faults.append("\(error)") }
          }
          seen.withLock { $0.reads += 1 }
        }
        ended.signal()
      }
    }
    defer {
      seen.withLock { $0.isOver = true }
      for _ in 0..<2 { ended.wait() }
      seen.withLock { found in
        #expect(found.faults == [])
        #expect(found.reads > 10)
      }
    }
    for seed in 1...seals {
      if seed.isMultiple(of: 2) {
        try store(seed, in: scratch, sealing: true)
      } else {
        let part = try Scratch()
        try store(seed, in: part, sealing: false)
        _ = try Merge([part.study], output: scratch.study)
      }
    }
  }
}
