import Foundation
import TestSupport
import Testing

/// A disk that is full or can't be written costs no trial that was stored.
@Suite(
  .serialized,
  .enabled(if: SmallDisk.isAllowed, "only who may mount file systems (root) can fill a small one"))
struct DiskTests {
  private func partials(_ study: TinyStudy) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: study.folder.path)
      .filter { $0.hasSuffix(".partial") }
  }

  @Test func `on a full disk that grows bit by bit, each run goes further`() async throws {
    // The sealed files of many seeds need more room than finished trials leave by their checkpoints.
    let study = try TinyStudy(seeds: 12)
    let expected = try await TinyStudy(seeds: 12).finish()
    let disk = try SmallDisk(pages: 1, in: study.folder)
    defer { withExtendedLifetime(disk) {} }
    var (pages, status, kept, reported) = (1, Int32(1), 0, 0)
    var refused: Set<String> = []
    while status != 0, pages < 100 {
      let result = try study.sweep("--lanes", "2", "--checkpoint-seconds", "0").finish()
      status = result.status
      reported += TinyStudy.reported(result.errors)
      for line in result.errors.split(separator: "\n") where line.contains("can't ") {
        #expect(line.contains(": No space left on device"), "\(line)")
        let isCheckpoint = line.hasSuffix("; the trial continues without a new checkpoint")
        #expect(isCheckpoint != line.hasPrefix("batchlab: "))
        for part in ["checkpoints", "journal", "plan.json", "plan.yaml", "trials", "curves"]
        where line.contains("Results/tiny/\(part)") {
          refused.insert(part)
        }
      }
      #expect(status == 0 || status == 1)
      // Where no checkpoint has room, each lane says so once.
      let unsaved = result.complaints.count { $0.hasSuffix(" without a new checkpoint") }
      #expect(pages > 1 || unsaved <= 2, "\(result.errors)")
      #expect(try partials(study) == [], "\(result.errors)")
      if status == 1, study.folder.exists("Results/tiny/plan.json") {
        #expect(result.complaints.count { $0.hasPrefix("batchlab: ") } == 1, "\(result.errors)")
        try await study.verify("unfinished; what is there is intact")
        let now = try await study.trialCount()
        #expect(now >= max(kept, reported), "\(result.errors)")
        kept = now
      }
      pages += 2
      try disk.resize(pages: pages)
    }
    #expect(refused.isSuperset(of: ["checkpoints", "journal"]), "\(refused)")
    #expect(!refused.isDisjoint(with: ["trials", "curves"]), "\(refused)")
    #expect(try await study.finish() == expected)
  }

  @Test func `a study that can't be written is named, can be read, and goes on later`() async throws
  {
    let study = try TinyStudy()
    let disk = try SmallDisk(pages: 1000, in: study.folder)
    defer { withExtendedLifetime(disk) {} }
    try disk.remount("ro")
    let none = try study.sweep().finish()
    #expect(none.status == 1)
    #expect(none.errors == "batchlab: can't create Results/tiny: Read-only file system\n")
    try disk.remount("rw")
    let command = try study.sweep("--lanes", "1")
    // A line on what the plan lacks for a verdict, then one for each trial.
    try command.waitForErrors(lines: 4)
    command.send(SIGKILL)
    _ = try command.finish()
    try disk.remount("ro")
    let journal = "Results/tiny/journal/0.jsonl.zst"
    for arguments in [["sweep", "plan.yaml"], ["archive", "merge", "Results/tiny"]] {
      let refused = try Command(arguments, in: study.folder).finish()
      #expect(refused.status == 1)
      #expect(refused.errors == "batchlab: can't open \(journal): Read-only file system\n")
    }
    try await study.verify("unfinished; what is there is intact")
    #expect(try await study.trialCount() >= 3)
    try disk.remount("rw")
    #expect(try await study.finish() == TinyStudy.digest)
  }
}
