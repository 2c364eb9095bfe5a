import CommandSupport
import Foundation
import TestSupport
import Testing

/// A sweep that only says what it would do.
@Suite(.serialized)
struct DryRunTests {
  private func files(_ folder: Scratch) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func `lists the cells and writes nothing`() async throws {
    let study = try TinyStudy()
    let result = await study.runSweep("--dry-run", "--lanes", "1")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    for words in ["8 × 10", "24 × 10", "96 × 10", "3 cells, 0 trials done, about 30 left"] {
      #expect(result.output.contains(words), "\(result.output)")
    }
    #expect(try files(study.folder) == ["plan.yaml"])
  }

  @Test func `needs no folder where flags make the plan`() async throws {
    let folder = try Scratch()
    let result = await run(
      "sweep", "--tasks", "catch,bandit", "--batches", "40", "--dry-run", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("2 cells, 0 trials done"))
    #expect(try files(folder).isEmpty)
  }

  @Test func `counts what is finished`() async throws {
    let study = try TinyStudy(tasks: "[{task: catch, targets: [0]}, {task: bandit}]")
    let part = await study.runSweep("--tasks", "catch")
    #expect(part.status == 0, "\(part.errors)")
    let before = try files(study.folder)
    let result = await study.runSweep("--dry-run", "--json")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let document = try #require(try result.json() as? [String: Any])
    let cells = try #require(document["cells"] as? [[String: Any]])
    #expect(
      cells.map { $0["task"] as? String } == Array(repeating: "catch", count: 3)
        + Array(repeating: "bandit", count: 3))
    #expect(cells.prefix(3).allSatisfy { $0["trials_left"] as? Int == 0 })
    let done = cells.compactMap { $0["trials_done"] as? Int }
    #expect(done.prefix(3).reduce(0, +) == TinyStudy.reported(part.errors))
    #expect(done.suffix(3) == [0, 0, 0])
    #expect(document["trials_left"] as? Int == 3 * (4 * 2 + 2 * 2))
    #expect(document["uncertainty"] as? Double == 3)
    #expect(try files(study.folder) == before)
    let one = await study.runSweep("--tasks", "bandit", "--dry-run")
    #expect(one.output.contains("3 cells, 0 trials done"))
  }

  @Test func `refuses a study of another plan as the sweep would`() async throws {
    let study = try await TinyStudy.finished()
    try study.folder.write(
      study.folder.text("plan.yaml") + "\nseed: 2\n", to: "plan.yaml")
    let result = await study.runSweep("--dry-run")
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.contains("Results/tiny is a study with another plan: 'seed' differs"))
  }

  @Test(arguments: [
    (2, "[80, 240, 960]", "catch: 3 fitted batches can give no verdict; it takes at least 4"),
    (
      2, "[5, 80, 100, 120, 160]",
      "catch: batches within a factor of 2.00 can give no verdict; it takes a factor of at least 5"
    ),
    (1, "[80, 160, 320, 640]", "catch: with 1 measuring seed a batch, intervals are wide"),
  ])
  func `says before it starts what a verdict lacks`(
    seeds: Int, batches: String, sentence: String
  ) async throws {
    let study = try TinyStudy(seeds: seeds, batches: batches)
    let planned = await study.runSweep("--dry-run")
    #expect(planned.output.contains("\n\(sentence)\n"), "\(planned.output)")
    let result = await study.runSweep()
    #expect(result.errors.hasPrefix("\(sentence)\n"), "\(result.errors)")
    let again = await study.runSweep()
    #expect(!again.errors.contains(sentence))
  }

  @Test func `takes targets and the beginning of the search as options`() async throws {
    let folder = try Scratch()
    func sweep(_ options: String...) async -> Finished {
      await run(["sweep", "--tasks", "catch", "--batches", "40"] + options, in: folder)
    }
    let result = await sweep(
      "--targets=-0.5,0.5", "--centre", "0.01", "--shard", "8/9", "--output", "@/mine")
    #expect(result.status == 0, "\(result.errors)")
    let plan = folder.text("mine/plan.yaml")
    #expect(plan.contains("targets: [-0.5, 0.5]\n"))
    #expect(plan.contains("centre: {rate: 0.01, batch: 0.0, exponent: 0.0}"))
    for (option, sentence) in [
      ("--targets=0,0", "--targets must be different numbers such as 0,2.5, not '0,0'"),
      ("--targets=high", "--targets must be different numbers such as 0,2.5, not 'high'"),
      ("--centre=0", "--centre must be auto or a positive number, not '0'"),
    ] {
      let refused = await sweep(option, "--dry-run")
      #expect(refused.status == 64 && refused.errors == "batchlab: \(sentence)\n")
    }
    let both = await run("sweep", "@/mine/plan.yaml", "--targets", "0", in: folder)
    #expect(both.errors.contains("with a plan, settings belong in the plan"))
  }
}
