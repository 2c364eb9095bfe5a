import CommandSupport
import Foundation
import TestSupport
import Testing

/// Processes that share a study, and trials that outlive them.
@Suite(.serialized)
struct ShardTests {
  private static let tasks = "[{task: catch, targets: [0.5]}, bandit]"
  /// The digest of the study in one process.
  private static let expected = Task { try await TinyStudy(tasks: tasks).finish(lanes: 1) }

  /// Runs one shard to its end.
  private func run(_ shard: Int, of study: TinyStudy) throws {
    let result = try study.sweep("--shard", "\(shard)/4", "--lanes", "1").finish()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("  batch ") || result.errors.contains("already in the archive"))
  }

  @Test(arguments: [[0, 1, 2, 3], [3, 1, 0, 2, 2, 1, 3, 0]])
  func `four shards in any order, also twice, give the digest of one process`(
    order: [Int]
  ) async throws {
    let study = try TinyStudy(tasks: Self.tasks)
    for shard in order { try run(shard, of: study) }
    let (digest, isSealed) = try await study.summary()
    #expect(isSealed)
    #expect(try await digest == Self.expected.value)
    #expect(!study.folder.exists("Results/tiny/journal"))
  }

  @Test func `four shards at a time give the digest of one process`() async throws {
    let study = try TinyStudy(tasks: Self.tasks)
    let shards = try (0..<4).map { try study.sweep("--shard", "\($0)/4", "--lanes", "1") }
    for shard in shards { #expect(try shard.finish().status == 0) }
    #expect(try await study.finish() == Self.expected.value)
  }

  @Test func `a shard comes from an array job, and runs its own cells only`() throws {
    let study = try TinyStudy(tasks: Self.tasks)
    let result = try Command(
      ["sweep", "plan.yaml", "--shards", "3"], in: study.folder,
      environment: ["SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "4"]
    ).finish()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("4 of 6 cells are left"))
    #expect(study.folder.exists("Results/tiny/journal/1.jsonl.zst"))
    for line in result.errors.split(separator: "\n") where line.contains(" cells  ") {
      #expect(line.contains("  batch 240  "))
    }
  }

  @Test(arguments: [
    (["--shard", "4/4"], "--shard takes i/n with 0 ≤ i < n, such as 0/4, not '4/4'"),
    (["--shard", "0/2", "--shards", "2"], "--shard already gives n: leave out --shards"),
    (["--shards", "0"], "--shards must be at least 1 and at most 1000000, not 0"),
    (
      ["--shards", "2"],
      "--shards 2 needs the index of an array job in SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, PBS_ARRAY_INDEX, LSB_JOBINDEX, SGE_TASK_ID; none is set, so give the index yourself, such as --shard 0/2"
    ),
  ])
  func `an impossible shard is refused`(options: [String], sentence: String) async throws {
    let study = try TinyStudy()
    let result = await CommandSupport.run(
      ["sweep", "@/plan.yaml", "--output", "@/Results/tiny"] + options, in: study.folder)
    #expect(result.status == 64)
    #expect(result.errors == "batchlab: \(sentence)\n")
    #expect(!study.folder.exists("Results"))
  }

  @Test func `an index beyond the shards is refused`() async throws {
    let study = try TinyStudy()
    let result = await CommandSupport.run(
      "sweep", "@/plan.yaml", "--shards", "2", in: study.folder,
      environment: ["JOB_COMPLETION_INDEX": "2"])
    #expect(result.status == 64)
    #expect(
      result.errors
        == "batchlab: JOB_COMPLETION_INDEX is 2, but --shards 2 allows 0 to 1\n")
  }

  @Test func `a second process on a shard is refused`() async throws {
    let study = try TinyStudy(tasks: Self.tasks)
    let first = try study.sweep("--shard", "0/2")
    try first.waitForErrors(lines: 1)
    first.send(SIGSTOP)
    let second = await study.runSweep("--shard", "0/2")
    first.send(SIGCONT)
    #expect(second.status == 1)
    #expect(second.errors == "batchlab: another batchlab process is writing to Results/tiny\n")
    #expect(try first.finish().status == 0)
  }

  /// Waits until the process has written a checkpoint, or has ended.
  private func waitForCheckpoint(_ command: Command, in study: TinyStudy) throws {
    let (start, folder) = (Date(), "\(study.folder.path)/Results/tiny/checkpoints")
    while command.isRunning {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where !name.hasSuffix(".partial") {
        let facts = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
        if let written = facts?[.modificationDate] as? Date, written > start { return }
      }
      Thread.sleep(forTimeInterval: 0.002)
    }
  }

  /// Trials of this study outlive several processes.
  @Test(arguments: [SIGKILL, SIGUSR1])
  func `a trial continues from its checkpoint`(signal: Int32) async throws {
    func study() throws -> TinyStudy {
      try TinyStudy(
        tuning: 1, seeds: 1, tasks: "[{task: grid-goal-8, targets: [0.5]}]", batches: "[960]")
    }
    let (whole, cut) = try (study(), study())
    let expected = try await whole.finish()
    var continued = 0
    for _ in 0..<5 {
      let command = try cut.sweep("--checkpoint-seconds", "0.02", "--lanes", "1")
      try waitForCheckpoint(command, in: cut)
      command.send(signal)
      let result = try command.finish()
      continued += result.errors.contains(": continues after ") ? 1 : 0
      #expect([0, signal == SIGKILL ? 137 : 75].contains(result.status), "\(result.errors)")
    }
    #expect(continued >= 2)
    #expect(try await cut.finish() == expected)
    #expect(!cut.folder.exists("Results/tiny/checkpoints"))
  }
}
