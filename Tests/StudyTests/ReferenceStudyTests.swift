import CommandSupport
import Foundation
import TestSupport
import Testing

/// The studies that are committed: `Results/NAME`, measured from `Results/NAME.yaml`. Rows are picked
/// from them with zstd's command.
@Suite struct ReferenceStudyTests {
  private static let results = URL(filePath: "\(repository)/Results")

  /// Columns that a clock or the machine fills in.
  private static let measured: Set<String> = [
    "seconds", "total_seconds", "evaluation_seconds", "version", "revision", "swift", "host", "cpu",
    "libc", "openblas",
  ]

  private func copy(of study: String) throws -> Scratch {
    let folder = try Scratch()
    try FileManager.default.createDirectory(
      at: folder.url(study), withIntermediateDirectories: false)
    for file in ["plan.yaml", "trials.jsonl.zst", "curves.jsonl.zst"].map({ "\(study)/" + $0 }) {
      try FileManager.default.copyItem(
        at: Self.results.appending(path: file), to: folder.url(file))
    }
    return folder
  }

  /// The rows of a task by batch, each as one text without what was measured and sorted by it; the
  /// versions of the numerics; and the kinds of machine that made them: C library and OpenBLAS with
  /// the name of its kernels.
  ///
  /// `Haswell` and `Cooperlake`, of a Xeon and an EPYC, count as one kind: no layer of these studies is
  /// wide enough for OpenBLAS, and all rows of `ladder` were measured on both and agree.
  private func rows(of task: String, of study: String, in folder: Scratch) throws -> (
    byBatch: [Int: [String]], numerics: Set<Int?>, machines: Set<[String?]>
  ) {
    let lines = try Command(
      ["-c", #"zstd -dc \#(study)/trials.jsonl.zst | grep '"task":"\#(task)"'"#], in: folder,
      running: "/bin/sh"
    ).finish().output.split(separator: "\n")
    let rows = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    var texts: [Int: [String]] = [:]
    for row in rows {
      let determined = row.filter { !Self.measured.contains($0.key) }
      let text = try JSONSerialization.data(withJSONObject: determined, options: .sortedKeys)
      let batch = try #require(row["batch"] as? Int)
      texts[batch, default: []].append(String(decoding: text, as: UTF8.self))
    }
    let machines = rows.map { row in
      ["libc", "openblas"].map {
        (row[$0] as? String)?.replacingOccurrences(of: " Cooperlake ", with: " Haswell ")
      }
    }
    let numerics = rows.map { $0["numerics"] as? Int }
    return (texts.mapValues { $0.sorted() }, Set(numerics), Set(machines))
  }

  @Test(arguments: ["ladder", "ladder-ppo"])
  func `is whole`(study: String) async throws {
    let result = await run("archive", "verify", "@/" + study, in: try copy(of: study))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("sealed and intact"))
  }

  @Test(arguments: ["ladder-seed-2", "optimizers", "size"])
  func `the other studies are whole, and their fits are those of today`(study: String) async throws
  {
    let (folder, own) = (try Scratch(), Self.results.appending(path: study))
    let files = ["plan.json", "plan.yaml", "trials.jsonl.zst", "curves.jsonl.zst"]
    try FileManager.default.createDirectory(
      at: folder.url(study), withIntermediateDirectories: false)
    for file in files {
      try FileManager.default.copyItem(
        at: own.appending(path: file), to: folder.url("\(study)/\(file)"))
    }
    let result = await run("archive", "verify", "@/" + study, in: folder)
    #expect(result.status == 0 && result.output.contains("sealed"), "\(result.errors)")
    #expect(await run("fit", "@/" + study, in: folder).status == 0)
    let conclusions = try Data(contentsOf: own.appending(path: "fits.json"))
    #expect(try folder.bytes("\(study)/fits.json") == [UInt8](conclusions))
  }

  /// On another kind of machine, or with other numerics, sums may be rounded otherwise; there the bits
  /// say nothing. The shard
  /// of `chain` is one of its eight cells, as it stands first in its plan.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/zstd")),
    arguments: [("ladder", "bandit", "0/1", 8), ("ladder-ppo", "chain", "5/8", 1)])
  func `gives the same bits if cells are measured and rows fitted again`(
    study: String, task: String, shard: String, cells: Int
  ) async throws {
    let folder = try copy(of: study)
    let plan = Self.results.appending(path: "\(study).yaml").path
    let sweep = await run(
      "sweep", plan, "--tasks", task, "--shard", shard, "--output", "@/anew", in: folder)
    try #require(sweep.status == 0, "\(sweep.errors)")
    try #require(await run("archive", "merge", "@/anew", in: folder).status == 0)
    let anew = try rows(of: task, of: "anew", in: folder)
    let archived = try rows(of: task, of: study, in: folder)
    #expect(anew.byBatch.count == cells)
    #expect(await run("fit", "@/" + study, in: folder).status == 0)
    guard anew.machines == archived.machines else { return }
    if anew.numerics == archived.numerics {
      #expect(anew.byBatch == archived.byBatch.filter { anew.byBatch[$0.key] != nil })
      #expect(cells < 8 || anew.byBatch.count == archived.byBatch.count)
    }
    let conclusions = try Data(contentsOf: Self.results.appending(path: "\(study)/fits.json"))
    #expect(try folder.bytes("\(study)/fits.json") == [UInt8](conclusions))
  }
}
