import Archive
import Foundation
import Learning
import Records
import Synchronization
import TestSupport
import Testing

@testable import Environments
@testable import Lab

/// A trial that is cut and resumed ends as one that ran in one go, bit for bit.
struct CheckpointTests {
  private let folder: Scratch
  private var file: String { folder.path + "/checkpoint" }

  init() throws { folder = try Scratch() }

  private static func settings(
    _ task: CatalogueEntry, environments: Int, steps: Int, targets: [Double], limit: Int,
    exchangeRate: Double? = nil, _ hyperparameters: Hyperparameters
  ) -> TrialSettings {
    .sample(
      task: task.facts.name, studySeed: 3, numEnvs: environments, numSteps: steps,
      exchangeRate: exchangeRate, hyperparameters, targets: targets, limit: limit,
      evaluationEpisodes: 64)
  }

  /// What is saved differs between these: optimizers, PPO's order of minibatches, inputs as lists,
  /// several groups of copies, batches that follow the noise, a single environment without noise
  /// sums, a point on a bowl, trials that end at their limit.
  static let cases: [(CatalogueEntry, TrialSettings)] = {
    let (catching, breakout, pong, quadratic) = (
      CatalogueEntry(Catch.self), CatalogueEntry(Breakout.self),
      CatalogueEntry(Pong<1, NormalLevel>.self), CatalogueEntry(Quadratic.self)
    )
    var ppo = Hyperparameters(.ppo)
    (ppo.updateEpochs, ppo.numMinibatches, ppo.gaeLambda) = (2, 3, 1)
    var plain = Hyperparameters()
    plain.gaeLambda = 1
    var convolutional = ppo
    if let network = NetworkLayers("conv8x3,conv4x3s2,dense16") { convolutional.use(network) }
    return [
      (
        catching,
        settings(
          catching, environments: 20, steps: 8, targets: [0, 0.5, 0.9], limit: 200_000, plain)
      ),
      (
        catching,
        settings(catching, environments: 1, steps: 8, targets: [0.9], limit: 4_000, plain)
      ),
      (
        catching,
        settings(catching, environments: 20, steps: 8, targets: [0.5], limit: 100_000, ppo)
      ),
      (
        breakout,
        settings(
          breakout, environments: 72, steps: 8, targets: [9], limit: 30_000,
          plain.with(optimizer: .rmsprop))
      ),
      (
        breakout,
        settings(
          breakout, environments: 20, steps: 8, targets: [9], limit: 4_000, convolutional)
      ),
      (
        pong,
        settings(
          pong, environments: 100, steps: 16, targets: [4], limit: 100_000,
          plain.with(optimizer: .sgd))
      ),
      (
        catching,
        settings(
          catching, environments: 4, steps: 8, targets: [0, 0.5, 0.9], limit: 200_000,
          exchangeRate: 300, ppo)
      ),
      (
        quadratic,
        settings(
          quadratic, environments: 96, steps: 1, targets: [5, 20], limit: 96 * 40,
          plain.with(optimizer: .sgd))
      ),
    ]
  }()

  /// Runs a trial from its checkpoint, if there is one, and stops it after some updates more.
  ///
  /// - Returns: the outcome, if it came to its end before that.
  private func run(
    _ settings: TrialSettings, _ task: CatalogueEntry, updates: Int, threads: Threads = .one
  ) async throws -> TrialOutcome? {
    let file = file
    return try await Task {
      let trial =
        try CheckpointFile.exists(file)
        ? try Trial(settings, task: task, resuming: file) : Trial(settings, task: task)
      var left = updates
      do {
        return try trial.run(
          checkpoints: Checkpoints(file: file, interval: .zero), threads: threads
        ) { _ in
          left -= 1
          if left == 0 { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
        }
      } catch {
        #expect((error as? TrialInterrupted)?.failure == nil)
        return nil
      }
    }.value
  }

  @Test(arguments: cases.indices)
  func `a trial that is cut again and again ends like one in one go`(index: Int) async throws {
    let (task, settings) = Self.cases[index]
    let whole = try Trial(settings, task: task).run()
    // Cut after 1, 2, 4, 8… updates, so that few restarts meet many stages of a run.
    var (cut, parts) = (1, 0)
    while true {
      if let outcome = try await run(settings, task, updates: cut) {
        #expect(outcome.timeless == whole.timeless)
        break
      }
      (cut, parts) = (cut * 2, parts + 1)
    }
    #expect(parts >= 3, "\(whole.updates) updates")
  }

  @Test(arguments: cases.indices)
  func `neither threads nor cuts change a trial`(index: Int) async throws {
    let (task, settings) = Self.cases[index]
    let whole = try Trial(settings, task: task).run()
    #expect(whole.threads == 1)
    let three = try Trial(settings, task: task).run(threads: .exactly(3))
    #expect(three.timeless == whole.timeless)
    #expect((three.threads == 3) == (settings.division.mostThreads > 2))
    // As in a sweep whose other trials end and begin.
    let asked = Atomic(0)
    let changing = Threads.automatic {
      1 + asked.wrappingAdd(1, ordering: .relaxed).oldValue % 3
    }
    let changed = try Trial(settings, task: task).run(threads: changing)
    #expect(changed.timeless == whole.timeless)
    var cut = 3
    while true {
      let threads = Threads.exactly(1 + cut % 3)
      if let outcome = try await run(settings, task, updates: cut, threads: threads) {
        #expect(outcome.timeless == whole.timeless)
        break
      }
      cut = cut * 2 + 1
    }
  }

  @Test func `the time of all parts is counted`() async throws {
    let (task, settings) = Self.cases[0]
    #expect(try await run(settings, task, updates: 5) == nil)
    let before = try TrialCheckpoint(reading: file, for: settings).time
    try await Task.sleep(for: .milliseconds(50))
    let outcome = try #require(try await run(settings, task, updates: 0))
    #expect(outcome.seconds > before.seconds)
    #expect(outcome.seconds < before.seconds + 60)
  }

  @Test func `a checkpoint of other settings is refused`() async throws {
    let (task, settings) = Self.cases[0]
    #expect(try await run(settings, task, updates: 3) == nil)
    var other = settings
    other.seed = 1
    let reason = "it was written by a trial with other settings"
    #expect(throws: ArchiveError.unusableCheckpoint(file, reason)) {
      _ = try Trial(other, task: task, resuming: file).updates
    }
  }

  @Test func `a checkpoint of another build or machine is refused`() throws {
    let settings = Self.cases[0].1
    let here = try TrialCheckpoint.Origin(of: settings)
    var reasons: Set<String> = []
    for column in [
      \TrialCheckpoint.Origin.trial, \.build, \.processor, \.engine, \.library,
    ] {
      var other = here
      other[keyPath: column] += "x"
      reasons.insert(try #require(here.difference(from: other)))
    }
    #expect(reasons.count == 5)
    #expect(here.difference(from: here) == nil)
  }

  @Test(arguments: [
    ["tally", "episodes"], ["tally", "steps"], ["trainer", "updates"],
    ["trainer", "observations"], ["trainer", "learner", "optimizerSteps"],
    ["trainer", "learner", "operations", "conventional"],
    ["trainer", "learner", "noise", "updates"], ["trainer", "collector", "operations", "executed"],
  ])
  func `numbers that no run comes to are refused`(path: [String]) async throws {
    let (task, settings) = Self.cases[0]
    #expect(try await run(settings, task, updates: 3) == nil)
    let content = Data(try #require(try CheckpointFile.read(file)))
    func changed(_ object: Any?, _ path: ArraySlice<String>, to value: Int) throws -> Any {
      guard let key = path.first else { return value }
      var dictionary = try #require(object as? [String: Any])
      #expect(dictionary[key] != nil)
      dictionary[key] = try changed(dictionary[key], path.dropFirst(), to: value)
      return dictionary
    }
    for value in [Int.max, 1 << 62, -1] {
      let object = try changed(
        try unsafe PropertyListSerialization.propertyList(from: content, format: nil), path[...],
        to: value)
      let data = try PropertyListSerialization.data(
        fromPropertyList: object, format: .binary, options: 0)
      try CheckpointFile.write([UInt8](data), to: file)
      #expect(throws: ArchiveError.self, "\(value)") {
        _ = try TrialCheckpoint(reading: file, for: settings)
      }
    }
    try CheckpointFile.write([UInt8](content), to: file)
    _ = try TrialCheckpoint(reading: file, for: settings)
  }

  @Test func `a flipped bit or a missing end anywhere is noticed`() async throws {
    let (task, settings) = Self.cases[0]
    #expect(try await run(settings, task, updates: 3) == nil)
    let bytes = try Data(contentsOf: URL(filePath: file))
    for index in stride(from: 0, to: bytes.count, by: 97) {
      var broken = bytes
      broken[index] ^= 1 << (index % 8)
      try broken.write(to: URL(filePath: file))
      #expect(throws: ArchiveError.self, "bit at \(index)") {
        _ = try TrialCheckpoint(reading: file, for: settings)
      }
      try bytes[..<index].write(to: URL(filePath: file))
      #expect(throws: ArchiveError.self, "\(index) bytes") {
        _ = try TrialCheckpoint(reading: file, for: settings)
      }
    }
    #expect(bytes.count > 20 * 97)
  }

  @Test func `a checkpoint that can't be written is reported and the trial continues`() throws {
    let (task, settings) = Self.cases[0]
    let nowhere = folder.path + "/file/checkpoint"
    try folder.write("", to: "file")
    var failures = 0
    let outcome = try Trial(settings, task: task).run(
      checkpoints: Checkpoints(file: nowhere, interval: .zero),
      onCheckpoint: { failures += $0 == nil ? 0 : 1 })
    #expect(failures > 3)
    #expect(try Trial(settings, task: task).run().timeless == outcome.timeless)
  }
}
