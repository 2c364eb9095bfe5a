import CommandSupport
import Foundation
import TestSupport
import Testing

/// A sweep gives the same archive however it is cut.
@Suite(.serialized)
struct SweepTests {
  @Test func `two lanes give the digest of one`() async throws {
    #expect(try await TinyStudy().finish(lanes: 2) == TinyStudy.digest)
  }

  @Test func `what is finished is never run again`() async throws {
    let study = try TinyStudy()
    let first = await study.runSweep()
    #expect(first.status == 0)
    #expect(TinyStudy.reported(first.errors) > 3 * 4)
    let second = await study.runSweep()
    #expect(second.status == 0)
    #expect(TinyStudy.reported(second.errors) == 0, "\(second.errors)")
    #expect(second.errors.contains("trials are already in the archive"))
    #expect(second.output.contains("\nResults/tiny is already sealed, digest "))
    #expect(first.output.contains("\nsealed Results/tiny in "))
    #expect(first.output.contains("cost   search trials  observations"))
    #expect(try await study.summary().digest == TinyStudy.digest)
    #expect(first.output.contains("catch to 0.5, horizon 10"))
    #expect(!first.output.contains(" cells  "))
  }

  @Test func `SIGKILL at any instant loses nothing that was reported`() async throws {
    let study = try TinyStudy()
    var reported = 0
    for lines in [0, 1, 2, 4, 3] {
      let command = try study.sweep("--lanes", "2")
      try command.waitForErrors(lines: lines)
      command.send(SIGKILL)
      let result = try command.finish()
      reported += TinyStudy.reported(result.errors)
      if study.folder.exists("Results/tiny/plan.json"), result.status != 0 {
        try await study.verify("unfinished; what is there is intact")
      }
    }
    let last = await study.runSweep()
    #expect(last.status == 0, "\(last.errors)")
    let words = last.errors.split(separator: "\n").first {
      $0.contains("are already in the archive")
    }
    let kept = words.flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }
    #expect(try #require(kept) >= reported)
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2])
  func `a signal ends a sweep with advice`(signal: Int32) async throws {
    let status = [SIGINT: 130, SIGTERM: 143, SIGHUP: 129][signal] ?? 75
    let study = try TinyStudy()
    let command = try study.sweep("--lanes", "1")
    try command.waitForErrors(lines: 2)
    command.send(signal)
    let result = try command.finish()
    #expect(result.status == Int32(status))
    #expect(result.output.isEmpty)
    #expect(
      result.complaints.dropLast().last
        == "batchlab: stopped; Results/tiny holds the finished trials and checkpoints of the running ones; run the same command to continue"
    )
    try await study.verify("unfinished; what is there is intact")
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test func `a signal ends training too`() throws {
    let folder = try Scratch()
    let command = try Command(
      ["train", "pong", "--target", "5", "--learning-rate", "1e-6"], in: folder)
    Thread.sleep(forTimeInterval: 0.5)
    command.send(SIGINT)
    let result = try command.finish()
    #expect(result.status == 130)
    #expect(result.errors == "batchlab: stopped\n")
  }

  @Test func `training continues from its checkpoint as if it had not been stopped`() throws {
    let folder = try Scratch()
    func train(_ options: String...) throws -> Command {
      try Command(
        [
          "train", "grid-goal-8", "--batch", "640", "--target", "0.8", "--learning-rate", "5e-5",
          "--total-timesteps", "3000000", "--json",
        ] + options, in: folder)
    }
    let command = try train("--checkpoint", "saved")
    Thread.sleep(forTimeInterval: 0.5)
    command.send(SIGUSR1)
    let stopped = try command.finish()
    #expect(stopped.status == 75)
    #expect(stopped.errors == "batchlab: stopped; --resume saved continues from there\n")
    let again = try train("--checkpoint", "saved").finish()
    #expect(again.status == 1 && again.errors.contains("saved exists"))
    let (resumed, whole) = try (train("--resume", "saved").finish(), train().finish())
    let (part, all) = try (
      #require(try resumed.json() as? [String: Any]), #require(try whole.json() as? [String: Any])
    )
    let rows = [part, all].map { ($0["rows"] as? [[String: Any]])?.first }
    for key in [
      "total_updates", "total_optimizer_steps", "evaluation_observations", "evaluation_episodes",
    ] {
      #expect(try #require(rows[0]?[key] as? Int) == rows[1]?[key] as? Int)
    }
    let scores = [part, all].map {
      ($0["curve"] as? [[String: Any]])?.map { $0["score"] as? Double }
    }
    #expect(scores[0] == scores[1] && scores[0]?.isEmpty == false)
  }

  @Test func `tasks of a plan can be run one by one`() async throws {
    let tasks = "[{task: catch, targets: [0]}, bandit]"
    let whole = try await TinyStudy(tasks: tasks).finish()
    let study = try TinyStudy(tasks: tasks)
    let part = await study.runSweep("--tasks", "catch")
    #expect(part.status == 0, "\(part.errors)")
    #expect(part.output.contains("Results/tiny is not finished: 3 of 6 cells are left"))
    #expect(!part.errors.contains("  bandit  "))
    #expect(try await !study.summary().isSealed)
    #expect(try await study.summary().digest == nil)
    let rest = await study.runSweep("--tasks", "bandit")
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(TinyStudy.reported(rest.errors) > 0 && !rest.errors.contains("  catch  "))
    #expect(try await study.summary().digest == whole)
    #expect(try await study.finish() == whole)
  }

  @Test func `a study of another plan is left alone`() async throws {
    let study = try await TinyStudy.finished()
    let digest = try await TinyStudy.digest
    let plan = study.folder.text("plan.yaml")
    try study.folder.write(plan + "\nbudget: {observations: 100000}\n", to: "plan.yaml")
    let result = await study.runSweep()
    #expect(result.status == 1)
    #expect(
      result.errors
        == "batchlab: Results/tiny is a study with another plan: 'budget: observations' of catch differs (500000 there, 100000 here); choose another --output, or go back to the plan in Results/tiny/plan.yaml\n"
    )
    #expect(try await study.summary().digest == digest)
  }

  @Test func `a study keeps the plan as it was given`() async throws {
    let study = try await TinyStudy.finished()
    #expect(study.folder.text("Results/tiny/plan.yaml") == study.folder.text("plan.yaml"))
  }

  @Test func `a study keeps the command that started it`() async throws {
    let folder = try Scratch()
    // A shard without cells writes the plan.
    let result = await run(
      "sweep", "--tasks", "catch", "--batches", "80,240", "--shard", "98/99", "--output",
      "@/it's & that", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let kept = folder.text("it's & that/plan.yaml")
    #expect(kept.hasPrefix("# batchlab sweep --tasks catch --batches 80,240 --shard 98/99 "))
    #expect(kept.contains(#" --output '\#(folder.path)/it'\''s & that'\#n"#))
    // It is a plan that says the same as the command.
    let again = await run(
      "sweep", "@/it's & that/plan.yaml", "--shard", "98/99", "--output", "@/it's & that",
      in: folder)
    #expect(again.status == 0, "\(again.errors)")
    #expect(await run("archive", "verify", "@/it's & that", in: folder).status == 0)
  }

  @Test func `a text file is not an archive`() async throws {
    let study = try await TinyStudy.finished()
    let file = "Results/tiny/trials.jsonl.zst"
    try study.folder.write("{\"kind\": \"trial\"}\n", to: file)
    for arguments in [
      ["archive", "verify", "@/Results/tiny"], ["fit", "@/Results/tiny"],
      ["sweep", "@/plan.yaml", "--output", "@/Results/tiny"], ["archive", "list", "@/Results"],
    ] {
      let result = await run(arguments, in: study.folder)
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("batchlab: \(file) is damaged at byte 0: "))
      #expect(result.complaints.count == 2)
    }
    #expect(study.folder.text(file) == "{\"kind\": \"trial\"}\n")
  }
}
