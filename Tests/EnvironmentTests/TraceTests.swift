import Foundation
import Testing

@testable import Environments
@testable import Lab

/// Digests of byte streams. `Golden/originals.json` holds those of the public packages
/// themselves, `Golden/lab.json` our own: `batchlab trace TASK` prints them.
struct TraceTests {
  private static func golden(_ name: String) throws -> [String: [Int: TraceDigest]] {
    let file = try #require(
      Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Golden"))
    let digests = try JSONDecoder().decode(
      [String: [String: TraceDigest]].self, from: Data(contentsOf: file))
    return digests.mapValues { checkpoints in
      Dictionary(uniqueKeysWithValues: checkpoints.map { (Int($0.key) ?? 0, $0.value) })
    }
  }

  @Test func `plays byte for byte like the public packages`() throws {
    let golden = try Self.golden("originals")
    // Two layouts of MiniGrid are followed by their rules alone.
    let followed = Catalogue.builtIn.filter { $0.original != nil }.map(\.facts.name)
    #expect(Set(followed).subtracting(golden.keys) == ["door-key-5x5", "multi-room-n4-s5"])
    for (name, expected) in golden {
      let task = try #require(Catalogue.builtIn[name], "\(name)")
      let trace = try #require(task.originalTrace, "\(name)")
      #expect(Set(expected.keys) == Set(TraceDigest.checkpoints))
      #expect(traceDigests(of: trace, seed: 0, steps: 5_000) == expected, "\(name)")
    }
  }

  @Test(arguments: Catalogue.builtIn.filter { $0.original != nil })
  func `plays like the public packages from any seed, each seed differently`(
    task: CatalogueEntry
  ) throws {
    let trace = try #require(task.originalTrace)
    var seen: Set<String> = []
    for seed: UInt32 in [0, 1, 2, .max] {
      let digests = traceDigests(of: trace, seed: seed, steps: 1_000)
      seen.formUnion(digests.values.map(\.sha))
    }
    #expect(seen.count == 8)
  }

  @Test func `plays as it always did`() throws {
    let golden = try Self.golden("lab")
    #expect(Set(golden.keys) == Set(Catalogue.builtIn.map(\.facts.name)))
    for task in Catalogue.builtIn {
      let digests = traceDigests(of: task.labTrace, seed: 0, steps: 5_000)
      #expect(golden[task.facts.name] == digests, "\(task.facts.name)")
    }
  }

  /// Against tasks stepped by hand, reading the documented layout back.
  @Test func `the lab's stream is observations, rewards and endings`() {
    var random = Seed(7).stream(.environment, 0)
    var clock = Clock(random: &random)
    var seen: Set<Ending> = []
    CatalogueEntry(Clock.self).labTrace(7, 300) { step in
      var reader = Reader(bytes: step.bytes)
      if step.count > 0 {
        let outcome = clock.advance(0, random: &random)
        let ending = Ending(isOver: outcome.isOver, isTimeUp: clock.step == 5)
        #expect(reader.numbers(2) == clock.observation())
        #expect(Double(bitPattern: reader.word(bytes: 8)) == outcome.reward)
        #expect(reader.word(bytes: 1) == UInt64(ending.rawValue))
        seen.insert(ending)
        if ending != .none { clock.restart(random: &random) }
      }
      if clock.step == 0 { #expect(reader.numbers(2) == clock.observation()) }
      #expect(reader.isAtEnd)
    }
    #expect(seen == [.none, .terminated, .truncated])
  }

  private struct Reader {
    var bytes: [UInt8]
    var next = 0
    var isAtEnd: Bool { next == bytes.count }

    mutating func word(bytes count: Int) -> UInt64 {
      defer { next += count }
      guard next + count <= bytes.count else { return .max }
      return bytes[next..<next + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: word(bytes: 4))) }
    }
  }
}
