import CommandSupport
import Foundation
import TestSupport
import Testing

/// A study with variants, from the plan to the comparison.
@Suite(.serialized)
struct VariantTests {
  private static let tasks = "[{task: catch, targets: [0.5]}]"
  private static let batches = "[80, 160, 320, 640]"
  private static let sizes = "variants: {network: [\"8-8\", \"16-16\", \"conv4x3,dense8\"]}"

  @Test func `rows, fits and tables name the variant, and a growing study keeps its trials`()
    async throws
  {
    let study = try TinyStudy()
    try study.ask(
      tasks: Self.tasks, batches: Self.batches, settings: "variants: {network: [\"8-8\"]}")
    try await study.finish()
    try study.ask(tasks: Self.tasks, batches: Self.batches, settings: Self.sizes)
    let grown = await study.runSweep("--lanes", "2")
    #expect(grown.status == 0, "\(grown.errors)")
    #expect(
      grown.errors.contains("task catch, network=16-16, task catch, network=conv4x3,dense8"),
      "\(grown.errors)")
    #expect(grown.output.contains("\ncatch, network=16-16 to 0.5, horizon 10\n"))
    let once = await study.runSweep(output: "Results/once")
    #expect(once.status == 0)
    // The same plan measured at once has the same digest, in any order of the variants.
    let list = try await study.run("archive", "list", "@/Results", "--json").json()
    let digests = try #require(list as? [[String: Any]]).compactMap { $0["digest"] as? String }
    #expect(digests.count == 2 && digests[0] == digests[1])

    let export = await study.run("archive", "export", "@/Results/tiny", "--output", "@/out")
    #expect(export.status == 0, "\(export.errors)")
    let lines = study.folder.text("out/trials.csv").split(separator: "\n")
    let columns = lines[0].split(separator: ",")
    #expect(columns.contains("variant"))
    for name in ["network=8-8", "network=16-16", "\"network=conv4x3,dense8\""] {
      #expect(lines.count { $0.contains(",\(name),") || $0.hasSuffix(",\(name)") } >= 8, "\(name)")
    }

    let fits = try await study.run("fit", "@/Results/tiny", "--json").json()
    let reports = try #require(fits as? [[String: Any]])
    #expect(
      reports.map { $0["variant"] as? String } == [
        "network=16-16", "network=8-8", "network=conv4x3,dense8",
      ])
  }

  @Test func `a comparison along the network has its weights and values`() async throws {
    let study = try TinyStudy()
    try study.ask(tasks: Self.tasks, batches: Self.batches, settings: Self.sizes)
    try await study.finish()
    let text = await study.run(
      "compare", "@/Results/tiny", "--along", "network", "--along", "parameters")
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("\nAlong network, at equal targets\n"), "\(text.output)")
    #expect(text.output.contains("\nAlong parameters, at equal targets\n"))
    let json = try await study.run(
      "compare", "@/Results/tiny", "--along", "parameters", "--json"
    ).json()
    let along = try #require((json as? [String: Any])?["along"] as? [[String: Any]])
    let points = try #require(along.first?["points"] as? [[String: Any]])
    // 50 cells, 8 and 8 units, 3 actions and the value.
    let dense = 50 * 8 + 8 + 8 * 8 + 8 + 8 * 4 + 4
    #expect(points.compactMap { $0["parameters"] as? Int }.contains(dense))
    // Networks with convolutions are not among those without.
    #expect(Set(points.map { $0["number"] as? Int }).count == 2)
    let typo = await study.run("compare", "@/Results/tiny", "--along", "netwrk")
    #expect(typo.status == 64)
    #expect(
      typo.errors.contains("no setting of training is called 'netwrk'; did you mean network?"))
    let page = await study.run("report", "@/Results/tiny")
    #expect(page.status == 0, "\(page.errors)")
    #expect(study.folder.text("Results/tiny/report.html").contains("catch, network=8-8"))
  }

  @Test func `studies of two variants are joined`() async throws {
    let study = try TinyStudy()
    for (name, size) in [("a", "8-8"), ("b", "16-16")] {
      try study.ask(
        tasks: Self.tasks, batches: Self.batches, settings: "variants: {network: [\"\(size)\"]}")
      #expect(await study.runSweep(output: "Results/\(name)").status == 0)
    }
    let joined = await study.run(
      "archive", "merge", "--join", "@/Results/a", "@/Results/b", "--output", "@/Results/both")
    #expect(joined.status == 0, "\(joined.errors)")
    let fits = try await study.run("fit", "@/Results/both", "--json").json()
    let reports = try #require(fits as? [[String: Any]])
    #expect(reports.map { $0["variant"] as? String } == ["network=16-16", "network=8-8"])
  }

  @Test func `a variant that is trained like another is not joined`() async throws {
    let study = try TinyStudy()
    for (name, task) in [("a", "{task: catch"), ("b", "{task: catch, variant: mine")] {
      try study.ask(tasks: "[\(task), targets: [0.5]}]", batches: "[80]")
      #expect(await study.runSweep(output: "Results/\(name)").status == 0)
    }
    let joined = await study.run(
      "archive", "merge", "--join", "@/Results/a", "@/Results/b", "--output", "@/Results/both")
    #expect(joined.status != 0)
    #expect(
      joined.errors.contains("'catch' and 'catch, mine' are trained in the same way"),
      "\(joined.errors)")
  }

  @Test func `an event file has a folder of its variant`() async throws {
    let study = try TinyStudy()
    try study.ask(
      tasks: Self.tasks, batches: "[80]", settings: "variants: {network: [\"8-8\"]}")
    let result = await study.runSweep("--tensorboard", "@/events")
    #expect(result.status == 0, "\(result.errors)")
    let folders = try study.folder.contents(of: "events")
    #expect(folders.first == "catch-network=8-8", "\(folders)")
    #expect(folders.allSatisfy { $0.hasPrefix("catch-network=8-8") })
  }
}
