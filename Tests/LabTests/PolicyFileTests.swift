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

  /// What a convolutional network of PyTorch computes, read from the tensors of a file: `Conv2d` on
  /// [channel][y][x], ReLU, `Flatten`, `Linear`.
  private static func convolved(
    _ file: TensorFile, _ hidden: NetworkLayers, _ tower: String, _ image: [[[Float]]]
  ) throws -> [Float] {
    var image = image
    for (depth, own) in hidden.convolutions.enumerated() {
      func tensor(_ part: String) throws -> TensorFile.Tensor {
        try #require(file.tensors.first { $0.name == "\(tower).\(2 * depth).\(part)" })
      }
      let (weight, bias) = (try tensor("weight"), try tensor("bias").values)
      let (height, width) = (image[0].count, image[0][0].count)
      #expect(weight.shape == [own.outputs, image.count, own.kernel, own.kernel])
      image = bias.indices.map { output in
        (0..<own.side(of: height)).map { row in
          (0..<own.side(of: width)).map { column in
            var sum = bias[output]
            for channel in image.indices {
              for down in 0..<own.kernel {
                for across in 0..<own.kernel {
                  let y = row * own.stride - own.padding + down
                  let x = column * own.stride - own.padding + across
                  guard y >= 0, y < height, x >= 0, x < width else { continue }
                  let place =
                    ((output * image.count + channel) * own.kernel + down) * own.kernel + across
                  sum += weight.values[place] * image[channel][y][x]
                }
              }
            }
            return max(sum, 0)
          }
        }
      }
    }
    var x = image.flatMap { $0.flatMap { $0 } }
    for index in hidden.dense.sizes.indices {
      let name = "\(tower).\(2 * (hidden.convolutions.count + index) + 1)"
      x = try linear(name, file, x).map { max($0, 0) }
    }
    return x
  }

  @Test(arguments: [
    ("breakout", "conv4x3,dense8"), ("catch", "conv3x3s2same,conv5x2,dense6,dense5"),
    ("empty-8x8", "conv4x3same"),
  ])
  func `convolutions are PyTorch's, whose channels come first`(
    task: String, layers: String
  ) throws {
    let entry = try Catalogue.builtIn.task(named: task)
    let (hidden, planes) = (try #require(NetworkLayers(layers)), try #require(entry.facts.planes))
    for trunks in Trunks.allCases {
      let network = Network(
        NetworkShape(
          inputs: entry.facts.observationSize, planes: planes, maxNonzeros: entry.maxNonzeros,
          actions: entry.facts.actions.count, hidden: hidden, activation: .relu, trunks: trunks))
      network.initialize(from: Seed(4))
      let (file, read) = try Self.withFile { name in
        try PolicyFile.write(network, of: entry, to: name)
        return (try TensorFile(reading: name), try PolicyFile.read(name, for: entry.facts))
      }
      #expect(read.parameters.values == network.parameters.values && read.shape.hidden == hidden)
      #expect(read.shape.trunks == trunks && read.shape.activation == .relu)
      let words = file.metadata
      #expect(words["network"] == layers && words["hidden"] == "\(hidden.dense)")
      #expect(words["planes"] == "\(planes.height) \(planes.width) \(planes.channels)")
      #expect(words["planes_uniform"] == "\(planes.uniform)")

      let copy = entry.copies(1, seed: Seed(2))
      var x = [Float](repeating: 0, count: entry.facts.observationSize)
      var rows = x.mutableSpan
      copy.observe(into: &rows, at: StridedIndices())
      // The numbers of a cell in the stated order, then each uniform one as a plane.
      let cells = planes.height * planes.width
      let image = (0..<planes.channels + planes.uniform).map { channel in
        (0..<planes.height).map { row in
          (0..<planes.width).map { column in
            let cell = row * planes.width + column
            if channel >= planes.channels {
              return x[cells * planes.channels + channel - planes.channels]
            }
            return words["planes_order"] == "y x channel"
              ? x[cell * planes.channels + channel] : x[channel * cells + cell]
          }
        }
      }
      let isShared = trunks == .shared
      let last = 2 * hidden.layers.count + 1
      let logits = try Self.linear(
        isShared ? "actor" : "actor.\(last)", file,
        Self.convolved(file, hidden, isShared ? "network" : "actor", image))
      let value = try Self.linear(
        isShared ? "critic" : "critic.\(last)", file,
        Self.convolved(file, hidden, isShared ? "network" : "critic", image))
      let sum = Float(log(logits.reduce(0.0) { $0 + exp(Double($1)) }))
      let expected = logits.map { $0 - sum } + value
      // The network that was read takes numbers, the one that was written lists.
      for player in [Player(network, seed: Seed(1)), Player(read, seed: Seed(1))] {
        let own = player.heads(for: copy)
        #expect(own.count == expected.count)
        for (expected, own) in zip(expected, own) { #expect(abs(expected - own) < 1e-5) }
      }
    }
  }

  @Test func `a policy whose convolutions don't fit is refused`() throws {
    func sentence(_ network: String) throws -> String {
      try Self.withFile { file in
        let entry = Self.task
        var own = Hyperparameters()
        if let layers = NetworkLayers("conv4x3,dense8") { own.use(layers) }
        try PolicyFile.write(Network(NetworkShape(own, for: entry)), of: entry, to: file)
        var content = try TensorFile(reading: file)
        content.metadata["network"] = network
        try content.write(to: file)
        do throws(ArchiveError) { _ = try PolicyFile.read(file, for: entry.facts) } catch {
          return error.description.replacingOccurrences(of: file, with: "FILE")
        }
        return "none"
      }
    }
    #expect(try sentence("conv4x3,dense8") == "none")
    #expect(try sentence("conv4x7,dense8").contains("its network has the kernel of conv4x7 on an"))
    #expect(
      try sentence("dense8,conv4x3").contains("its network has the convolution conv4x3 after"))
    #expect(try sentence("conv4x3same,dense8").contains("it holds"))
    #expect(try sentence("conv4x3,dense9").contains("give no network"))
    #expect(try sentence("x").contains("give no network"))
    #expect(try sentence("conv4x99,dense8").contains("give no network"))
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
