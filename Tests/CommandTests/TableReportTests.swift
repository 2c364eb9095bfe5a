import CommandSupport
import Foundation
import TestSupport
import Testing

/// `report` and `compare` with tables of runs, beside studies or alone.
struct TableReportTests {
  private static let batches = [100.0, 300, 1000, 3000, 10_000]

  /// Updates of three runs a batch, by a law that holds exactly.
  private static func updates(_ minimum: Double, _ critical: Double) -> [(Double, [Double])] {
    batches.map { batch in (batch, [0.97, 1, 1.03].map { $0 * minimum * (1 + critical / batch) }) }
  }

  /// Three tables in three dialects: as CleanRL logs it, as a German spreadsheet saves it, and one
  /// of means with standard errors.
  private static func dialects(in folder: Scratch) throws {
    var lines = ["exp_name,env_id,num_envs,num_steps,seed,iteration,global_step"]
    for (batch, runs) in updates(100, 1000) {
      for (seed, count) in runs.enumerated() {
        let updates = count.rounded()
        lines.append(
          "ppo,CartPole-v1,\(Int(batch) / 100),100,\(seed),\(Int(updates)),\(Int(updates * batch))")
      }
    }
    try folder.write(lines.joined(separator: "\n"), to: "cleanrl.csv")

    lines = ["batch_size;samples;goal;trial;total_samples"]
    for (batch, runs) in updates(200, 2000) {
      for (seed, count) in runs.enumerated() {
        let observations = "\(count * batch)".replacing(".", with: ",")
        lines.append("\(Int(batch));\(observations);0,5;\(seed);")
      }
    }
    lines.append("100;;0,5;3;1,5e5")
    let bytes = ("\u{FEFF}" + lines.joined(separator: "\r\n")).utf16.flatMap {
      [UInt8($0 & 255), UInt8($0 >> 8)]
    }
    try folder.write(bytes, to: "messungen.csv")

    lines = ["bs\titer\ttask\tlog_standard_error"]
    for (index, task) in ["mnist", "svhn", "cifar"].enumerated() {
      for (batch, runs) in updates(100 * Double(index + 1), 500 * Double(index + 1)) {
        lines.append("\(Int(batch))\t\(runs[1])\t\(task)\t0.02")
      }
    }
    try folder.write(lines.joined(separator: "\n"), to: "means.tsv")
  }

  private static let tables = [
    "@/cleanrl.csv", "@/messungen.csv", "@/means.tsv", "--columns", "batch=bs,updates=iter",
  ]

  @Test func `three tables in three dialects become a page`() async throws {
    let folder = try Scratch()
    try Self.dialects(in: folder)
    let result = await run(
      ["report"] + Self.tables + ["--output", "@/page.html", "--figures", "@/figures"], in: folder)
    #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
    let page = folder.text("page.html")
    #expect(page.contains("<title>BatchLab: cleanrl.csv, messungen.csv, means.tsv</title>"))
    #expect(page.contains("cleanrl.csv: 15 runs of a table, SHA-256 "))
    // A table without tasks is about a task with its name.
    for title in ["CartPole-v1", "messungen", "mnist", "svhn", "cifar"] {
      #expect(page.contains(">\(title)</a>"), "\(title)")
    }
    #expect(page.contains("B_crit ∝ xᵃ") && !page.contains("Plan of"))
    let figures = try folder.contents(of: "figures")
    let own = ["CartPole-v1", "cifar", "messungen-to-0.5", "mnist", "svhn"]
    #expect(
      figures
        == (own.map { "a-front-\($0).svg" } + own.map { "b-scaling-\($0).svg" }
        + ["minimum_observations", "minimum_updates", "reference_observations"].map {
          "e-complexity-all_runs-\($0).svg"
        }).sorted())
  }

  @Test func `a table's page stands beside it`() async throws {
    let folder = try Scratch()
    try Self.dialects(in: folder)
    let result = await run("report", "@/cleanrl.csv", in: folder)
    #expect(result.status == 0 && result.errors.contains("wrote cleanrl.html"), "\(result.errors)")
    #expect(folder.text("cleanrl.html").contains("CartPole-v1"))
    try folder.write("batch,updates\n1,2\n", to: "page.html")
    let kept = await run("report", "@/cleanrl.csv", "--output", "@/page.html", in: folder)
    #expect(kept.status == 1 && kept.errors.contains("is not a report page"), "\(kept.errors)")
    #expect(folder.text("page.html").hasPrefix("batch"))
    let piped = await run("report", "-", in: folder)
    #expect(piped.status == 64 && piped.errors.contains("standard input needs --output"))
  }

  /// The comparison's JSON.
  private func comparison(_ arguments: [String], in folder: Scratch) async throws -> [String: Any] {
    let result = await run(["compare"] + arguments + ["--json"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(document as? [String: Any])
  }

  @Test func `tables are compared with each other and with a study`() async throws {
    let study = try await TinyStudy.finished()
    try Self.dialects(in: study.folder)
    let alone = try await comparison(Self.tables, in: study.folder)
    let both = try await comparison(["@/Results/tiny"] + Self.tables, in: study.folder)
    for (document, algorithms) in [(alone, [nil]), (both, ["pg", nil])] {
      let groups = try #require(document["comparisons"] as? [[String: Any]])
      #expect(groups.map { $0["algorithm"] as? String } == algorithms)
      let all = try #require(groups.last)
      #expect(all["tasks"] as? Int == 5)
      let axes = try #require(all["axes"] as? [[String: Any]])
      #expect(
        axes.map { $0["axis"] as? String }
          == ["minimum_observations", "minimum_updates", "reference_observations"])
      // B_crit is 10 × S_min in two tables, and 5 × S_min in the third.
      let relation = try #require(axes[1]["critical_batch"] as? [String: Any])
      let exponent = try #require(relation["exponent"] as? [String: Any])
      #expect((try #require(exponent["value"] as? Double) - 1).magnitude < 0.6)
    }
    let points = try #require(both["points"] as? [[String: Any]])
    #expect(points.count == 6)
    let text = await run(["compare", "@/Results/tiny"] + Self.tables, in: study.folder)
    #expect(text.output.contains("\nall runs, 5 tasks\n"), "\(text.output)")
    #expect(!text.output.contains("observation size"))

    let page = await run(
      ["report", "@/Results/tiny"] + Self.tables + ["--output", "@/both.html"], in: study.folder)
    #expect(page.status == 0, "\(page.errors)")
    let html = study.folder.text("both.html")
    #expect(html.contains("Plan of tiny") && html.contains("SHA-256 of the table"))
  }

  @Test func `tables that only their extensions tell apart are two tasks`() async throws {
    let folder = try Scratch()
    for (name, separator, critical) in [("r.csv", ",", 800.0), ("r.tsv", "\t", 3000)] {
      let lines = Self.updates(100, critical).flatMap { batch, runs in
        runs.map { "\(Int(batch))\(separator)\($0)" }
      }
      try folder.write(
        (["batch\(separator)updates"] + lines).joined(separator: "\n"), to: name)
    }
    let document = try await comparison(["@/r.csv", "@/r.tsv"], in: folder)
    let points = try #require(document["points"] as? [[String: Any]])
    #expect(points.map { $0["task"] as? String } == ["r.csv", "r.tsv"])
    #expect(points.allSatisfy { $0["compared"] as? Bool == true })
  }

  @Test(
    arguments: [
      ("report @/a.csv @/b.csv", 64, "several studies or tables needs --output"),
      ("compare @/a.csv @/a.csv", 64, "a.csv is given twice"),
      ("compare @/a.csv @/b.csv --columns batch=bs", 64, "--columns: no table has a column 'bs'"),
      ("compare @/a.csv --columns batch=bs", 1, "a.csv:1: the header has no column 'bs'"),
      ("compare @/ --columns batch=bs", 64, "--columns needs a table"),
      ("compare @/a.csv @/none.csv", 1, "none.csv does not exist"),
      ("report @/ @/a.csv --output @/page.html", 1, "is not a study"),
      ("report @/c.csv", 1, "c.csv:3: line 2 has a different result"),
    ] as [(String, Int32, String)])
  func `what can't be compared or reported is said in one sentence`(
    arguments: String, status: Int32, sentence: String
  ) async throws {
    let folder = try Scratch()
    for name in ["a.csv", "b.csv"] { try folder.write("batch,updates\n16,5\n", to: name) }
    try folder.write("batch,updates,seed\n16,5,1\n16,6,1\n", to: "c.csv")
    let result = await run(arguments.split(separator: " ").map(String.init), in: folder)
    #expect(result.status == status && result.errors.contains(sentence), "\(result.errors)")
    #expect(!folder.exists("page.html"))
  }
}
