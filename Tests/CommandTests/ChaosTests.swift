import Foundation
import Glibc
import TestSupport
import Testing

/// Killed at random instants and resumed, a study ends with the digest that it would have had.
@Suite(.serialized)
struct ChaosTests {
  private static let kills = isSoak ? 200 : 10

  /// How far a study had come when its process was killed, by the files that it left.
  private enum Phase: String, CaseIterable { case beginning, running, sealing, sealed }

  private func phase(of study: TinyStudy) -> Phase {
    func exists(_ name: String) -> Bool { study.folder.exists("Results/tiny/\(name)") }
    let sealed = ["trials.jsonl.zst", "curves.jsonl.zst"]
    guard exists("plan.json") else { return .beginning }
    if sealed.allSatisfy(exists), !exists("journal") { return .sealed }
    return sealed.contains(where: exists) || isSealing(study) ? .sealing : .running
  }

  /// Whether the first sealed file is there or is being written.
  private func isSealing(_ study: TinyStudy) -> Bool {
    let names = (try? study.folder.contents(of: "Results/tiny")) ?? []
    return names.contains { $0.hasPrefix("trials.jsonl.zst") }
  }

  private func say(_ phases: [Phase: Int], _ what: String) {
    let counts = Phase.allCases.map { "\($0.rawValue) \(phases[$0] ?? 0)" }
    print("killed \(what): \(counts.joined(separator: ", "))")
  }

  /// What stands in a study's folder when all is over.
  private func expectNothingIsLeftOver(in study: TinyStudy) throws {
    let names = try study.folder.contents(of: "Results/tiny")
    // A sweep leaves its conclusions as well; merging draws none.
    #expect(
      Set(names).subtracting(["fits.json"])
        == ["curves.jsonl.zst", "plan.json", "plan.yaml", "trials.jsonl.zst"])
  }

  @Test func `killed at any point, a sweep ends with the digest of one that was not`() async throws
  {
    let expected = try await TinyStudy.digest
    var (study, reported, continued) = (try TinyStudy(), 0, 0)
    let start = ContinuousClock.now
    #expect(try study.sweep("--lanes", "2").finish().status == 0)
    let length = start.duration(to: .now) / .seconds(1)
    var draws = Draws(5)
    var phases: [Phase: Int] = [:]
    func finish() async throws {
      #expect(try await study.finish() == expected)
      try expectNothingIsLeftOver(in: study)
      (study, reported) = (try TinyStudy(), 0)
    }
    try await finish()
    while phases.values.reduce(0, +) < Self.kills {
      let command = try study.sweep("--lanes", "2", "--checkpoint-seconds", "0.005")
      command.kill(after: Double.random(in: 0...length, using: &draws))
      let result = try command.finish()
      reported += TinyStudy.reported(result.errors)
      continued += result.errors.contains(": continues after ") ? 1 : 0
      guard result.status == 128 + SIGKILL else {
        #expect(result.status == 0, "\(result.errors)")
        try await finish()
        continue
      }
      let reached = phase(of: study)
      phases[reached, default: 0] += 1
      if reached != .beginning { #expect(try await study.trialCount() >= reported) }
    }
    try await finish()
    say(phases, "in a sweep, which went on from checkpoints \(continued) times")
    #expect(phases[.running] ?? 0 > 0)
  }

  /// A study in two journals that holds everything and is not sealed, because a process that
  /// writes a third journal kept it from that.
  private func unsealed() async throws -> TinyStudy {
    let study = try TinyStudy()
    #expect(await study.runSweep("--shard", "0/2").status == 0)
    let other = "Results/tiny/journal/9.jsonl.zst"
    let file = try study.folder.newFile(other)
    #expect(flock(file.fileDescriptor, LOCK_EX) == 0)
    let result = await study.runSweep("--shard", "1/2")
    #expect(result.output.contains("is finished, but another process is still writing to it"))
    try file.close()
    try study.folder.remove(other)
    return study
  }

  @Test func `killed while it is sealed or merged, a study ends with that digest, too`()
    async throws
  {
    let expected = try await TinyStudy.digest
    let complete = try await unsealed()
    let start = ContinuousClock.now
    let verified = try batchlab("archive", "verify", "Results/tiny", in: complete.folder)
    #expect(verified.output.contains("unfinished; what is there is intact"), "\(verified.errors)")
    let reading = start.duration(to: .now) / .seconds(1)
    var draws = Draws(6)
    var phases: [Phase: Int] = [:]
    for round in 0..<Self.kills {
      let study = try TinyStudy()
      try FileManager.default.copyItem(
        at: complete.folder.url("Results"), to: study.folder.url("Results"))
      let command =
        try round.isMultiple(of: 2)
        ? study.sweep() : Command(["archive", "merge", "Results/tiny"], in: study.folder)
      if round % 4 < 2 {
        // From the first sealed file on, else anywhere.
        while command.isRunning, !isSealing(study) { try await Task.sleep(for: .milliseconds(1)) }
        command.kill(after: Double.random(in: 0...0.03, using: &draws))
      } else {
        command.kill(after: Double.random(in: 0...2 * reading, using: &draws))
      }
      let result = try command.finish()
      #expect([0, 128 + SIGKILL].contains(result.status), "\(result.errors)")
      if result.status != 0 { phases[phase(of: study), default: 0] += 1 }
      let merge = await study.run("archive", "merge", "@/Results/tiny")
      #expect(merge.output.contains("sealed and intact; "), "\(merge.errors)")
      #expect(merge.output.contains("digest \(expected)"))
      try expectNothingIsLeftOver(in: study)
    }
    say(phases, "while a study was sealed or merged")
    #expect(phases[.sealing] ?? 0 > 0)
  }
}
