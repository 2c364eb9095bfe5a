import Algebra
import Records
import Testing

@testable import Environments
@testable import Learning

struct InitializationTests {
  /// Largest deviation of WᵀW (or WWᵀ, if there are more columns than rows) from scale²·1.
  private static func deviation(_ weights: Matrix, scale: Double) -> Double {
    let isTall = weights.rows >= weights.columns
    let (count, length) =
      isTall ? (weights.columns, weights.rows) : (weights.rows, weights.columns)
    func entry(_ vector: Int, _ index: Int) -> Double {
      Double(isTall ? weights[index, vector] : weights[vector, index])
    }
    var worst = 0.0
    for one in 0..<count {
      for two in 0..<count {
        let product = (0..<length).reduce(0.0) { $0 + entry(one, $1) * entry(two, $1) }
        worst = max(worst, abs(product / (scale * scale) - (one == two ? 1 : 0)))
      }
    }
    return worst
  }

  @Test(arguments: Trunks.allCases)
  func `weights are orthogonal with the usual gains, biases are zero`(trunks: Trunks) {
    let shape = NetworkShape(
      inputs: 10, actions: 4, hidden: LayerSizes([24, 17]), activation: .tanh, trunks: trunks)
    let network = Network(shape)
    network.scatter(1)
    network.initialize(from: Seed(4))
    #expect(shape.towers.count == (trunks == .shared ? 1 : 2))
    for tower in shape.towers {
      let tensors = network.parameterSet.tensors[tower.layers]
      #expect(tensors.map { $0[0].columns }.dropLast() == [24, 17])
      for layer in tensors { #expect(layer[1].values.allSatisfy { $0 == 0 }) }
      for layer in tensors.dropLast() {
        #expect(Self.deviation(layer[0], scale: 2.squareRoot()) < 1e-5)
      }
    }
    let heads = shape.towers.map { network.parameterSet.tensors[$0.layers.upperBound - 1][0] }
    let (logits, value) =
      trunks == .shared
      ? (heads[0].columns(0..<4), heads[0].columns(4..<5)) : (heads[0], heads[1])
    #expect(logits.columns == 4 && value.columns == 1)
    #expect(Self.deviation(logits, scale: 0.01) < 1e-5)
    #expect(Self.deviation(value, scale: 1) < 1e-5)
  }

  /// 2 × 2 × 3 numbers of a patch to 16 channels, then 3 × 3 × 16 to 5; then 5 × 4 × 5 numbers.
  @Test func `the patches of a convolution are orthogonal`() throws {
    let planes = PlaneLayout(height: 8, width: 7, channels: 3, order: .planes)
    let shape = NetworkShape(
      inputs: planes.observationSize, planes: planes, actions: 4,
      hidden: try #require(NetworkLayers("conv16x2,conv5x3,dense9")), activation: .relu,
      trunks: .shared)
    let network = Network(shape)
    network.initialize(from: Seed(4))
    let tensors = network.parameterSet.tensors
    #expect(tensors.map { $0[0].rows } == [12, 144, 5 * 4 * 5, 9])
    #expect(tensors.map { $0[0].columns } == [16, 5, 9, 5])
    for layer in tensors {
      #expect(layer[1].values.allSatisfy { $0 == 0 })
    }
    for layer in tensors.dropLast() {
      #expect(Self.deviation(layer[0], scale: 2.squareRoot()) < 1e-5)
    }
  }

  @Test func `a seed names its parameters`() {
    let (one, two) = (Network(Twin().shape), Network(Twin().shape))
    one.initialize(from: Seed(1))
    two.initialize(from: Seed(1))
    #expect(one.parameters.values == two.parameters.values)
    two.initialize(from: Seed(2))
    #expect(one.parameters.values != two.parameters.values)
  }

  @Test func `normal deviates have mean 0, variance 1 and normal tails`() {
    var random = Seed(1).stream(.parameters)
    let numbers = (0..<100_000).map { _ in random.normal() }
    #expect(abs(numbers.reduce(0, +) / 100_000) < 0.013)
    #expect(abs(numbers.reduce(0) { $0 + $1 * $1 } / 100_000 - 1) < 0.018)
    let beyond = Double(numbers.count { abs($0) > 1.959_964 }) / 100_000
    #expect(abs(beyond - 0.05) < 0.003)
  }
}
