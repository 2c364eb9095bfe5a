import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Archive

/// Folders that can't be listed or looked at, links in them, and files that are not complete yet.
struct FolderTests {
  /// Shards of one study that is not sealed.
  private func unsealed(_ seeds: [Int] = [0, 1]) throws -> Scratch {
    let scratch = try Scratch()
    for seed in seeds {
      var archive = try StudyArchive(folder: scratch.study, plan: makePlan(), shard: seed)
      try archive.append(try makeTrial(seed: seed))
    }
    return scratch
  }

  @Test func `only what the system says is not there counts as absent`() throws {
    let scratch = try Scratch()
    try scratch.write("a file", to: "file")
    #expect(try !FilePath(scratch.path + "/nothing").exists)
    #expect(try FilePath(scratch.path + "/nothing").names() == [])
    for path in [
      scratch.path + "/file/within", scratch.path + "/" + String(repeating: "n", count: 300),
    ] {
      #expect(throws: ArchiveError.self, "\(path)") { try FilePath(path).exists }
      #expect(throws: ArchiveError.self, "\(path)") { try FilePath(path).names() }
      #expect(throws: ArchiveError.self, "\(path)") { try FilePath(path).bytesIfThere() }
    }
    let error = #expect(throws: ArchiveError.self) { try FilePath(scratch.path + "/file").names() }
    #expect(error?.description == "can't list \(scratch.path)/file: Not a directory")
    #expect(try FilePath(scratch.path).names() == ["file"])
  }

  @Test func `a journal that changed after it was read is not removed`() throws {
    let scratch = try unsealed()
    let study = StudyFolder(scratch.study)
    let paths = try study.journalFiles()
    let locks = try JournalLocks(paths, study: study)
    defer { locks.release() }
    let contents = try StudyContents(study)
    func remove(isElsewhere: (String) -> Bool = { _ in true }) -> ArchiveError? {
      do throws(ArchiveError) {
        try locks.remove(read: contents.journals, isElsewhere: isElsewhere)
        return nil
      } catch {
        return error
      }
    }
    let whole = try scratch.bytes(scratch.journal)
    let words = "is not removed"
    // A trial that is nowhere else.
    let last = try trialID(of: makeSettings(seed: 1))
    #expect(remove { $0 != last }?.description.contains(words) == true)
    // More bytes than were read.
    let file = try FileHandle(forWritingTo: scratch.url(scratch.journal))
    try file.seekToEnd()
    try file.write(contentsOf: Data([1]))
    #expect(remove()?.description.contains(words) == true)
    try file.truncate(atOffset: UInt64(whole.count))
    // Another file of that name.
    try scratch.move(scratch.journal, scratch.journal + ".kept")
    try scratch.write("another", to: scratch.journal)
    #expect(remove() == nil)
    #expect(scratch.text(scratch.journal) == "another")
    #expect(try scratch.bytes(scratch.journal + ".kept") == whole)
  }

  /// Every place in a study that may be written or removed, and a name outside.
  @Test(arguments: [
    "plan.json", "plan.yaml", "trials.jsonl.zst", "curves.jsonl.zst", "fits.json", "journal",
    "journal/0.jsonl.zst", "journal/7.jsonl.zst", "checkpoints", "checkpoints/some", "growth",
    "growth/some", "grown",
  ]) func `a link in a study is not written or removed behind`(name: String) throws {
    let scratch = try unsealed()
    if name.hasPrefix("trials") || name.hasPrefix("curves") {
      try store([], in: scratch, sealing: true)
    }
    let place = scratch.study + "/" + name
    let outside = scratch.path + "/outside"
    if scratch.exists(place) {
      try scratch.move(place, outside)
    } else if name.contains(".") || name.contains("some") {
      try scratch.write([], to: outside)
    } else {
      try scratch.write("mine", to: outside + "/0.jsonl.zst")
    }
    try FileManager.default.createDirectory(
      at: scratch.url(place).deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: outside)
    func state() throws -> [String: [UInt8]] {
      Dictionary(
        uniqueKeysWithValues: try scratch.contents().map { ($0, (try? scratch.bytes($0)) ?? []) })
    }
    let before = try state()
    let works: [() throws -> Void] = [
      { try store([5], in: scratch, sealing: true) },
      { _ = try Merge([scratch.study], output: scratch.study) },
      { _ = try Repair(folder: scratch.study) },
    ]
    for work in works {
      let error = #expect(throws: ArchiveError.self) { try work() }
      if name != "grown", !name.hasPrefix("journal/7") {
        #expect(error?.description.contains("symbolic link") == true, "\(error as Any)")
        #expect(error?.description.contains(name) == true, "\(error as Any)")
      }
      #expect(try state() == before)
    }
  }

  @Test func `a name that is no text is not overlooked`() throws {
    let scratch = try unsealed([0])
    let odd =
      Array("\(scratch.study)/journal/".utf8CString.dropLast()) + [-1]
      + Array(".jsonl.zst".utf8CString)
    #expect(unsafe rename(scratch.journal, odd) == 0)
    #expect(throws: ArchiveError.self) { try Verification(folder: scratch.study) }
    #expect(throws: ArchiveError.self) { try Merge([scratch.study], output: scratch.study) }
    #expect(!scratch.exists(scratch.trials))
    // One that can't be a journal is someone else's.
    let other = try unsealed([0])
    let note = Array("\(other.study)/caf".utf8CString.dropLast()) + [-23, 0]
    try other.write("note", to: "note")
    #expect(unsafe rename(other.path + "/note", note) == 0)
    #expect(try Verification(folder: other.study).trials == 1)
  }

  @Test(arguments: ["journal/0.jsonl.zst", "plan.json", "trials.jsonl.zst"])
  func `a pipe or a device in a study is refused`(name: String) throws {
    for device in [nil, "/dev/zero"] {
      let scratch = try Scratch()
      try store([0], in: scratch, sealing: name.hasPrefix("trials"))
      let place = scratch.study + "/" + name
      if scratch.exists(place) { try scratch.remove(place) }
      if let device {
        try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: device)
      } else {
        #expect(unsafe mkfifo(place, 0o644) == 0)
      }
      let error = #expect(throws: ArchiveError.self) {
        try Verification(folder: scratch.study)
      }
      if name.hasPrefix("journal"), device == nil {
        #expect(throws: ArchiveError.self) { try Repair(folder: scratch.study) }
        #expect(scratch.exists(place))
      }
      #expect(error?.description.contains("it is a pipe or a device") == true, "\(error as Any)")
    }
  }

  @Test func `only drafts of the archive are removed`() throws {
    let scratch = try unsealed()
    let own = [
      "notes.partial", "data.partial/x", "a.0123456789abcdef.partial",
      "backup.jsonl.zst.partial", "trials.jsonl.zst.1a2b3c4d.partial",
      "journal/notes.jsonl.zst.partial",
    ]
    for name in own { try scratch.write("precious", to: "\(scratch.study)/\(name)") }
    let drafts = [
      "trials.jsonl.zst.0123456789abcdef.partial",
      "journal/0.jsonl.zst.damaged.2.0123456789abcdef.partial",
      "journal/3.jsonl.zst.fedcba9876543210.partial",
    ]
    for name in drafts { try scratch.write("left", to: "\(scratch.study)/\(name)") }
    let folder = scratch.study + "/0123456789ab.0123456789abcdef.partial"
    try scratch.write("precious", to: folder + "/x")
    _ = try Merge([scratch.study], output: scratch.study)
    for name in own { #expect(scratch.exists("\(scratch.study)/\(name)"), "\(name)") }
    for name in drafts { #expect(!scratch.exists("\(scratch.study)/\(name)"), "\(name)") }
    #expect(scratch.exists(folder + "/x"))
    for _ in 0..<100 {
      #expect(Draft.isDraft(FilePath("plan.yaml").draftPath().lastComponent?.string ?? ""))
    }
  }

  @Test func `no link is written through by what is derived from a study`() throws {
    for name in ["export", "fits.json"] {
      let scratch = try Scratch()
      try store([0], in: scratch, sealing: true)
      let outside = scratch.path + "/outside"
      if name == "export" {
        try scratch.write("", to: outside + "/mine")
      } else {
        try scratch.write("mine", to: outside)
      }
      try FileManager.default.createSymbolicLink(
        atPath: "\(scratch.study)/\(name)", withDestinationPath: outside)
      let study = try Study(folder: scratch.study)
      let error = #expect(throws: ArchiveError.self) {
        if name == "export" {
          _ = try Export(study: scratch.study, to: scratch.study + "/export", format: .csv)
        } else {
          try study.write(conclusions: [1])
        }
      }
      #expect(error?.description.contains("symbolic link") == true)
      #expect(
        name == "export"
          ? try scratch.contents(of: outside) == ["mine"] : scratch.text(outside) == "mine")
    }
  }

  @Test func `the study's own folder may be a link`() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/elsewhere", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: scratch.study, withDestinationPath: scratch.path + "/elsewhere")
    try store([0, 1], in: scratch, sealing: true)
    #expect(try Verification(folder: scratch.study).isSealed)
    #expect(try Verification(folder: scratch.path + "/elsewhere").trials == 2)
  }

  @Test func `a file without second names appears whole, and never in place of another`() throws {
    let scratch = try Scratch()
    let (from, to) = (FilePath(scratch.path + "/from"), FilePath(scratch.path + "/to"))
    try scratch.write("new", to: "from")
    try LibC.renameToFreeName(from, to)
    #expect(scratch.text("to") == "new")
    try scratch.write("newer", to: "from")
    #expect(throws: Errno.fileExists) { try LibC.renameToFreeName(from, to) }
    #expect(scratch.text("to") == "new")
  }

  @Test func `a draft that gets no name leaves nothing`() throws {
    let scratch = try Scratch()
    let file = FilePath(scratch.path + "/file")
    #expect(throws: ArchiveError.self) {
      _ = try Draft(of: file) { _ in throw Errno.ioError }
    }
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/file/within", withIntermediateDirectories: true)
    #expect(throws: ArchiveError.self) { try file.replace(with: [1]) }
    #expect(try !file.create([1]))
    #expect(try scratch.contents() == ["file", "file/within"])
  }

  @Test func `a name of 255 bytes has room for its draft`() throws {
    let scratch = try Scratch()
    let name = String(repeating: "ä", count: 127)
    try FilePath(scratch.path + "/" + name).replace(with: [1])
    #expect(try scratch.contents() == [name])
  }

  @Test func `of many writers of a file, one creates it, and it is whole`() async throws {
    let scratch = try Scratch()
    let plan = makePlan()
    let json = try PlanFile.json(of: plan)
    for round in 0..<20 {
      let study = StudyFolder(scratch.path + "/\(round)")
      try study.path.makeFolders()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            // One that removes drafts meanwhile.
            if writer == 0 {
              for _ in 0..<50 { study.dropDrafts() }
            } else {
              try PlanFile.establish(plan, given: "mine", in: study)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try scratch.bytes(study.path.appending("plan.json").string) == json)
      #expect(scratch.text(study.path.appending("plan.yaml").string) == "mine")
    }
  }

  @Test func `what killed processes left is removed when the study is sealed`() throws {
    for work in [
      { (folder: String) in _ = try Merge([folder], output: folder) },
      { folder in _ = try Repair(folder: folder) },
    ] {
      let scratch = try unsealed()
      let left = [
        "plan.yaml.1.partial", "trials.jsonl.zst.700.partial", "journal/1.jsonl.zst.partial",
        "checkpoints/0123456789abcdef0123.7.partial", "report.html.5.partial",
      ]
      for name in left { try scratch.write([1], to: scratch.study + "/" + name) }
      try work(scratch.study)
      #expect(try scratch.files().keys.allSatisfy { !$0.hasSuffix(".partial") })
      #expect(try Verification(folder: scratch.study).trials == 2)
    }
  }
}
