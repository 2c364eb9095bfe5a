import CommandSupport
import Foundation
import TestSupport
import Testing

/// A study that grows to a larger plan is, in the end, the study of that plan.
@Suite(.serialized)
struct GrowthTests {
  private static let moreBatches = "[80, 240, 480, 960, 1920]"

  private func expectNothingIsLeftOver(in study: TinyStudy) throws {
    let names = try study.folder.contents(of: "Results/tiny")
    #expect(
      names == ["curves.jsonl.zst", "fits.json", "plan.json", "plan.yaml", "trials.jsonl.zst"],
      "\(names)")
  }

  /// Sweeps the grown plan and compares with the study that is measured at once.
  private func expectGrowth(
    of study: TinyStudy, to other: TinyStudy, saying sentence: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let result = await study.runSweep()
    #expect(result.status == 0, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.errors.contains(sentence), "\(result.errors)", sourceLocation: sourceLocation)
    let expected = try await other.finish()
    #expect(try await study.finish() == expected, sourceLocation: sourceLocation)
    #expect(study.folder.text("Results/tiny/plan.yaml") == study.folder.text("plan.yaml"))
    #expect(
      try study.folder.bytes("Results/tiny/plan.json")
        == other.folder.bytes("Results/tiny/plan.json"))
    try expectNothingIsLeftOver(in: study)
  }

  @Test func `more measuring seeds, then more batches, give the digest of all at once`()
    async throws
  {
    let study = try TinyStudy(seeds: 5)
    try await study.finish()
    let before = try await study.trialCount()
    try study.ask(seeds: 12)
    try await expectGrowth(
      of: study, to: TinyStudy(seeds: 12),
      saying: "Results/tiny grows: 7 more measuring seeds; \(before) trials are kept, about 21 will"
    )
    #expect(try await study.trialCount() == before + 21)
    try study.ask(seeds: 12, batches: Self.moreBatches)
    try await expectGrowth(
      of: study, to: TinyStudy(seeds: 12, batches: Self.moreBatches),
      saying: "Results/tiny grows: batches 480 and 1,920; \(before + 21) trials are kept, about ")
    #expect(TinyStudy.reported(await study.runSweep().errors) == 0)
  }

  @Test func `more tuning seeds give the digest of all at once`() async throws {
    let study = try await TinyStudy.finished()
    try study.ask(tuning: 5)
    try await expectGrowth(
      of: study, to: TinyStudy(tuning: 5), saying: "grows: 3 more tuning seeds; ")
  }

  @Test(arguments: [
    ("[{task: catch, targets: [0.5, 0.8]}]", "", "target 0.8"),
    (
      "[{task: catch, targets: [0.5]}]", "budget: {observations: 600000}",
      "a budget of 600,000 instead of 500,000 observations"
    ),
    ("[bandit, {task: catch, targets: [0.5]}]", "", "task bandit"),
  ])
  func `more targets, budget or tasks give the digest of all at once`(
    tasks: String, settings: String, words: String
  ) async throws {
    let (study, other) = (try await TinyStudy.finished(), try TinyStudy())
    for each in [study, other] { try each.ask(tasks: tasks, settings: settings) }
    try await expectGrowth(of: study, to: other, saying: "grows: \(words); ")
  }

  @Test func `a study that isn't finished grows, too`() async throws {
    let study = try TinyStudy(seeds: 2)
    #expect(await study.runSweep("--shard", "0/2").status == 0)
    try study.ask(seeds: 3)
    try await expectGrowth(
      of: study, to: TinyStudy(seeds: 3), saying: "grows: 1 more measuring seed; ")
  }

  @Test(arguments: [
    (1, "[80, 240, 960]", "", "'seeds: measuring' differs (2 there, 1 here)"),
    (3, "[80, 240]", "", "'batches' of catch differs"),
    (
      3, "[80, 240, 960]", "activation: relu",
      "'activation' of catch differs ('tanh' there, 'relu' here)"
    ),
  ])
  func `what asks for less or for something other is refused`(
    seeds: Int, batches: String, settings: String, words: String
  ) async throws {
    let study = try await TinyStudy.finished()
    let before = try study.folder.contents(of: "Results/tiny")
    try study.ask(seeds: seeds, batches: batches, settings: settings)
    for options in [[], ["--dry-run"]] {
      let result = await run(
        ["sweep", "@/plan.yaml", "--output", "@/Results/tiny"] + options, in: study.folder)
      #expect(result.status == 1)
      #expect(
        result.errors
          == "batchlab: Results/tiny is a study with another plan: \(words); choose another --output, or go back to the plan in Results/tiny/plan.yaml\n"
      )
    }
    #expect(try study.folder.contents(of: "Results/tiny") == before)
    #expect(try await study.summary().digest == TinyStudy.digest)
  }

  @Test func `a dry run says what is kept, what runs and what leaves`() async throws {
    let study = try await TinyStudy.finished()
    let (before, count) = (try study.folder.contents(), try await study.trialCount())
    try study.ask(seeds: 3, settings: "budget: {observations: 600000}")
    let text = await study.runSweep("--dry-run")
    #expect(text.status == 0 && text.errors.isEmpty, "\(text.errors)")
    #expect(
      text.output.hasPrefix(
        "The study grows: 1 more measuring seed, a budget of 600,000 instead of 500,000 observations; 0 trials are kept, about "
      ), "\(text.output)")
    let result = await study.runSweep("--dry-run", "--json")
    let document = try #require(try result.json() as? [String: Any])
    let growth = try #require(document["growth"] as? [String: Any])
    #expect(growth["trials_kept"] as? Int == 0)
    let leaving = try #require(growth["trials_leaving"] as? Int)
    let uncertain = try #require(growth["trials_uncertain"] as? Int)
    #expect(leaving >= 6 && leaving + uncertain == count)
    #expect(growth["trials_left"] as? Int == document["trials_left"] as? Int)
    #expect(try study.folder.contents() == before)
  }

  @Test func `a study that has begun to grow says how to go on`() async throws {
    let study = try await TinyStudy.finished()
    try study.ask(seeds: 3)
    let part = await study.runSweep("--shard", "0/2")
    #expect(part.status == 0 && part.output.contains("is not finished"), "\(part.errors)")
    let own = await study.run("sweep", "@/Results/tiny")
    let growth = try #require(
      own.errors.firstMatch(of: /run `batchlab sweep (Results\/tiny\/growth\/\w+)`/))
    #expect(own.status == 0 && own.output.contains("already sealed"), "\(own.errors)")
    let rest = await study.run("sweep", "@/\(growth.1)")
    #expect(rest.status == 0 && rest.output.contains("sealed"), "\(rest.errors)")
    let expected = try await TinyStudy(seeds: 3).finish()
    #expect(try await study.summary().digest == expected)
    try expectNothingIsLeftOver(in: study)
  }

  @Test func `killed at any point, a study that grows loses nothing`() async throws {
    let (small, large) = (try await TinyStudy.digest, try await TinyStudy(seeds: 9).finish())
    var draws = Draws(7)
    func begin() async throws -> TinyStudy {
      let study = try await TinyStudy.finished()
      try study.ask(seeds: 9)
      return study
    }
    var study = try await begin()
    let start = ContinuousClock.now
    #expect(try study.sweep("--lanes", "2").finish().status == 0)
    let length = start.duration(to: .now) / .seconds(1)
    var (kills, states) = (0, [String: Int]())
    study = try await begin()
    while kills < (isSoak ? 200 : 12) {
      let command = try study.sweep("--lanes", "2", "--checkpoint-seconds", "0.005")
      if kills.isMultiple(of: 2) {
        command.kill(after: Double.random(in: 0...length, using: &draws))
      } else {
        // While the larger study takes its place.
        try command.wait(for: study.folder.url("Results/tiny/grown"))
        command.kill(after: Double.random(in: 0...0.004, using: &draws))
      }
      let result = try command.finish()
      kills += 1
      let (digest, isSealed) = try await study.summary()
      let isGrown = digest == large
      #expect(isSealed && (isGrown || digest == small))
      #expect(await study.run("archive", "verify", "@/Results/tiny").status == 0)
      let isMoving = study.folder.exists("Results/tiny/grown")
      if result.status == 128 + SIGKILL {
        states[isMoving ? "moving" : isGrown ? "grown" : "growing", default: 0] += 1
      }
      guard isGrown else { continue }
      #expect(try await study.finish() == large)
      try expectNothingIsLeftOver(in: study)
      study = try await begin()
    }
    #expect(try await study.finish() == large)
    print("killed while a study grew: \(states)")
  }

  @Test func `the list says that a study grows`() async throws {
    let study = try await TinyStudy.finished()
    try study.ask(seeds: 3)
    #expect(await study.runSweep("--shard", "0/2").status == 0)
    let list = await study.run("archive", "list", "@/Results")
    #expect(list.output.contains("sealed, growing"), "\(list)")
  }

  @Test func `shards grow a study together`() async throws {
    let study = try await TinyStudy.finished()
    try study.ask(seeds: 12, batches: Self.moreBatches)
    let shards = try (0..<3).map { try study.sweep("--shard", "\($0)/3", "--lanes", "1") }
    for shard in shards {
      let result = try shard.finish()
      #expect(result.status == 0, "\(result.errors)")
    }
    // Shards that end at the same time may leave the end to a merge.
    #expect(await study.run("archive", "merge", "@/Results/tiny").status == 0)
    let expected = try await TinyStudy(seeds: 12, batches: Self.moreBatches).finish()
    #expect(try await study.summary().digest == expected)
    try await study.verify("sealed and intact")
    #expect(try !study.folder.contents(of: "Results/tiny").contains("growth"))
  }

  @Test func `a shard of the smaller plan keeps its journal, and then is refused`() async throws {
    let study = try TinyStudy(seeds: 2)
    let old = try study.sweep("--shard", "0/2", "--lanes", "1")
    try old.waitForErrors(lines: 1)
    old.send(SIGSTOP)
    let plan = study.folder.text("plan.yaml")
    try study.ask(seeds: 3)
    let grown = await study.runSweep()
    #expect(grown.status == 1)
    #expect(grown.errors.hasSuffix("another batchlab process is writing to Results/tiny\n"))
    old.send(SIGCONT)
    #expect(try old.finish().status == 0)
    let merge = await study.run("archive", "merge", "@/Results/tiny")
    #expect(merge.status == 0, "\(merge.errors)")
    #expect(try await study.finish() == TinyStudy(seeds: 3).finish())
    try study.folder.write(plan, to: "plan.yaml")
    let refused = await study.runSweep("--shard", "0/2")
    #expect(refused.errors.contains("'seeds: measuring' differs (3 there, 2 here)"))
  }

  @Test func `a study's folder and its stored plans are plans`() async throws {
    let (study, digest) = (try await TinyStudy.finished(), try await TinyStudy.digest)
    try study.folder.move("Results/tiny", "Results/kept")
    for plan in [
      "Results/kept", "Results/kept/", "Results/kept/plan.json", "Results/kept/plan.yaml",
    ] {
      let result = try batchlab("sweep", plan, in: study.folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.output.contains(
          "Results/kept is already sealed, digest \(digest)"),
        "\(result.output)")
    }
    let copy = await run(
      "sweep", "@/Results/kept/plan.json", "--output", "@/Results/tiny", in: study.folder)
    #expect(copy.output.contains("digest \(digest)"), "\(copy.errors)")
    #expect(study.folder.text("Results/tiny/plan.yaml") == study.folder.text("plan.yaml"))
    try study.folder.write(study.folder.bytes("Results/kept/plan.json"), to: "mine.json")
    let elsewhere = try batchlab("sweep", "mine.json", "--shard", "8/9", in: study.folder)
    #expect(elsewhere.output.contains("Results/mine is not finished"), "\(elsewhere.errors)")
    let none = await run("sweep", "@/Results", in: study.folder)
    #expect(none.status == 1)
    #expect(none.errors == "batchlab: Results is not a study: it holds no plan.json\n")
  }

  @Test func `a run goes on with more timesteps as one long run`() throws {
    let folder = try Scratch()
    func train(_ steps: Int, _ options: String...) throws -> Finished {
      try Command(
        [
          "train", "grid-goal-8", "--batch", "640", "--target", "0.8", "--learning-rate", "5e-5",
          "--total-timesteps", "\(steps)", "--json",
        ] + options, in: folder
      ).finish()
    }
    func facts(_ finished: Finished) throws -> [String: String] {
      let document = try #require(try finished.json() as? [String: Any], "\(finished.errors)")
      let rows = try #require(document["rows"] as? [[String: Any]])
      let curve = try #require(document["curve"] as? [[String: Any]])
      var facts: [String: String] = [:]
      for (index, row) in (rows + curve).enumerated() {
        for (key, value) in row where !key.contains("seconds") && key != "threads" {
          facts["\(key) \(index)"] = "\(value)"
        }
      }
      return facts
    }
    let first = try train(100_000, "--checkpoint", "saved")
    #expect(first.status == 0, "\(first.errors)")
    let (whole, part) = try (facts(train(300_000)), facts(train(300_000, "--resume", "saved")))
    #expect(part == whole && whole.count > 50)
    #expect(try facts(train(300_000, "--resume", "saved")) == whole)
    let shorter = try train(200_000, "--resume", "saved")
    #expect(shorter.status == 1)
    #expect(
      shorter.errors.contains("it was written by a run to more observations"), "\(shorter.errors)")
  }
}
