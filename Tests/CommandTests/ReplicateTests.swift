import CommandSupport
import Foundation
import TestSupport
import Testing

/// `replicate` measures a study again with another seed.
@Suite(.serialized)
struct ReplicateTests {
  @Test func `is a sealed study of its own beside the first, and is compared with it`() async throws
  {
    let study = try await TinyStudy.finished()
    let result = await study.run("replicate", "@/Results/tiny/", "--seed", "2", "--lanes", "2")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\nsealed Results/tiny-seed-2 in "))
    #expect(
      result.output.contains(
        "\nReplicates: 1 is Results/tiny (seed 1), 2 is Results/tiny-seed-2 (seed 2)\n"))
    #expect(result.output.contains("no target is fitted in both"))
    let verified = await study.run("archive", "verify", "@/Results/tiny-seed-2")
    #expect(verified.output.contains("sealed and intact"), "\(verified.errors)")
    #expect(
      study.folder.text("Results/tiny-seed-2/plan.yaml").hasPrefix(
        "# batchlab replicate "))
    // The same plan with that seed is the same study, digest for digest.
    try study.ask(settings: "seed: 2")
    #expect(await study.runSweep(output: "Results/other").status == 0)
    let list = await study.run("archive", "list", "@/Results", "--json")
    let studies = try #require(try list.json() as? [[String: Any]])
    func digest(_ name: String) -> String? {
      let study = studies.first { ($0["study"] as? String)?.hasSuffix("/" + name) ?? false }
      return study?["digest"] as? String
    }
    #expect(digest("tiny-seed-2") != nil && digest("tiny-seed-2") == digest("other"))
    #expect(digest("tiny") != digest("other"))
  }

  @Test func `resumes after a kill, and what is finished is never run again`() async throws {
    let study = try await TinyStudy.finished()
    let arguments = ["replicate", "Results/tiny", "--seed", "7", "--lanes", "1"]
    let command = try Command(arguments, in: study.folder)
    try command.waitForErrors(lines: 3)
    command.send(SIGKILL)
    _ = try command.finish()
    let again = try Command(arguments, in: study.folder).finish()
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.errors.contains("are already in the archive"))
    let last = try Command(arguments, in: study.folder).finish()
    #expect(last.output.contains("Results/tiny-seed-7 is already sealed"))
    #expect(TinyStudy.reported(last.errors) == 0)
  }

  @Test func `compare knows replicates`() async throws {
    let study = try await TinyStudy.finished()
    let first = await study.run("replicate", "@/Results/tiny", "--seed", "2", "--output", "@/again")
    #expect(first.status == 0, "\(first.errors)")
    let result = await study.run("compare", "@/Results/tiny", "@/again", "--json")
    let document = try #require(try result.json() as? [String: Any])
    let pair = try #require((document["replicates"] as? [[String: Any]])?.first)
    #expect(pair["questions"] as? Int == 1 && (pair["targets"] as? [Any])?.isEmpty == true)
    #expect((pair["second"] as? [String: Any])?["seed"] as? Int == 2)
    #expect(pair["inside_share"] is NSNull && pair["rms_z"] is NSNull)
    let alone = await study.run("compare", "@/Results/tiny", "--json")
    let other = try #require(try alone.json() as? [String: Any])
    #expect((other["replicates"] as? [Any])?.isEmpty == true)
  }

  @Test func `some tasks can be replicated, and a dry run writes nothing`() async throws {
    let study = try TinyStudy(tasks: "[{task: catch, targets: [0]}, bandit]")
    #expect(await study.runSweep("--shard", "0/99").status == 0)
    let dry = await study.run("replicate", "@/Results/tiny", "--seed", "2", "--dry-run")
    #expect(dry.status == 0 && dry.output.contains("bandit"), "\(dry.errors)")
    #expect(!study.folder.exists("Results/tiny-seed-2"))
    let part = await study.run("replicate", "@/Results/tiny", "--seed", "2", "--tasks", "catch")
    #expect(part.status == 0, "\(part.errors)")
    #expect(part.output.contains("sealed Results/tiny-seed-2"))
    #expect(!study.folder.text("Results/tiny-seed-2/plan.yaml").contains("task: bandit"))
    // Asking for more makes it grow.
    let all = await study.run("replicate", "@/Results/tiny", "--seed", "2")
    #expect(all.status == 0, "\(all.errors)")
    #expect(all.output.contains("sealed Results/tiny-seed-2"))
  }

  @Test(
    arguments: [
      ("@/Results/tiny", "replicate needs a seed, such as --seed 2"),
      (
        "@/Results/tiny --seed 1",
        "Results/tiny already has seed 1; choose another one, such as --seed 2"
      ),
      ("@/Results/tiny --seed -1", "--seed must be at least 0"),
      ("@/Results/tiny --seed two", "'two'"),
      ("@/nowhere --seed 2", "nowhere does not exist"),
      ("@/plan.yaml --seed 2", "plan.yaml is not the folder of a study; `batchlab sweep` measures"),
      (
        "@/Results/tiny --seed 2 --tasks ctach",
        "Results/tiny has no task 'ctach'; it has catch"
      ),
      ("@/Results/tiny --seed 2 --lanes 0", "--lanes must be at least 1"),
      ("@/Results/tiny --seed 2 --shard 4/4", "--shard takes i/n with 0 ≤ i < n"),
      ("@/Results/tiny --seed 2 --json", "--json works only with --dry-run"),
      ("@/Results/tiny --seed 2 --output=", "Missing value for '--output <output>'"),
    ])
  func `what can't be replicated is refused`(arguments: String, sentence: String) async throws {
    let study = try await TinyStudy.finished()
    let result = await run(
      ["replicate"] + arguments.split(separator: " ").map(String.init), in: study.folder)
    #expect(result.status == 64)
    #expect(result.errors.contains(sentence), "\(result.errors)")
    #expect(result.output.isEmpty && result.complaints.count == 2)
    #expect(!study.folder.exists("Results/tiny-seed-2"))
  }

  @Test func `a damaged study is named before anything runs`() async throws {
    let study = try await TinyStudy.finished()
    let file = study.folder.url("Results/tiny/trials.jsonl.zst")
    let whole = try Data(contentsOf: file)
    try whole.prefix(whole.count / 2).write(to: file)
    let result = await study.run("replicate", "@/Results/tiny", "--seed", "2")
    #expect(result.status == 1 && result.errors.contains("trials.jsonl.zst"), "\(result.errors)")
    #expect(!study.folder.exists("Results/tiny-seed-2"))
  }

  @Test func `a folder without a study is refused`() async throws {
    let study = try await TinyStudy.finished()
    let result = await study.run("replicate", "@/Results", "--seed", "2")
    #expect(result.status == 1 && result.errors.contains("Results is not a study"))
    // The study itself can't hold its replicate.
    let own = await study.run(
      "replicate", "@/Results/tiny", "--seed", "2", "--output", "@/Results/tiny")
    #expect(own.status == 1 && own.errors.contains("is a study with another plan"))
    #expect(own.errors.contains("'seed'"))
  }

  /// The plan of a study of older numerics is measured with those of today.
  @Test func `a study of older numerics is replicated with those of today`() async throws {
    let folder = try Scratch()
    try FileManager.default.createDirectory(
      at: folder.url("ladder"), withIntermediateDirectories: false)
    for file in ["plan.yaml", "trials.jsonl.zst", "curves.jsonl.zst"] {
      try FileManager.default.copyItem(
        atPath: "\(repository)/Results/ladder/\(file)", toPath: folder.path + "/ladder/\(file)")
    }
    let result = await run(
      "replicate", "@/ladder", "--seed", "2", "--tasks", "chain", "--dry-run", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.errors.isEmpty
        || result.errors.hasPrefix("ladder was measured with version 5 of the numerics"))
    #expect(result.output.contains("8 cells"))
  }
}
