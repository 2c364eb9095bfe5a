import Algebra
import Records
import Testing

@testable import Environments
@testable import Learning

/// Several threads and several rollouts against one.
struct ThreadTests {
  /// A kind of training.
  struct Case: Sendable, CustomTestStringConvertible {
    var task: String
    var environments: Int
    var horizon: Int
    var settings: Hyperparameters
    var testDescription: String {
      "\(settings.algorithm.rawValue) \(task) \(environments) × \(horizon) \(settings.layers)"
    }
  }

  private static func ppo(_ trunks: Trunks = .separate, hidden: [Int] = [8]) -> Hyperparameters {
    var settings = Hyperparameters(.ppo)
    (settings.trunks, settings.hidden) = (trunks, LayerSizes(hidden))
    return settings
  }

  private static func policyGradient(_ hidden: [Int]) -> Hyperparameters {
    var settings = Hyperparameters()
    (settings.hidden, settings.normAdv) = (LayerSizes(hidden), true)
    return settings
  }

  private static func convolutional(
    _ settings: Hyperparameters, _ layers: String
  ) -> Hyperparameters {
    var settings = settings
    if let network = NetworkLayers(layers) { settings.use(network) }
    return settings
  }

  static let cases = [
    Case(
      task: "grid-goal-8", environments: 48, horizon: 7, settings: policyGradient([16])),
    // Lists of ones, groups of 64 copies, shards that begin within a group.
    Case(task: "breakout", environments: 176, horizon: 3, settings: policyGradient([80])),
    // One shard.
    Case(task: "pong", environments: 37, horizon: 5, settings: policyGradient([8])),
    // Minibatches of whole environments in several parts.
    Case(task: "catch", environments: 96, horizon: 48, settings: ppo()),
    // Minibatches of transitions.
    Case(task: "breakout", environments: 2, horizon: 160, settings: ppo(.shared, hidden: [72])),
    // A point on a bowl.
    Case(task: "quadratic", environments: 48, horizon: 2, settings: policyGradient([])),
    // Convolutions of lists, and of other convolutions.
    Case(
      task: "breakout", environments: 176, horizon: 3,
      settings: convolutional(Hyperparameters(), "conv8x3,conv12x3s2same,dense80")),
    Case(
      task: "catch", environments: 96, horizon: 48,
      settings: convolutional(ppo(), "conv16x3same,dense8")),
    // A minibatch in a single part.
    Case(task: "pong", environments: 8, horizon: 10, settings: ppo()),
  ]

  private struct Result: Equatable {
    var parameters: [Float]
    var noise: NoiseMoments?
    var operations: Operations
    var explainedVariance: Double?
    var policyLoss: Double
    var episodes: Int
  }

  private static func train(_ kind: Case, threads: [Int]) throws -> Result {
    let task = try #require(Catalogue.builtIn[kind.task])
    var settings = trialSettings(
      kind.settings, environments: kind.environments, horizon: kind.horizon, learningRate: 0.01)
    settings.task = kind.task
    var trainer = Trainer(settings, task: task, seed: Seed(3))
    var report: UpdateReport?
    for count in threads {
      trainer.threads = count
      report = try trainer.update()
    }
    let last = try #require(report)
    return Result(
      parameters: trainer.network.parameters.values, noise: trainer.noise,
      operations: trainer.operations, explainedVariance: last.explainedVariance,
      policyLoss: last.policyLoss, episodes: trainer.finishedEpisodes.count)
  }

  @Test(arguments: cases)
  func `results are the same to the bit whatever the number of threads`(of: Case) throws {
    let one = try Self.train(of, threads: [1, 1, 1, 1])
    #expect(one.parameters.allSatisfy { $0.isFinite })
    for threads in [[2, 2, 2, 2], [3, 3, 3, 3], [16, 16, 16, 16], [1, 3, 2, 1]] {
      let several = try Self.train(of, threads: threads)
      #expect(several == one, "\(threads)")
    }
  }

  /// Every index once, and none more than once on the same thread number at a time.
  @Test(arguments: [1, 2, 3, 7])
  func `each index is given out once`(threads: Int) {
    for count in [0, 1, 2, 100] {
      let seen = (0..<count).map { _ in Cell() }
      let busy = (0..<threads).map { _ in Cell() }
      inParallel(count, threads: threads) { index, thread in
        busy[thread].value += 1
        seen[index].value += busy[thread].value
        busy[thread].value -= 1
      }
      #expect(seen.allSatisfy { $0.value == 1 })
    }
  }

  private final class Cell { var value = 0 }

  @Test(arguments: [1, 2, 5])
  func `terms are added in their order`(threads: Int) {
    for count in [0, 1, 3, 64] {
      let text = orderedSum(count, threads: threads, from: "", add: +=) { "\($0) " }
      #expect(text == (0..<count).map { "\($0) " }.joined())
    }
  }

  /// Large networks: the parts' gradients don't fit into memory together.
  @Test(arguments: [0, 3_000, 1 << 26])
  func `parts are summed in waves with the same bits`(mostNumbers: Int) {
    let shape = Twin().shape
    func sum(_ parts: GradientParts, threads: Int) -> ([Float], GradientParts.Outcome) {
      let total = ParameterSet(shape)
      let outcome = parts.sum(11, times: 1 / 3, to: total, threads: threads) {
        part, _, gradient, tally in
        #expect(gradient.vector.values.allSatisfy { $0 == 0 })
        for column in 0..<shape.parameterCount {
          gradient.vector[0, column] = Float((part * 7919 + column * 104_729) % 1_000) / 7
        }
        tally.policyLoss = 0.1 * Double(part)
        return part
      }
      return (total.vector.values, outcome)
    }
    let (one, first) = sum(GradientParts(shape), threads: 1)
    let parts = GradientParts(shape, mostNumbers: mostNumbers)
    for threads in [2, 3] {
      for _ in 0..<2 {
        let (several, second) = sum(parts, threads: threads)
        #expect(several == one && second.squares == first.squares && second.executed == 55)
        #expect(second.tally.policyLoss == first.tally.policyLoss)
      }
    }
  }

  @Test(arguments: [1, 2, 16, 17, 37, 64, 100, 512, 4_096])
  func `work is divided by the batch alone, into parts of whole shards`(environments: Int) {
    for (horizon, minibatches) in [(16, nil), (128, 4), (1, 4)] as [(Int, Int?)] {
      let division = WorkDivision(
        environments: environments, horizon: horizon, minibatches: minibatches)
      #expect((16...64).contains(division.groupSize))
      #expect((division.groups - 1) * division.groupSize < environments)
      #expect(division.groups * division.groupSize >= environments)
      let shards = TrialSettings.shards(of: environments)
      #expect(shards.isMultiple(of: division.gradientParts))
      if let minibatches {
        let rows = environments * horizon / minibatches
        #expect(division.gradientParts == 1 || rows / division.gradientParts >= 512)
      } else {
        #expect(division.gradientParts == shards)
      }
    }
  }

  @Test func `a batch in several rollouts has the gradient of the same batch in one`() throws {
    let shape = Twin().shape
    let settings = trialSettings(descent(), environments: 24, horizon: 10, learningRate: 0.1)
    func learner() -> Learner {
      let learner = Learner(shape: shape, settings: settings, seed: Seed(1))
      learner.network.scatter(5)
      return learner
    }
    var one = learner()
    var several = learner()
    let whole = randomRollout(one.network, environments: 24, horizon: 10, drift: 0)
    // Shards are two copies each; the first and second rollout end within one.
    let parts = whole.split(one.network, [7, 6, 11])
    let first = try one.learn(from: [whole])
    let second = try several.learn(from: parts)
    #expect(distance(several.network.exact, one.network.exact) < 1e-6)
    let (noise, otherNoise) = (one.noise, several.noise)
    let (left, right) = (
      try #require(noise?.covarianceTrace), try #require(otherNoise?.covarianceTrace)
    )
    #expect(abs(left / right - 1) < 1e-4)
    let lengths: [Double] = [first, second].compactMap(\.gradientNorm)
    #expect(lengths.count == 2 && abs(lengths[0] / lengths[1] - 1) < 1e-5)
  }

  /// One epoch with one minibatch is the gradient of the whole batch, and it is summed over parts.
  @Test(arguments: [[96], [40, 56], [16, 16, 64]])
  func `a minibatch in parts has the gradient of the whole`(sizes: [Int]) throws {
    var settings = descent(.ppo)
    (settings.updateEpochs, settings.numMinibatches, settings.clipCoef) = (1, 1, nil)
    let shape = Twin().shape
    var ppo = Learner(
      shape: shape,
      settings: trialSettings(settings, environments: 96, horizon: 11, learningRate: 0.1),
      seed: Seed(1))
    ppo.network.scatter(5)
    let whole = randomRollout(ppo.network, environments: 96, horizon: 11, drift: 0)
    let before = ppo.network.exact
    let gradient = Twin().gradient(
      before, samples(whole, at: Array(0..<whole.count)), settings)
    let parts = whole.split(ppo.network, sizes)
    _ = try ppo.learn(from: parts)
    let moved = zip(ppo.network.exact, before).map { ($1 - $0) / 0.1 }
    #expect(distance(moved, gradient) < 1e-4 * norm(gradient))
  }

  @Test func `advantages are normalized over all rollouts, and so is the explained variance`() {
    let network = Network(Twin().shape)
    network.scatter(1)
    let whole = randomRollout(network, environments: 12, horizon: 6, drift: 0)
    for row in 0..<72 { whole.columns.advantages[row] = Float(row % 7) }
    let parts = whole.split(network, [5, 4, 3])
    let explained = [whole].explainedVariance(threads: 1) ?? .nan
    for threads in 1...3 {
      #expect(abs((parts.explainedVariance(threads: threads) ?? .nan) - explained) < 1e-9)
    }
    [whole].normalizeAdvantages(threads: 1)
    parts.normalizeAdvantages(threads: 2)
    let scaled = parts.flatMap(\.columns.advantages)
    #expect(zip(scaled, whole.columns.advantages).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(abs(scaled.reduce(0, +)) < 1e-4)
  }

  @Test func `tuning trials leave out the gradient that only the noise needs`() throws {
    let task = try #require(Catalogue.builtIn["catch"])
    func train(_ role: TrialRole) throws -> (
      parameters: [Float], noise: NoiseMoments?, operations: Operations
    ) {
      var settings = trialSettings(Self.ppo(), environments: 16, horizon: 9, learningRate: 0.01)
      settings.role = role
      var trainer = Trainer(settings, task: task, seed: Seed(1))
      for _ in 0..<3 { _ = try trainer.update() }
      return (trainer.network.parameters.values, trainer.noise, trainer.operations)
    }
    let (tuning, measuring) = (try train(.tuning), try train(.measuring))
    #expect(tuning.parameters == measuring.parameters)
    #expect(tuning.noise == nil && measuring.noise?.updates == 3)
    #expect(tuning.operations.executed < measuring.operations.executed)
    #expect(tuning.operations.conventional == measuring.operations.conventional)
  }
}
