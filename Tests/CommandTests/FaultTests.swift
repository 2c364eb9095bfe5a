import Foundation
import TestSupport
import Testing

/// Whatever call of the system fails, no trial that was finished is lost, nothing wrong is sealed,
/// no success is reported falsely, and no signal ends the process.
///
/// A library that is loaded before the system's own lets the n-th call of a kind fail, once or from
/// then on. `make soak` goes over all n, `make test` over a part of them.
struct FaultTests {
  private static let kinds = [
    "open", "read", "write", "readdir", "stat", "fsync", "rename", "link", "unlink", "truncate",
    "mkdir",
  ]

  /// What a command has to do when its calls fail.
  enum Work: String, CaseIterable {
    case sweep, resume, seal, merge, repair

    var arguments: [String] {
      switch self {
      case .sweep, .resume: ["sweep", "plan.yaml", "--lanes", "1", "--checkpoint-seconds", "0.02"]
      case .seal: ["sweep", "plan.yaml", "--lanes", "1"]
      case .merge, .repair: ["archive", rawValue, "Results/tiny"]
      }
    }

    /// A study of which the work is to be done.
    func study() async throws -> TinyStudy {
      let study = try FaultTests.study()
      switch self {
      case .sweep: break
      case .resume:
        let fault = ["BATCHLAB_FAULT": "fsync:16:always"]
        let result = try study.start(arguments, environment: fault).finish()
        #expect(result.status == 1, "\(result.errors)")
        let count = try await study.trialCount()
        #expect((2..<10).contains(count), "\(count)")
      case .seal, .merge, .repair:
        #expect(await study.runSweep("--shard", "0/2").status == 0)
        let other = "Results/tiny/journal/9.jsonl.zst"
        let file = try study.folder.newFile(other)
        #expect(flock(file.fileDescriptor, LOCK_EX) == 0)
        #expect(await study.runSweep("--shard", "1/2").status == 0)
        try file.close()
        try study.folder.remove(other)
      }
      if self == .repair {
        let journal = try #require(
          try study.folder.contents(of: "Results/tiny/journal").first { $0.hasSuffix(".zst") })
        let name = "Results/tiny/journal/\(journal)"
        let bytes = try study.folder.bytes(name)
        try study.folder.write(bytes.dropLast(5), to: name)
        try study.folder.flipByte(of: name, at: bytes.count / 2)
      }
      return study
    }
  }

  private static func study() throws -> TinyStudy {
    try TinyStudy(tuning: 1, seeds: 1, batches: "[80, 240]")
  }

  /// The digest of the study without faults.
  private static let digest = Task { try await study().finish(lanes: 1) }

  @Test(arguments: Work.allCases)
  func `calls that fail cost nothing that was finished`(work: Work) async throws {
    let expected = try await Self.digest.value
    let before = try await work.study()
    let kept =
      switch work {
      case .sweep: 0
      case .repair: try await before.repaired().trialCount()
      default: try await before.trialCount()
      }
    let counts = try before.copy().callCounts(of: work.arguments)
    print(work, Self.kinds.map { "\($0) \(counts[$0] ?? 0)" }.joined(separator: ", "))
    let faults = Self.kinds.flatMap { kind in
      (0..<(counts[kind] ?? 0)).flatMap { call in
        ["once", "always"].map { "\(kind):\(call + 1):\($0)" }
      }
    }
    #expect(faults.count > 100)
    // Once and always alternate, so an odd step meets both.
    let step = isSoak ? 1 : 37
    for fault in faults.enumerated().filter({ $0.offset % step == 0 }).map(\.element) {
      let study = try before.copy()
      let result = try study.start(work.arguments, environment: ["BATCHLAB_FAULT": fault]).finish()
      let about = "\(work) \(fault): \(result)" as Comment
      #expect([0, 1, 64, 141].contains(result.status), about)
      let found = try await study.check(
        holds: kept + TinyStudy.reported(result.errors), mayBeDamaged: work == .repair, about)
      if result.status == 0 {
        #expect(found == (work == .repair ? .intact : .sealed), about)
      }
      let digest = try await study.finish()
      #expect(digest == expected, about)
      let left = try study.folder.contents(of: "Results/tiny")
      let remains = left.filter { $0.contains("partial") || $0.hasSuffix(".zst") }
      #expect(remains == ["curves.jsonl.zst", "trials.jsonl.zst"], about)
    }
  }
}

extension TinyStudy {
  fileprivate enum Found { case nothing, intact, sealed, damaged }

  fileprivate func copy() throws -> TinyStudy {
    let study = try TinyStudy()
    for name in ["plan.yaml", "Results"] where folder.exists(name) {
      if study.folder.exists(name) { try study.folder.remove(name) }
      try FileManager.default.copyItem(at: folder.url(name), to: study.folder.url(name))
    }
    return study
  }

  fileprivate func start(_ arguments: [String], environment: [String: String]) throws -> Command {
    try Command(
      arguments, in: folder, preloading: "libFaultInjector.so", environment: environment)
  }

  /// How many calls of each kind a command makes.
  fileprivate func callCounts(of arguments: [String]) throws -> [String: Int] {
    let counts = folder.url("counts").path
    let result = try start(arguments, environment: ["BATCHLAB_FAULT_COUNTS": counts]).finish()
    #expect(result.status == 0, "\(result.errors)")
    let lines = folder.text("counts").split(separator: "\n").map { $0.split(separator: " ") }
    return Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), Int($0[1]) ?? 0) })
  }

  fileprivate func repaired() async throws -> TinyStudy {
    let study = try copy()
    let result = await study.run("archive", "repair", "@/Results/tiny")
    #expect(result.status == 0, "\(result.errors)")
    return study
  }

  /// Checks that the study is intact and holds at least so many trials. One that was damaged is
  /// repaired first.
  fileprivate func check(
    holds count: Int, mayBeDamaged: Bool, _ about: Comment
  ) async throws -> Found {
    guard folder.exists("Results/tiny/plan.json") else {
      #expect(count == 0, about)
      return .nothing
    }
    var result = await run("archive", "verify", "@/Results/tiny")
    let isDamaged = result.status != 0
    if isDamaged, mayBeDamaged {
      let repair = await run("archive", "repair", "@/Results/tiny")
      #expect(repair.status == 0, "\(repair) \(about)")
      result = await run("archive", "verify", "@/Results/tiny")
    }
    #expect(result.status == 0, "\(result) \(about)")
    let trials = try await trialCount()
    #expect(trials >= count, "\(trials) of \(count), \(about)")
    if isDamaged { return .damaged }
    return result.output.contains("sealed and intact") ? .sealed : .intact
  }
}
