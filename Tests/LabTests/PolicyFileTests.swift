import Algebra
import Archive
import Foundation
import Learning
import Records
import Testing

@testable import Environments
@testable import Lab

struct PolicyFileTests {
  private static let task = CatalogueEntry(Catch.self)

  private static func network(_ trunks: Trunks, hidden: [Int] = [5, 3]) -> Network {
    let network = Network(
      NetworkShape(
        inputs: 50, actions: 3, hidden: LayerSizes(hidden), activation: .relu, trunks: trunks))
    network.initialize(from: Seed(1))
    return network
  }

  private static func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "policy-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
  }

  @Test(arguments: Trunks.allCases, [[5, 3], []])
  func `a network is read as it was written`(trunks: Trunks, hidden: [Int]) throws {
    let network = Self.network(trunks, hidden: hidden)
    let read = try Self.withFile { file in
      try PolicyFile.write(network, of: Self.task.facts, to: file)
      return try PolicyFile.read(file, for: Self.task.facts)
    }
    #expect(read.shape == network.shape)
    #expect(read.parameters.values == network.parameters.values)
  }

  @Test func `tensors have the names and shapes of the layers`() throws {
    let content = try Self.withFile { file in
      try PolicyFile.write(Self.network(.separate), of: Self.task.facts, to: file)
      return try TensorFile(reading: file)
    }
    let layers = [("0", 50, 5), ("1", 5, 3)]
    let expected = [("policy", 3), ("value", 1)].flatMap { tower, outputs in
      (layers + [("head", 3, outputs)]).flatMap { name, rows, columns in
        ["\(tower).\(name).weight [\(rows), \(columns)]", "\(tower).\(name).bias [\(columns)]"]
      }
    }
    #expect(content.tensors.map { "\($0.name) \($0.shape)" } == expected)
    #expect(content.metadata["task"] == "catch" && content.metadata["rules_version"] == "1")
    #expect(content.metadata["hidden"] == "5-3" && content.metadata["trunks"] == "separate")
  }

  @Test func `a policy for another task, other rules or another network is refused`() throws {
    func sentence(
      _ facts: EnvironmentFacts, _ change: (inout TensorFile) -> Void = { _ in }
    ) throws -> String {
      try Self.withFile { file in
        try PolicyFile.write(Self.network(.shared), of: Self.task.facts, to: file)
        var content = try TensorFile(reading: file)
        change(&content)
        try content.write(to: file)
        do throws(ArchiveError) { _ = try PolicyFile.read(file, for: facts) } catch {
          return error.description.replacingOccurrences(of: file, with: "FILE")
        }
        return "none"
      }
    }
    let facts = Self.task.facts
    #expect(try sentence(facts) == "none")
    #expect(
      try sentence(Pong<1, NormalLevel>.facts)
        == "FILE is not a policy: it plays catch by rules 1, not pong by rules 1")
    var newer = facts
    newer.rulesVersion = 2
    #expect(try sentence(newer).contains("it plays catch by rules 1, not catch by rules 2"))
    #expect(try sentence(facts) { $0.metadata = [:] }.contains("don't say 'batchlab policy 1'"))
    #expect(try sentence(facts) { $0.metadata["hidden"] = "x" }.contains("give no network"))
    #expect(
      try sentence(facts) { $0.metadata["hidden"] = "6-3" }
        .contains("it has no tensor '0.weight' of 50 × 6 numbers"))
    #expect(try sentence(facts) { $0.tensors.removeLast() }.contains("no tensor 'head.bias'"))
    #expect(
      try sentence(facts) { $0.tensors.append(.init(name: "more", shape: [1], values: [1])) }
        .contains("it has tensors beside those of the network"))
  }

  @Test func `what a trial hands over at its end is the policy that reached the target`() throws {
    var hyperparameters = Hyperparameters()
    (hyperparameters.gaeLambda, hyperparameters.entCoef) = (1, 0.02)
    let settings = TrialSettings(
      task: "catch", rulesVersion: 1, studySeed: 1, role: .single, seed: 0, numEnvs: 20,
      numSteps: 8, shortenedHorizon: false, learningRate: 0.008,
      hyperparameters: hyperparameters, targets: [0.9], limit: Observations(400_000),
      isPruned: false, evaluationEpisodes: 256)
    var policy: Network?
    let outcome = try Trial(settings, task: Self.task).run(onEnd: { policy = $0 })
    #expect(outcome.ending == .completed)
    let network = try #require(policy)
    let scores = Evaluator.play(Self.task, with: network, episodes: 0..<2_000, seed: Seed(9)).scores
    #expect(scores.reduce(0, +) / 2_000 > 0.85)
    // The player samples the same policy, one step after another.
    var player = Player(network, seed: Seed(10))
    let copy = Self.task.copies(1, seed: Seed(11))
    var (rewards, endings, last) = ([Float(0)], [Ending.none], [Float](repeating: 0, count: 50))
    while copy.finishedEpisodes < 300 {
      var rows = last.mutableSpan
      _ = copy.advance(
        [player.action(for: copy)], rewards: &rewards, endings: &endings, at: Places(),
        last: &rows)
    }
    #expect(copy.finishedScores / 300 > 0.75)
  }
}
