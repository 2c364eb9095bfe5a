import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

/// Repair keeps what is sound, and running what was lost gives the study as it was.
struct RepairTests {
  private func sealed(_ seeds: [Int] = [0, 1, 2]) throws -> (Scratch, digest: String) {
    let scratch = try Scratch()
    try store(seeds, in: scratch, sealing: true)
    return (scratch, try Verification(folder: scratch.study).digest)
  }

  /// Appends those of the trials that are missing, as a sweep does, and seals.
  private func finish(_ scratch: Scratch, _ seeds: [Int] = [0, 1, 2]) throws -> String {
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    for seed in seeds {
      let trial = try makeTrial(seed: seed)
      let isThere = archive[trial.id] != nil
      if !isThere { try archive.append(trial) }
    }
    try archive.seal()
    return try Verification(folder: scratch.study).digest
  }

  /// A sealed file with a frame a trial, as a large study has frames of several trials.
  private func framed(
    _ trials: [TrialRecord], digest: String,
    lines: (TrialRecord) throws(ArchiveError) -> [UInt8]
  ) throws -> (bytes: [UInt8], frames: [Range<Int>]) {
    var (bytes, frames, rows): ([UInt8], [Range<Int>], [UInt8]) = ([], [], [])
    for trial in trials {
      let start = bytes.count
      rows += try lines(trial)
      bytes += try Zstd.compress(try lines(trial), level: Zstd.fastest)
      frames.append(start..<bytes.count)
    }
    var fingerprint = Fingerprint()
    fingerprint.add(bytes)
    let first = try #require(rows.split(separator: newline).first)
    let seal = SealLine(
      seal: Seal(
        rows: rows.count { $0 == newline }, trials: trials.count, digest: digest,
        framesDigest: fingerprint.text),
      columns: try JSONDecoder().decode(ColumnNames.self, from: Data(first)).names)
    bytes += try plainFrame(try canonicalJSON(seal, trial: "") + [newline])
    return (bytes, frames)
  }

  @Test func `a whole study is left alone`() throws {
    for isSealed in [true, false] {
      let scratch = try Scratch()
      try store([0, 1], in: scratch, sealing: isSealed)
      let before = try scratch.files()
      let repair = try Repair(folder: scratch.study)
      #expect(repair.files.isEmpty)
      #expect(repair.result.trials == 2)
      #expect(try scratch.files() == before)
    }
  }

  @Test func `a bit flipped at every 97th byte is named and repaired to the same digest`() throws {
    let (scratch, digest) = try sealed(isSoak ? [0, 1, 2] : [0, 1])
    for file in [scratch.trials, scratch.curves] {
      let whole = try scratch.bytes(file)
      for byte in stride(from: 0, to: whole.count, by: 97) {
        let state = try scratch.copy()
        let path = file == scratch.trials ? state.trials : state.curves
        var flipped = whole
        flipped[byte] ^= 1 << (byte / 97 % 8)
        try state.write(flipped, to: path)
        let error = #expect(throws: ArchiveError.self) { try Verification(folder: state.study) }
        #expect(error?.description.contains(path) == true, "byte \(byte): \(error as Any)")
        guard isSoak || (byte / 97).isMultiple(of: 4) else { continue }
        let repair = try Repair(folder: state.study)
        #expect(repair.files.contains { $0.name == path && $0.reason != nil }, "byte \(byte)")
        #expect(try state.bytes(path + ".damaged") == flipped)
        #expect(try finish(state, isSoak ? [0, 1, 2] : [0, 1]) == digest, "byte \(byte)")
      }
    }
  }

  @Test func `all trials in sound frames of a sealed file are kept`() throws {
    let (scratch, digest) = try sealed()
    let trials = try [0, 1, 2].map { try makeTrial(seed: $0) }.sorted { $0.id < $1.id }
    let rows = try framed(trials, digest: digest) { trial throws(ArchiveError) in
      try trial.trialLines()
    }
    let points = try framed(trials, digest: digest) { trial throws(ArchiveError) in
      try trial.curveLines()
    }
    for (lostRow, lostPoints) in [(0, 0), (1, nil), (nil, 2), (0, 2)] as [(Int?, Int?)] {
      let state = try scratch.copy()
      var (first, second) = (rows.bytes, points.bytes)
      if let lostRow { first[rows.frames[lostRow].lowerBound + 40] ^= 8 }
      if let lostPoints { second[points.frames[lostPoints].lowerBound + 40] ^= 8 }
      try state.write(first, to: state.trials)
      try state.write(second, to: state.curves)
      #expect(throws: ArchiveError.self) { try Verification(folder: state.study) }
      let repair = try Repair(folder: state.study)
      let lost = Set([lostRow, lostPoints].compactMap(\.self))
      let kept = trials.indices.filter { !lost.contains($0) }.map { trials[$0].id }
      #expect(try ids(in: state) == Set(kept))
      #expect(repair.files.map(\.lostTrials) == [lost.count, lost.count])
      #expect(repair.files[0].isLostExact && repair.files[1].isLostExact)
      #expect(repair.files[0].lostBytes == (lostRow.map { rows.frames[$0].count } ?? 0))
      #expect(repair.files[1].lostBytes == (lostPoints.map { points.frames[$0].count } ?? 0))
      #expect(repair.files[0].description.contains(", \(Format.counted(lost.count, "trial")) lost"))
      #expect(try finish(state) == digest)
    }
  }

  @Test func `a journal keeps all frames but the damaged one`() throws {
    let scratch = try Scratch()
    var ends = [0]
    for seed in 0..<3 {
      try store([seed], in: scratch)
      ends.append(try scratch.bytes(scratch.journal).count)
    }
    let whole = try scratch.bytes(scratch.journal)
    let digest = try Verification(folder: scratch.study).digest
    for byte in stride(from: 2, to: ends[2], by: 97) {
      let state = try scratch.copy()
      var flipped = whole
      flipped[byte] ^= 1 << (byte % 8)
      try state.write(flipped, to: state.journal)
      guard (try? Verification(folder: state.study)) == nil else {
        // A match within the frame has moved to another copy of the same text.
        #expect(try Verification(folder: state.study).digest == digest)
        continue
      }
      let repair = try Repair(folder: state.study)
      let hit = byte < ends[1] ? 0 : 1
      #expect(try ids(in: state) == ids([0, 1, 2].filter { $0 != hit }), "byte \(byte)")
      #expect(repair.files.map(\.lostBytes) == [ends[hit + 1] - ends[hit]], "byte \(byte)")
      #expect(try state.bytes(state.journal + ".damaged") == flipped)
      #expect(try finish(state) == digest)
    }
  }

  @Test func `a journal cut at any byte is repaired to its whole frames`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    let first = try scratch.bytes(scratch.journal).count
    try store([1], in: scratch)
    let whole = try scratch.bytes(scratch.journal)
    // The reader is tried at every byte (see JournalTests), its files here at some (at all of them
    // by `make soak`), and around the ends of frames.
    let lengths = (0...whole.count).filter { length in
      isSoak || length.isMultiple(of: 211)
        || [0, first, whole.count].contains { abs($0 - length) < 6 }
    }
    for length in lengths {
      try scratch.write(Array(whole[..<length]), to: scratch.journal)
      let repair = try Repair(folder: scratch.study)
      let end = length == whole.count ? length : length >= first ? first : 0
      #expect(repair.result.trials == (length == whole.count ? 2 : length >= first ? 1 : 0))
      #expect(repair.files.map(\.lostBytes) == (length == end ? [] : [length - end]))
      #expect(scratch.exists(scratch.journal) == (end > 0))
      if end > 0 { #expect(try scratch.bytes(scratch.journal) == Array(whole[..<end])) }
      #expect(!scratch.exists(scratch.journal + ".damaged"))
      try FileManager.default.createDirectory(
        atPath: scratch.study + "/journal", withIntermediateDirectories: true)
    }
  }

  @Test func `files that were damaged before are not overwritten`() throws {
    let (scratch, digest) = try sealed()
    var states: [[UInt8]] = []
    for byte in [60, 90] {
      var flipped = try scratch.bytes(scratch.trials)
      flipped[byte] ^= 1
      states.append(flipped)
      try scratch.write(flipped, to: scratch.trials)
      _ = try Repair(folder: scratch.study)
      #expect(try finish(scratch) == digest)
    }
    #expect(try scratch.bytes(scratch.trials + ".damaged") == states[0])
    #expect(try scratch.bytes(scratch.trials + ".damaged.2") == states[1])
  }

  @Test func `a missing file loses its trials, unless a journal has them`() throws {
    for missing in [\Scratch.trials, \Scratch.curves] {
      let (scratch, digest) = try sealed([0, 1])
      try store([2], in: scratch)
      try FileManager.default.removeItem(atPath: scratch[keyPath: missing])
      let repair = try Repair(folder: scratch.study)
      #expect(try ids(in: scratch) == ids([2]))
      #expect(repair.files.map(\.lostTrials) == [2, 2])
      #expect(try finish(scratch, [0, 1]) != digest)
      #expect(try Verification(folder: scratch.study).trials == 3)
    }
  }

  @Test func `trials and curves of two studies give none that they don't share`() throws {
    let (one, two) = (try sealed([0, 1]).0, try sealed([1, 2]).0)
    try one.write(try two.bytes(two.curves), to: one.curves)
    _ = try Repair(folder: one.study)
    #expect(try ids(in: one) == ids([1]))
  }

  @Test func `a repair that was killed is finished by the next one`() throws {
    let (scratch, digest) = try sealed()
    var points = try scratch.bytes(scratch.curves)
    points[points.count - 20] ^= 1
    try scratch.write(points, to: scratch.curves)
    for steps in 1...3 {
      let state = try scratch.copy()
      // The trials stand in a journal; then one file after the other is set aside.
      var journal = try Journal.open(
        StudyFolder(state.study).journal(1), study: StudyFolder(state.study))
      for seed in 0..<(steps == 1 ? 1 : 3) { try journal.append(try makeTrial(seed: seed)) }
      _ = consume journal
      if steps == 3 {
        try FileManager.default.moveItem(atPath: state.curves, toPath: state.curves + ".damaged")
      } else {
        #expect(throws: ArchiveError.self) { try Verification(folder: state.study) }
        #expect(try Repair(folder: state.study).files.count == 2)
      }
      #expect(try ids(in: state) == ids([0, 1, 2]), "\(steps) steps")
      #expect(try finish(state) == digest)
    }
  }

  @Test func `a damaged plan is not repaired, and nothing is touched`() throws {
    let (scratch, _) = try sealed()
    let plan = scratch.planJSON
    let text = String(decoding: try scratch.bytes(plan), as: UTF8.self)
    var rows = try scratch.bytes(scratch.trials)
    rows[50] ^= 1
    try scratch.write(rows, to: scratch.trials)
    for damage in [#""horizon":["#, #""horizon":9"#] {
      let damaged = text.replacingOccurrences(of: #""horizon":8"#, with: damage)
      try scratch.write(Array(damaged.utf8), to: plan)
      let before = try scratch.files()
      let error = #expect(throws: ArchiveError.self) { try Repair(folder: scratch.study) }
      #expect(error?.description.hasPrefix(plan + ":") == true)
      #expect(error?.description.contains("a plan can't be repaired") == true)
      #expect(try scratch.files() == before)
    }
  }

  @Test func `a study that is being written is not repaired`() throws {
    let scratch = try Scratch()
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan(), shard: 3)
    try archive.append(try makeTrial())
    let error = #expect(throws: ArchiveError.self) { try Repair(folder: scratch.study) }
    #expect(error == .busy(folder: scratch.study))
    try archive.append(try makeTrial(seed: 1))
    #expect(try Verification(folder: scratch.study).trials == 2)
  }
}
