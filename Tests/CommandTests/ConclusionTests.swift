import CommandSupport
import Foundation
import TestSupport
import Testing

/// What is concluded from a study, and where it stands.
struct ConclusionTests {
  @Test func `a sealed study keeps what was concluded, and compare lists its targets`() async throws
  {
    let study = try await TinyStudy.finished()
    let digest = try await TinyStudy.digest
    let kept = study.folder.text("Results/tiny/fits.json")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(kept.utf8)) as? [String: Any])
    #expect(Set(document.keys) == ["digest", "fits", "comparison"])
    #expect(document["digest"] as? String == digest)
    let fit = try #require((document["fits"] as? [[String: Any]])?.first)
    // Three batches are too few, so there is nothing to advise.
    #expect(fit["verdict"] as? String == "too-few" && fit["advice"] is NSNull)

    let result = await run("compare", "@/Results/tiny", "--json", in: study.folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let comparison = try #require(try result.json() as? [String: Any])
    let points = try #require(comparison["points"] as? [[String: Any]])
    #expect(points.map { $0["task"] as? String } == ["catch"])
    #expect(points.first?["compared"] as? Bool == false)
    let table = await run("compare", "@/Results/tiny", in: study.folder)
    #expect(table.output.contains("Not compared\ncatch to 0.5, pg, Results/tiny: too-few: 3 batch"))

    // Another seed replaces it only if asked for; the archive stays what it is.
    #expect(await run("fit", "@/Results/tiny", "--seed", "7", in: study.folder).status == 0)
    #expect(study.folder.text("Results/tiny/fits.json") == kept)
    let saved = await run("fit", "@/Results/tiny", "--seed", "7", "--save", in: study.folder)
    #expect(saved.status == 0)
    let replaced = study.folder.text("Results/tiny/fits.json")
    #expect(replaced != kept && replaced.contains("\"seed\" : 7"))
    #expect(try await study.summary().digest == digest)
    let left = try FileManager.default.contentsOfDirectory(
      atPath: study.folder.path + "/Results/tiny")
    #expect(!left.contains { $0.hasSuffix(".partial") }, "\(left)")
  }

  @Test func `an unfinished study says so above its tables`() async throws {
    let study = try TinyStudy(tasks: "[{task: catch, targets: [0]}, bandit]")
    #expect(await study.runSweep("--tasks", "catch").status == 0)
    let line = "Results/tiny: 3 of 6 cells are finished; no measured run of bandit\n"
    for command in ["fit", "compare"] {
      let table = await run(command, "@/Results/tiny", in: study.folder)
      #expect(table.output.hasPrefix(line + "\n"), "\(table.output)")
      #expect(table.status == 0 && table.errors.isEmpty)
      let json = await run(command, "@/Results/tiny", "--json", in: study.folder)
      #expect(json.errors == line && json.status == 0)
      _ = try json.json()
    }
    try await study.finish()
    for command in ["fit", "compare"] {
      let table = await run(command, "@/Results/tiny", in: study.folder)
      #expect(!table.output.contains("cells are finished"), "\(table.output)")
    }
  }

  /// Bandit takes as many updates at every batch: there is no law of this form.
  @Test func `a rejected law comes with advice on the plan`() async throws {
    let batches = "[1, 2, 4, 8, 16, 32, 64, 128]"
    let coarse = try TinyStudy(tasks: "[{task: bandit, targets: [0.75]}]", batches: batches)
    try await coarse.finish()
    let fit = await run("fit", "@/Results/tiny", in: coarse.folder).output
    #expect(fit.contains("  rejected  "), "\(fit)")
    #expect(fit.contains("\nrejected: it usually helps to give the plan more seeds (seeds: {"))
    #expect(
      fit.contains(
        " and\na finer grid of learning rates (learning-rates: {factor: 1.4}, in a new folder)\n"))
    let fine = try TinyStudy(
      tuning: 10, tasks: "[{task: bandit, targets: [0.75]}]",
      batches: batches + "\nlearning-rates: {factor: 1.4}")
    try await fine.finish()
    let other = await run("fit", "@/Results/tiny", in: fine.folder).output
    #expect(!other.contains("it usually helps"), "\(other)")
  }

  /// On logarithmic axes: the largest S stands at the upper left, the smallest at the lower right,
  /// and the bend of S = 100 (1 + 512/B) half-way between batches of 64 and 4,096.
  @Test func `a fit is plotted as text on request`() async throws {
    let folder = try Scratch()
    let rows = [64.0, 256, 1024, 4096].flatMap { batch in
      (0..<3).map { "\(Int(batch)),\(100 * (1 + 512 / batch) * (1 + 0.001 * Double($0))),\($0)" }
    }
    try folder.write((["batch,updates,seed"] + rows).joined(separator: "\n"), to: "runs.csv")
    let result = await run("fit", "@/runs.csv", "--plot", in: folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map { Array($0) }
    let field = lines.filter { $0.contains("│") }.map { line in
      Array(line.drop { $0 != "│" }.dropFirst())
    }
    #expect(field.count == 14 && field.first?.first == "o" && field.last?.last == "o")
    #expect(field.joined().count { $0 == "o" } == 4)
    let bend = try #require(field.compactMap { $0.firstIndex(of: "X") }.first)
    #expect((26...29).contains(bend), "\(bend)")
    #expect(!(await run("fit", "@/runs.csv", in: folder).output.contains("│")))
  }

  @Test func `a fit of single seeds says what a second seed would add`() async throws {
    let folder = try Scratch()
    let rows = zip([16, 64, 256, 1024, 4096], [1.06, 0.95, 1.05, 0.95, 1.05]).map {
      "\($0),\(100 * (1 + 300 / Double($0)) * $1)"
    }
    try folder.write((["batch,updates"] + rows).joined(separator: "\n"), to: "runs.csv")
    let result = await run("fit", "@/runs.csv", in: folder)
    #expect(result.status == 0)
    #expect(
      result.output.contains("\nwith one seed per batch, fit can't tell the scatter of seeds"))
  }
}
