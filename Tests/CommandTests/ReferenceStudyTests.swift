import Foundation
import Testing

/// The study that is committed: `Results/ladder`, measured from `Results/ladder.yaml`. Rows are
/// picked from it with zstd's command.
@Suite struct ReferenceStudyTests {
  private static let results = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Results")

  /// Columns that a clock or the machine fills in.
  private static let measured: Set<String> = [
    "seconds", "total_seconds", "evaluation_seconds", "version", "revision", "swift", "host", "cpu",
    "libc", "openblas",
  ]

  private func copy() throws -> Scratch {
    let folder = try Scratch()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/ladder", withIntermediateDirectories: false)
    for file in ["plan.yaml", "trials.jsonl.zst", "curves.jsonl.zst"].map({ "ladder/" + $0 }) {
      try FileManager.default.copyItem(
        atPath: Self.results.appending(path: file).path, toPath: folder.path + "/" + file)
    }
    return folder
  }

  /// The rows of bandit in the order of their trials, each as one text without what was measured,
  /// and the kinds of machine that made them.
  private func bandit(_ study: String, in folder: Scratch) throws -> (
    rows: [String], machines: Set<[String?]>
  ) {
    let lines = try Command(
      ["-c", #"zstd -dc \#(study)/trials.jsonl.zst | grep '"task":"bandit"'"#], in: folder,
      running: "/bin/sh"
    ).finish().output.split(separator: "\n")
    let rows = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let texts = try rows.map { row in
      let determined = row.filter { !Self.measured.contains($0.key) }
      let text = try JSONSerialization.data(withJSONObject: determined, options: .sortedKeys)
      return String(decoding: text, as: UTF8.self)
    }
    let machines = rows.map { row in ["cpu", "libc", "openblas"].map { row[$0] as? String } }
    return (texts.sorted(), Set(machines))
  }

  @Test func `is whole`() throws {
    let result = try batchlab("archive", "verify", "ladder", in: try copy())
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("sealed and whole"))
  }

  /// On another kind of machine sums may be rounded otherwise; there the bits say nothing.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/zstd")))
  func `its cells measured and its rows fitted anew give the same bits`() throws {
    let folder = try copy()
    let plan = Self.results.appending(path: "ladder.yaml").path
    let sweep = try batchlab("sweep", plan, "--tasks", "bandit", "--output", "anew", in: folder)
    try #require(sweep.status == 0, "\(sweep.errors)")
    try #require(try batchlab("archive", "merge", "anew", in: folder).status == 0)
    let (anew, archived) = try (bandit("anew", in: folder), bandit("ladder", in: folder))
    #expect(!anew.rows.isEmpty && anew.rows.count == archived.rows.count)
    #expect(try batchlab("fit", "ladder", in: folder).status == 0)
    guard anew.machines == archived.machines else { return }
    #expect(anew.rows == archived.rows)
    let conclusions = try Data(contentsOf: Self.results.appending(path: "ladder/fits.json"))
    #expect(FileManager.default.contents(atPath: folder.path + "/ladder/fits.json") == conclusions)
  }
}
