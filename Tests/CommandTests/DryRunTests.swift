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
}
