import Algebra
import Records
import Testing

@testable import Environments
@testable import Learning

/// Gradients of the objectives against finite differences of the twin.
struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var drift: Double
    /// Factor of the advantages.
    var advantage: Float
    var settings = Hyperparameters()
  }

  static let cases = [
    make("policy term", value: 0, entropy: 0),
    make("value term", advantage: 0, value: 0.7, entropy: 0),
    make("entropy term", advantage: 0, value: 0, entropy: 0.5),
    make("all of policy gradient", entropy: 0.3),
    make("ratios off 1, no clip", drift: 0.3),
    make("clipped ratios", drift: 0.3, value: 0, entropy: 0, clip: 0.2),
    make("clipped values", drift: 0.5, advantage: 0, clip: 0.2, clipsValue: true),
    make("all of PPO", drift: 0.3, clip: 0.2, clipsValue: true),
  ]

  /// - Parameter advantage: factor of the advantages.
  private static func make(
    _ name: String, drift: Double = 0, advantage: Double = 1, value: Double = 0.5,
    entropy: Double = 0.1, clip: Double? = nil, clipsValue: Bool = false
  ) -> Case {
    var made = Case(testDescription: name, drift: drift, advantage: Float(advantage))
    (made.settings.vfCoef, made.settings.entCoef) = (value, entropy)
    (made.settings.clipCoef, made.settings.clipVloss) = (clip, clipsValue)
    return made
  }

  @Test(arguments: cases, [(Trunks.shared, Activation.tanh), (.separate, .relu)])
  func `are those of the loss`(of: Case, kind: (trunks: Trunks, activation: Activation)) {
    check(of, Twin(activation: kind.activation, trunks: kind.trunks))
  }

  @Test func `are those of the loss in the other two networks`() {
    guard let all = Self.cases.last else { return }
    check(all, Twin(activation: .relu, trunks: .shared))
    check(all, Twin(activation: .tanh, trunks: .separate))
    check(all, Twin(hidden: []))
    check(all, Twin(actions: 1, hidden: [4]))
  }

  /// Networks with convolutions, on images of 6 × 5 cells with 2 channels and a uniform number.
  struct Convolutional: Sendable, CustomTestStringConvertible {
    var layers: String
    var order = PlaneLayout.Order.cells
    var isList = false
    var trunks = Trunks.shared
    var activation = Activation.tanh
    var uniform = 0

    var testDescription: String {
      "\(layers) \(order) \(isList ? "lists" : "numbers") \(trunks) \(activation) \(uniform)"
    }

    func twin() throws -> Twin {
      let layers = try #require(NetworkLayers(layers))
      let planes = PlaneLayout(height: 6, width: 5, channels: 2, order: order, uniform: uniform)
      try #require(layers.problem(height: 6, width: 5) == nil)
      return Twin(
        inputs: planes.observationSize, hidden: layers.dense.sizes, activation: activation,
        trunks: trunks, convolutions: layers.convolutions, planes: planes,
        maxNonzeros: isList ? 12 : nil)
    }
  }

  static let convolutional = [
    Convolutional(layers: "conv3x3,dense4"),
    Convolutional(layers: "conv3x3,dense4", order: .planes, activation: .relu),
    Convolutional(layers: "conv3x3same,dense4", trunks: .separate),
    Convolutional(layers: "conv3x2s2,dense4", order: .planes, trunks: .separate),
    Convolutional(layers: "conv3x3s2same,dense4", uniform: 2),
    Convolutional(layers: "conv3x3,conv4x2,dense4", activation: .relu),
    Convolutional(layers: "conv4x3same,conv3x3s2same,conv2x2", trunks: .separate),
    Convolutional(layers: "conv18x1,conv2x3s2,dense3", order: .planes, uniform: 1),
    Convolutional(layers: "conv3x3,dense4", isList: true),
    Convolutional(layers: "conv3x3,dense4", order: .planes, isList: true, activation: .relu),
    Convolutional(layers: "conv3x3s2same,conv2x2,dense4", isList: true, uniform: 2),
    Convolutional(
      layers: "conv3x3same,conv2x3", order: .planes, isList: true, trunks: .separate, uniform: 1),
  ]

  @Test(arguments: convolutional)
  func `are those of the loss with convolutions`(network: Convolutional) throws {
    guard let all = Self.cases.last else { return }
    check(all, try network.twin())
  }

  @Test(arguments: convolutional)
  func `the forward pass with convolutions is the twin's, in any rows`(
    kind: Convolutional
  ) throws {
    let twin = try kind.twin()
    let network = Network(twin.shape)
    network.scatter(4)
    let rollout = randomRollout(network, environments: 30, horizon: 3, drift: 0)
    let heads = rollout.activations.heads
    for (index, sample) in samples(rollout, at: Array(0..<90)).enumerated() {
      let exact = twin.heads(network.exact, sample.observation)
      #expect(abs(Double(heads[index, 3]) - exact.value) < 1e-5)
      for action in 0..<3 {
        #expect(abs(Double(heads[index, action]) - exact.logProbabilities[action]) < 1e-5)
      }
    }
    // As a collector writes them: the rows of a step, a rollout apart.
    let strided = Activations(twin.shape, rows: 90)
    for step in 0..<3 {
      network.forward(
        rollout.observations.rows(from: step, by: 3, count: 30), into: strided,
        at: RowSelection(first: step, step: 3, count: 30))
    }
    for (own, others) in zip(strided.outputs, rollout.activations.outputs) {
      #expect(zip(own.values, others.values).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  /// A minibatch in one pass, and the gradient of every row by itself.
  @Test(arguments: convolutional)
  func `norms of single rows are those of their own gradients with convolutions`(
    kind: Convolutional
  ) throws {
    let shape = try kind.twin().shape
    let network = Network(shape)
    network.scatter(3)
    let rollout = randomRollout(network, environments: 4, horizon: 3, drift: 0)
    let (gradients, single) = (Activations(shape, rows: 12), Activations(shape, rows: 1))
    var (tally, scratch) = (LossTally(), LossScratch(rows: 12))
    Objective(Hyperparameters()).writeGradients(
      of: rollout.columns, from: 0, heads: rollout.activations.heads, weight: 1 / 12,
      to: gradients.heads, scratch: &scratch, tally: &tally)
    let (backward, sum, total) = (
      BackwardPass(network), ParameterSet(shape), ParameterSet(shape)
    )
    backward.update()
    let (x, activations) = (rollout.observations, rollout.activations)
    var exact = 0.0
    for row in 0..<12 {
      single.heads.assign(gradients.heads.rows(row..<row + 1))
      sum.vector.fill(0)
      backward.run(
        single, x.rows(row..<row + 1), activations, at: RowSelection(row..<row + 1), addingTo: sum)
      exact += sum.vector.squaredNorm()
      total.vector.add(sum.vector)
    }
    sum.vector.fill(0)
    backward.run(gradients, x, activations, at: RowSelection(0..<12), addingTo: sum)
    #expect(
      distance(sum.vector.values.map { Double($0) }, total.vector.values.map { Double($0) }) < 1e-6)
    let norms = backward.squaredNorms(gradients, x, activations, at: RowSelection(0..<12))
    #expect(abs(norms / exact - 1) < 1e-5)
  }

  private func check(_ of: Case, _ twin: Twin) {
    let network = Network(twin.shape)
    network.scatter(3)
    let rollout = randomRollout(network, environments: 8, horizon: 5, drift: of.drift)
    for index in 0..<40 { rollout.columns.advantages[index] *= of.advantage }
    let gradient = ParameterSet(twin.shape)
    let count = rollout.count
    let gradients = Activations(twin.shape, rows: count)
    var tally = LossTally()
    var scratch = LossScratch(rows: count)
    let objective = Objective(of.settings)
    objective.writeGradients(
      of: rollout.columns, from: 0, heads: rollout.activations.heads,
      weight: 1 / Float(count), to: gradients.heads, scratch: &scratch, tally: &tally)
    let backward = BackwardPass(network)
    backward.update()
    backward.run(
      gradients, rollout.observations, rollout.activations, at: RowSelection(0..<count),
      addingTo: gradient)
    let all = samples(rollout, at: Array(0..<count))
    let expected = twin.gradient(network.exact, all, of.settings)
    #expect(norm(expected) > 1e-3)
    #expect(distance(gradient.vector.values.map { Double($0) }, expected) < 1e-3)

    // The loss itself, put together from its reported parts.
    let observations = Double(tally.samples)
    let reported =
      (tally.policyLoss + of.settings.vfCoef * tally.valueLoss - of.settings.entCoef
        * tally.entropy) / observations
    #expect(abs(reported - twin.loss(network.exact, all, of.settings)) < 1e-5)
  }

  /// Were all ratios on one side of the clip, the tests above would show little.
  @Test func `the ratios of these tests are inside, below and above the clip`() {
    let network = Network(Twin().shape)
    network.scatter(3)
    let rollout = randomRollout(network, environments: 8, horizon: 5, drift: 0.3)
    var (below, above, kinds) = (0, 0, Set<String>())
    for sample in samples(rollout, at: Array(0..<40)) {
      let heads = Twin().heads(network.exact, sample.observation)
      let log = heads.logProbabilities[sample.action] - sample.logProbability
      if log < -0.223 { below += 1 }
      if log > 0.183 { above += 1 }
      kinds.insert("\(log < -0.223) \(log > 0.183) \(sample.advantage > 0)")
    }
    #expect(below > 3 && above > 3 && below + above < 35)
    #expect(kinds.count == 6)
  }

  @Test(arguments: Trunks.allCases, Activation.allCases)
  func `the forward pass is the twin's`(trunks: Trunks, activation: Activation) {
    let twin = Twin(activation: activation, trunks: trunks)
    let network = Network(twin.shape)
    network.scatter(4)
    let rollout = randomRollout(network, environments: 3, horizon: 7, drift: 0)
    let heads = rollout.activations.heads
    for (index, sample) in samples(rollout, at: Array(0..<21)).enumerated() {
      let exact = twin.heads(network.exact, sample.observation)
      #expect(abs(Double(heads[index, 3]) - exact.value) < 1e-5)
      for action in 0..<3 {
        #expect(abs(Double(heads[index, action]) - exact.logProbabilities[action]) < 1e-5)
      }
    }
  }
}
