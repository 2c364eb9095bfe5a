import Algebra
import Archive
import Formats
import Foundation
import Learning
import Records
import TestSupport
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
    let scratch = try Scratch()
    return try withExtendedLifetime(scratch) { try body($0.path + "/policy.safetensors") }
  }

  @Test(arguments: Trunks.allCases, [[5, 3], []])
  func `a network is read as it was written`(trunks: Trunks, hidden: [Int]) throws {
    let network = Self.network(trunks, hidden: hidden)
    let read = try Self.withFile { file in
      try PolicyFile.write(network, of: Self.task, to: file)
      return try PolicyFile.read(file, for: Self.task.facts)
    }
    let (own, others) = (network.shape, read.shape)
    #expect(others.inputs == own.inputs && others.actions == own.actions)
    #expect(others.hidden == own.hidden && others.trunks == own.trunks)
    #expect(others.activation == own.activation)
    #expect(read.parameters.values == network.parameters.values)
  }

  @Test func `tensors have the names and shapes of the layers`() throws {
    let content = try Self.withFile { file in
      try PolicyFile.write(Self.network(.separate), of: Self.task, to: file)
      return try TensorFile(reading: file)
    }
    let expected = [("actor", 3), ("critic", 1)].flatMap { tower, outputs in
      [("0", 50, 5), ("2", 5, 3), ("4", 3, outputs)].flatMap { name, inputs, outputs in
        ["\(tower).\(name).weight [\(outputs), \(inputs)]", "\(tower).\(name).bias [\(outputs)]"]
      }
    }
    #expect(content.tensors.map { "\($0.name) \($0.shape)" } == expected)
    #expect(content.metadata["task"] == "catch" && content.metadata["rules_version"] == "1")
    #expect(content.metadata["hidden"] == "5-3" && content.metadata["trunks"] == "separate")
  }

  /// A layer of PyTorch's, out = W·x + b, from the tensors of a file.
  private static func linear(_ name: String, _ file: TensorFile, _ x: [Float]) throws -> [Float] {
    func values(_ part: String) throws -> [Float] {
      try #require(file.tensors.first { $0.name == "\(name).\(part)" }).values
    }
    let (weights, bias) = (try values("weight"), try values("bias"))
    return bias.indices.map { output in
      zip(weights[output * x.count..<(output + 1) * x.count], x).reduce(bias[output]) {
        $0 + $1.0 * $1.1
      }
    }
  }

  @Test func `tensors give the network's own heads, read as PyTorch reads them`() throws {
    for trunks in Trunks.allCases {
      let network = Self.network(trunks)
      let file = try Self.withFile { file in
        try PolicyFile.write(network, of: Self.task, to: file)
        return try TensorFile(reading: file)
      }
      let player = Player(network, seed: Seed(1))
      let copy = Self.task.copies(1, seed: Seed(2))
      var x = [Float](repeating: 0, count: 50)
      var rows = x.mutableSpan
      copy.observe(into: &rows, at: StridedIndices())
      func tower(_ names: [String], _ head: String) throws -> [Float] {
        let last = try names.reduce(x) { try Self.linear($1, file, $0).map { max($0, 0) } }
        return try Self.linear(head, file, last)
      }
      let isShared = trunks == .shared
      let logits = try tower(
        isShared ? ["network.0", "network.2"] : ["actor.0", "actor.2"],
        isShared ? "actor" : "actor.4")
      let value = try tower(
        isShared ? ["network.0", "network.2"] : ["critic.0", "critic.2"],
        isShared ? "critic" : "critic.4")
      let sum = Float(log(logits.reduce(0.0) { $0 + exp(Double($1)) }))
      let own = player.heads(for: copy)
      #expect(own.count == 4)
      for (expected, own) in zip(logits.map { $0 - sum } + value, own) {
        #expect(abs(expected - own) < 1e-5)
      }
    }
  }

  @Test func `a policy for another task, other rules or another network is refused`() throws {
    func sentence(
      _ facts: EnvironmentFacts, _ change: (inout TensorFile) -> Void = { _ in }
    ) throws -> String {
      try Self.withFile { file in
        try PolicyFile.write(Self.network(.shared), of: Self.task, to: file)
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
    #expect(try sentence(facts) { $0.metadata = [:] }.contains("don't say 'batchlab policy 2'"))
    #expect(try sentence(facts) { $0.metadata["hidden"] = "x" }.contains("give no network"))
    #expect(
      try sentence(facts) { $0.metadata["hidden"] = "6-3" }
        .contains("the network of its metadata has 343"))
    #expect(try sentence(facts) { $0.tensors.removeLast() }.contains("it holds"))
    #expect(
      try sentence(facts) { $0.tensors[$0.tensors.count - 1].name = "more" }
        .contains("no tensor 'critic.bias'"))
    #expect(
      try sentence(facts) { $0.tensors.append(.init(name: "more", shape: [0], values: [])) }
        .contains("it has tensors beside those of the network"))
    #expect(
      try sentence(facts) {
        $0.metadata["hidden"] = (0..<17).map { _ in "16384" }.joined(separator: "-")
      }.contains("give no network"))
  }

  @Test func `a trial ends with the policy that reached the target`() throws {
    var hyperparameters = Hyperparameters()
    (hyperparameters.gaeLambda, hyperparameters.entCoef) = (1, 0.02)
    let settings = TrialSettings.sample(role: .single, hyperparameters)
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
        [player.action(for: copy)], rewards: &rewards, endings: &endings, at: StridedIndices(),
        last: &rows)
    }
    #expect(copy.finishedScores / 300 > 0.75)
  }
}
