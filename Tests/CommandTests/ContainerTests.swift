import CommandSupport
import Foundation
import TestSupport
import Testing

/// Shards in containers of their own, where every process has the number 1.
@Suite(
  .serialized,
  .enabled(if: Container.isAllowed, "who may not make PID namespaces (unshare) can't test them"))
struct ContainerTests {
  @Test(arguments: 1...(isSoak ? 20 : 3))
  func `eight shards in PID namespaces of their own share a study`(round: Int) async throws {
    let study = try TinyStudy(tasks: "[{task: catch, targets: [0.5]}, bandit]")
    let executable = try Command.executable()
    let shards = try (0..<8).map {
      try Command(
        Container.options + [
          executable, "sweep", "plan.yaml", "--shard", "\($0)/8", "--lanes", "1",
          "--checkpoint-seconds", "0",
        ], in: study.folder, running: Container.unshare)
    }
    for shard in shards {
      let result = try shard.finish()
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try await study.finish() == Self.expected.value)
    let left = try study.folder.contents(of: "Results").filter { $0.contains("partial") }
    #expect(left == [])
  }

  /// The digest of the study in one process.
  private static let expected = Task {
    try await TinyStudy(tasks: "[{task: catch, targets: [0.5]}, bandit]").finish(lanes: 1)
  }
}

/// `unshare`, which starts a program in a PID namespace of its own.
enum Container {
  static let unshare = "/usr/bin/unshare"
  static let options = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]

  static let isAllowed: Bool = {
    guard FileManager.default.isExecutableFile(atPath: unshare), let folder = try? Scratch(),
      let result = try? Command(options + ["/bin/true"], in: folder, running: unshare).finish()
    else { return false }
    return result.status == 0
  }()
}
