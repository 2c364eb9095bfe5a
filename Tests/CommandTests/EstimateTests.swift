import CommandSupport
import Foundation
import Glibc
import TestSupport
import Testing

/// `batchlab estimate`, as a user runs it.
@Suite(.serialized)
struct EstimateTests {
  /// A task whose trials take milliseconds.
  private static let task = [
    "estimate", "catch", "--target", "0.5", "--hidden", "32", "--batches", "20,80,240,960,3840",
    "--tuning-seeds", "2", "--lanes", "2",
  ]

  /// A budget for the first batch only.
  private static let onePilot = "200k"

  private func estimate(_ options: String..., in folder: Scratch) async -> Finished {
    await run(Self.task + ["--output", "@/study"] + options, in: folder)
  }

  private func document(_ result: Finished) throws -> [String: Any] {
    #expect(result.status == 0, "\(result.errors)")
    return try #require(try result.json() as? [String: Any])
  }

  /// The document of an estimate that ran in one go.
  private static let whole = Task {
    let folder = try Scratch()
    let result = await run(Self.task + ["--output", "@/study", "--json"], in: folder)
    let document = try #require(try result.json() as? [String: Any], "\(result.errors)")
    return (
      digest: document["digest"] as? String, output: result.output, folder: folder
    )
  }

  @Test func `measures at least three batches and gives an interval`() async throws {
    let whole = try await Self.whole.value
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(whole.output.utf8)) as? [String: Any])
    #expect(
      Set(report.keys) == [
        "assumed_batch_deviation", "batches", "budget", "costs", "critical_environments", "digest",
        "end", "fit", "measuring_seeds", "reason", "study", "within",
      ])
    let batches = try #require(report["batches"] as? [Int])
    #expect(batches.count >= 3 && batches.contains(240))
    let fit = try #require(report["fit"] as? [String: Any])
    let critical = try #require(fit["critical_batch"] as? [String: Any])
    // The sweep finds about 400; an estimate must be right to an order of magnitude.
    if let value = critical["value"] as? Double { #expect((40...4_000).contains(value)) }
    if batches.count == 3 { #expect(fit["verdict"] as? String == "estimated") }
    let costs = try #require(report["costs"] as? [String: [String: Any]])
    #expect(Set(costs.keys) == ["pilot", "search", "measurement", "evaluation"])
    let trials = ["pilot", "search", "measurement"].compactMap { costs[$0]?["trials"] as? Int }
    let verified = await run("archive", "verify", "@/study", in: whole.folder)
    #expect(verified.output.contains("\(trials.reduce(0, +)) trials"), "\(verified.output)")
    // For the same rows, a fit says that batches are too few.
    if batches.count == 3 {
      let fitted = await run("fit", "@/study", in: whole.folder)
      #expect(fitted.output.contains("too-few"), "\(fitted.output)")
    }
  }

  @Test func `is over when it runs again, and says the same`() async throws {
    let whole = try await Self.whole.value
    let again = await estimate("--json", in: whole.folder)
    #expect(again.status == 0 && again.output == whole.output)
    let text = await estimate(in: whole.folder)
    for words in [
      "B_crit", "environments of 10 steps", "batchlab sweep --tasks catch", "pilot",
      "the noise scale is", "and B_crit likely lies between", "--tuning-seeds 2",
    ] {
      #expect(text.output.contains(words), "\(text.output)")
    }
    let report = try #require(try again.json() as? [String: Any])
    let fit = try #require(report["fit"] as? [String: Any])
    #expect(fit["likely_critical_batch"] is [String: Any])
  }

  @Test func `gives the same digest after any number of kills`() async throws {
    let (whole, folder) = (try await Self.whole.value, try Scratch())
    var draws = Draws(11)
    var kills = 0
    for _ in 0..<(isSoak ? 60 : 8) {
      let command = try Command(Self.task + ["--output", "study", "--json"], in: folder)
      try command.wait(for: folder.url("study/plan.json"))
      command.kill(after: Double.random(in: 0...0.4, using: &draws))
      if try command.finish().status == 128 + SIGKILL { kills += 1 }
    }
    let last = try Command(Self.task + ["--output", "study", "--json"], in: folder).finish()
    #expect(kills > 0)
    #expect(try document(last)["digest"] as? String == whole.digest && whole.digest != nil)
    #expect(try !folder.contents(of: "study").contains("growth"))
  }

  @Test func `goes on with a larger budget to the same end`() async throws {
    let (whole, folder) = (try await Self.whole.value, try Scratch())
    let short = try document(await estimate("--budget", Self.onePilot, "--json", in: folder))
    #expect(short["end"] as? String == "budget" && (short["batches"] as? [Int])?.count == 1)
    let rest = try document(await estimate("--json", in: folder))
    #expect(rest["digest"] as? String == whole.digest)
  }

  /// The sweep that the estimate names keeps its trials, and ends as one from scratch.
  @Test func `makes a study that a sweep grows`() async throws {
    let folder = try Scratch()
    let result = await estimate("--budget", Self.onePilot, in: folder)
    let line = try #require(result.output.split(separator: "\n").last)
    let words = line.split(separator: " ").map(String.init)
    #expect(words.prefix(4) == ["batchlab", "sweep", "--tasks", "catch"])
    #expect(words.suffix(2) == ["--output", "study"] || words.suffix(1) == ["study"])
    func sweep(to output: String) async -> Finished {
      await run(Array(words.dropFirst().dropLast()) + ["@/\(output)", "--lanes", "2"], in: folder)
    }
    let grown = await sweep(to: "study")
    #expect(grown.status == 0, "\(grown.errors)")
    #expect(grown.errors.contains("grows:") && grown.errors.contains("kept"), "\(grown.errors)")
    let fitted = await run("fit", "@/study", in: folder)
    #expect(fitted.status == 0 && fitted.output.contains("catch"), "\(fitted.errors)")
    let page = await run("report", "@/study", "--output", "@/page.html", in: folder)
    #expect(page.status == 0 && folder.exists("page.html"), "\(page.errors)")
    let anew = await sweep(to: "anew")
    func digest(_ sweep: Finished) -> Substring? {
      sweep.output.split(separator: "\n").last?.split(separator: " ").last
    }
    #expect(digest(grown) != nil && digest(grown) == digest(anew))
    // The sweep kept the search, so the estimate may go on.
    let more = await estimate(in: folder)
    #expect(more.status == 0, "\(more.errors)")
    let others = await estimate("--tuning-seeds", "1", in: folder)
    #expect(others.status == 1 && others.errors.contains("'seeds: tuning'"), "\(others.errors)")
  }

  @Test(arguments: [
    ("--within 1", "--within must be"), ("--budget 0", "--budget must be"),
    ("--budget 1000", "a budget of 1,000 observations is too small: the first batch, 400, is"),
    ("--batches 20,40,80", "these 3 span only 4"), ("--batches 4,64,256,1024", "batch 64 is not"),
    ("--batches 5,60,250,1000", "batch 5 is too small for an estimate"),
    ("--target 7", "target 7"), ("--clip-coef 0.1", "is a setting of ppo"),
    ("--lanes 0", "--lanes must be"), ("--tuning-seeds 0", "--tuning-seeds must be"),
    ("--output ''", "--output needs the name of a folder"),
  ])
  func `refuses what can't work in one sentence`(options: String, sentence: String) async throws {
    let words = options.split(separator: " ").map { $0 == "''" ? "" : String($0) }
    let result = await run(["estimate", "catch"] + words, in: try Scratch())
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errors.contains(sentence), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  /// With this centre no rate reaches the target, and each trial takes half a million observations.
  @Test func `starts no trial once the budget is spent, even in the first step`() async throws {
    let folder = try Scratch()
    func run() async throws -> [String: Any] {
      try document(
        await CommandSupport.run(
          Self.task + [
            "--centre", "1e-9", "--budget", "600k", "--output", "@/study", "--json",
          ], in: folder))
    }
    let report = try await run()
    #expect(report["end"] as? String == "budget" && report["batches"] as? [Int] == [])
    #expect((report["reason"] as? String)?.contains("ended within a step") == true)
    let costs = try #require(report["costs"] as? [String: [String: Any]])
    // Two trials spend it, and in the other lane a third one runs to its end.
    #expect(try [2, 3].contains(#require(costs["pilot"]?["trials"] as? Int)))
    let again = try await run()
    #expect(again["costs"] as? NSDictionary == report["costs"] as? NSDictionary)
  }

  /// A sweep with one seed says nothing of σ.
  @Test func `goes on from a sweep with fewer seeds`() async throws {
    let folder = try Scratch()
    let sweep = await run(
      "sweep", "--tasks", "catch", "--targets", "0.5", "--hidden", "32", "--batches", "20,240,3840",
      "--tuning-seeds", "2", "--measuring-seeds", "1", "--lanes", "2", "--output", "@/study",
      in: folder)
    #expect(sweep.status == 0, "\(sweep.errors)")
    let report = try document(await estimate("--json", in: folder))
    #expect(report["end"] as? String == "within", "\(report["reason"] ?? "")")
    #expect(try #require(report["measuring_seeds"] as? Int) >= 2)
  }

  @Test func `says that no rate reached the target`() async throws {
    let folder = try Scratch()
    let result = await run(
      [
        "estimate", "catch", "--total-timesteps", "4000", "--batches", "20,200,1000", "--hidden",
        "32", "--output", "@/study", "--json",
      ], in: folder)
    let report = try document(result)
    #expect(report["end"] as? String == "unmeasured")
    #expect(
      (report["reason"] as? String)?.contains("no learning rate reached the target") == true)
    #expect((report["fit"] as? [String: Any])?["verdict"] as? String == "too-few")
  }
}
