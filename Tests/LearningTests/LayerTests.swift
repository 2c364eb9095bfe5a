import Algebra
import Environments
import Records
import Testing

@testable import Learning

/// A kind of layer that is in no network of the lab: y = s∘x.
private final class Scaling: Layer {
  let inputs: Int
  var outputs: Int { inputs }

  init(_ width: Int) { inputs = width }

  var tensorShapes: [(rows: Int, columns: Int)] { [(1, inputs)] }
  var operationsPerRow: Int { inputs }
  var operationsPerNonzero: Int { 1 }

  func initialize(
    _ tensors: [Matrix], outputs: Range<Int>, scale: Double, random: inout RandomStream
  ) {
    tensors[0].columns(outputs).fill(Float(scale))
  }

  func forward(
    _ x: InputRows, _ tensors: [Matrix], applying function: Nonlinearity?, into out: Matrix
  ) {
    guard case .dense(let x) = x else { preconditionFailure("reads numbers only") }
    for row in 0..<x.rows {
      for column in 0..<inputs { out[row, column] = x[row, column] * tensors[0][0, column] }
    }
    if let function { out.apply(function) }
  }

  func addGradient(
    _ outputGradient: Matrix, _ x: InputRows, at tensors: [Matrix], to sum: [Matrix]
  ) {
    guard case .dense(let x) = x else { preconditionFailure("reads numbers only") }
    for row in 0..<x.rows {
      for column in 0..<inputs {
        sum[0][0, column] += x[row, column] * outputGradient[row, column]
      }
    }
  }

  var transposedShape: (rows: Int, columns: Int) { (1, inputs) }
  func transpose(_ tensors: [Matrix], into transposed: Matrix) { transposed.assign(tensors[0]) }

  func passBack(
    _ outputGradient: Matrix, transposed: Matrix, timesSlopeOf function: Nonlinearity,
    at values: Matrix, into inputGradient: Matrix
  ) {
    for row in 0..<outputGradient.rows {
      for column in 0..<inputs {
        inputGradient[row, column] = outputGradient[row, column] * transposed[0, column]
      }
    }
    inputGradient.multiplyBySlope(of: function, at: values)
  }

  func namedTensors(_ name: String, start: Int, outputs: Range<Int>) -> [NamedTensor] {
    [
      NamedTensor(
        name: "\(name).scale", shape: [outputs.count], start: start + outputs.lowerBound,
        strides: [1])
    ]
  }
}

/// Networks of mixed kinds of layers.
struct LayerTests {
  /// Five inputs, three actions.
  private static func shape(_ trunks: Trunks) -> NetworkShape {
    func tower(outputs: Int) -> [any Layer] {
      [
        Scaling(5), DenseLayer(inputs: 5, outputs: 6), Scaling(6),
        DenseLayer(inputs: 6, outputs: outputs),
      ]
    }
    return NetworkShape(
      trunks == .shared ? [tower(outputs: 4)] : [tower(outputs: 3), tower(outputs: 1)],
      maxNonzeros: nil, actions: 3, activation: .tanh)
  }

  private static let settings = Hyperparameters()

  /// The heads' gradients of the mean loss, and the loss.
  private static func loss(
    _ network: Network, _ rollout: Rollout, gradients: Activations
  ) -> Double {
    let count = rollout.count
    let activations = Activations(network.shape, rows: count)
    network.forward(
      rollout.observations, into: activations, at: RowSelection(0..<count))
    var (scratch, tally) = (LossScratch(rows: count), LossTally())
    Objective(settings).writeGradients(
      of: rollout.columns, from: 0, heads: activations.heads,
      weight: 1 / Float(count), to: gradients.heads, scratch: &scratch, tally: &tally)
    let sum =
      tally.policyLoss + settings.vfCoef * tally.valueLoss - settings.entCoef * tally.entropy
    return sum / Double(count)
  }

  @Test(arguments: Trunks.allCases)
  func `a kind of layer that a test defines passes finite differences`(trunks: Trunks) {
    let network = Network(Self.shape(trunks))
    network.scatter(3)
    let rollout = randomRollout(network, environments: 8, horizon: 5, drift: 0)
    let gradients = Activations(network.shape, rows: 40)
    _ = Self.loss(network, rollout, gradients: gradients)
    let (backward, sum) = (BackwardPass(network), ParameterSet(network.shape))
    backward.update()
    backward.run(
      gradients, rollout.observations, rollout.activations, at: RowSelection(0..<40),
      addingTo: sum)
    let step: Float = 3e-3
    let room = Activations(network.shape, rows: 40)
    let differences = (0..<network.shape.parameterCount).map { index in
      let middle = network.parameters[0, index]
      network.parameters[0, index] = middle + step
      let above = Self.loss(network, rollout, gradients: room)
      network.parameters[0, index] = middle - step
      let below = Self.loss(network, rollout, gradients: room)
      network.parameters[0, index] = middle
      return (above - below) / Double(2 * step)
    }
    #expect(norm(differences) > 0.1)
    #expect(distance(sum.vector.values.map { Double($0) }, differences) < 2e-3)
  }

  /// Scaling has no closed form for the norms of single rows, the dense layer has one.
  @Test(arguments: Trunks.allCases)
  func `norms of single rows are those of their own gradients`(trunks: Trunks) {
    let network = Network(Self.shape(trunks))
    network.scatter(3)
    let rollout = randomRollout(network, environments: 4, horizon: 3, drift: 0)
    let gradients = Activations(network.shape, rows: 12)
    _ = Self.loss(network, rollout, gradients: gradients)
    let (backward, sum) = (BackwardPass(network), ParameterSet(network.shape))
    backward.update()
    let (x, activations) = (rollout.observations, rollout.activations)
    var exact = 0.0
    let single = Activations(network.shape, rows: 1)
    for row in 0..<12 {
      single.heads.assign(gradients.heads.rows(row..<row + 1))
      sum.vector.fill(0)
      backward.run(
        single, x.rows(row..<row + 1), activations, at: RowSelection(row..<row + 1),
        addingTo: sum)
      exact += sum.vector.squaredNorm()
    }
    backward.run(gradients, x, activations, at: RowSelection(0..<12), addingTo: sum)
    let norms = backward.squaredNorms(gradients, x, activations, at: RowSelection(0..<12))
    #expect(abs(norms / exact - 1) < 1e-5)
  }

  @Test(arguments: Trunks.allCases)
  func `its parameters are initialized, named and counted`(trunks: Trunks) {
    let shape = Self.shape(trunks)
    let network = Network(shape)
    network.initialize(from: Seed(1))
    #expect(
      network.parameterSet.tensors[0][0].values == Array(repeating: Float(2).squareRoot(), count: 5)
    )
    let tower = trunks == .shared ? "network" : "actor"
    let names = shape.namedTensors.map(\.name)
    #expect(
      names.prefix(4) == [
        "\(tower).0.scale", "\(tower).2.weight", "\(tower).2.bias", "\(tower).4.scale",
      ])
    #expect(Set(names).count == names.count)
    let count = shape.namedTensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    #expect(count == shape.parameterCount && shape.namedLayers.last?.range.upperBound == count)
    let heads = trunks == .shared ? 4 : 3
    let first = 5 + 2 * 5 * 6 + 6 + 2 * 6 * heads
    let second = trunks == .shared ? 0 : 5 + 2 * 5 * 6 + 6 + 2 * 6
    #expect(shape.conventionalForward(rows: 7) == 7 * (first + second))
  }
}
