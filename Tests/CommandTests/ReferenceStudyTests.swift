import Foundation
import Testing

@Suite struct ReferenceStudyTests {
  static let results = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Results")

  @Test(arguments: ["ladder", "ladder-ppo"])
  func `the archive is whole, and fitting it anew gives its conclusions`(name: String) throws {
    let folder = try Scratch()
    let committed = Self.results.appending(path: name)
    try FileManager.default.createDirectory(
      atPath: folder.path + "/" + name, withIntermediateDirectories: false)
    for file in ["plan.yaml", "trials.jsonl.zst", "curves.jsonl.zst"] {
      try FileManager.default.copyItem(
        atPath: committed.appending(path: file).path, toPath: folder.path + "/\(name)/" + file)
    }
    let verified = try batchlab("archive", "verify", name, in: folder)
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.contains("sealed and whole"))
    #expect(try batchlab("fit", name, in: folder).status == 0)
    let conclusions = try Data(contentsOf: committed.appending(path: "fits.json"))
    #expect(FileManager.default.contents(atPath: folder.path + "/\(name)/fits.json") == conclusions)
  }

  @Test(arguments: ["ladder", "ladder-ppo"])
  func `the plan is the archive's, and nothing of it is open`(name: String) throws {
    let folder = try Scratch()
    for entry in ["\(name).yaml", name] {
      try FileManager.default.copyItem(
        atPath: Self.results.appending(path: entry).path, toPath: folder.path + "/" + entry)
    }
    let result = try batchlab(
      "sweep", "\(name).yaml", "--output", name, "--dry-run", "--json", in: folder)
    let listed = try #require(try result.json() as? [String: Any])
    let cells = try #require(listed["cells"] as? [[String: Any]])
    #expect(!cells.isEmpty)
    #expect(cells.allSatisfy { $0["trials_left"] as? Int == 0 })
  }

  /// Columns that a clock or the machine fills in.
  private static let measured: Set<String> = [
    "seconds", "total_seconds", "evaluation_seconds", "version", "revision", "swift", "host", "cpu",
    "libc", "openblas",
  ]

  /// The rows of a task in the order of their trials, without what was measured; and the kinds of
  /// machine that made them.
  private func rows(of study: String, task: String, in folder: Scratch) throws -> (
    rows: [[String: String]], machines: Set<[String?]>
  ) {
    let result = try batchlab("archive", "export", study, "--output", study + "-csv", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let lines = folder.text(study + "-csv/trials.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let names = try #require(lines.first)
    let rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(names, $0)) }
      .filter { $0["task"] == task }
      .sorted { ($0["trial"] ?? "", $0["target"] ?? "") < ($1["trial"] ?? "", $1["target"] ?? "") }
    return (
      rows.map { $0.filter { !Self.measured.contains($0.key) } },
      Set(rows.map { [$0["cpu"], $0["libc"], $0["openblas"]] })
    )
  }

  /// On another kind of machine sums may be rounded otherwise; there it says nothing.
  @Test func `bandit measured anew gives the archived rows on this kind of machine`() throws {
    let folder = try Scratch()
    for entry in ["ladder.yaml", "ladder"] {
      try FileManager.default.copyItem(
        atPath: Self.results.appending(path: entry).path, toPath: folder.path + "/" + entry)
    }
    let sweep = try batchlab(
      "sweep", "ladder.yaml", "--tasks", "bandit", "--output", "anew", in: folder)
    try #require(sweep.status == 0, "\(sweep.errors)")
    let archived = try rows(of: "ladder", task: "bandit", in: folder)
    let anew = try rows(of: "anew", task: "bandit", in: folder)
    #expect(!anew.rows.isEmpty && anew.rows.count == archived.rows.count)
    if anew.machines == archived.machines { #expect(anew.rows == archived.rows) }
  }
}
