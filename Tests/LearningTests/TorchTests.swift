import Algebra
import Foundation
import Records
import TestSupport
import Testing

@testable import Environments
@testable import Learning

/// Networks against what PyTorch computed for them, in double precision:
/// `Tests/Readers/torch-networks.json`, which `make-torch-networks.py` there wrote.
struct TorchTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct Gradient: Decodable {
      var name: String
      var shape: [Int]
      var norm: Double
      /// With vectors of a formula.
      var products: [Double]
    }

    var name: String
    var layers: String
    var height: Int
    var width: Int
    var channels: Int
    var order: String
    var activation: Activation
    var trunks: Trunks
    var actions: Int
    var rows: Int
    var heads: [Double]
    var gradients: [Gradient]

    var testDescription: String { name }
  }

  private static func cases() throws -> [Case] {
    let file = URL(filePath: "\(repository)/Tests/Readers/torch-networks.json")
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
  }

  /// Numbers in [−1, 1) from the formula of `make-torch-networks.py`.
  private static func numbers(_ count: Int, _ salt: Int) -> [Double] {
    (0..<count).map { index in
      var x = UInt32(truncatingIfNeeded: index &* 2_654_435_761 &+ salt * 40_503 + 12_345)
      x ^= x >> 15
      x &*= 2_246_822_519
      x ^= x >> 13
      return Double(x) / 0x1p31 - 1
    }
  }

  private static func network(_ own: Case) throws -> Network {
    let order = try #require(PlaneLayout.Order(rawValue: own.order))
    let planes = PlaneLayout(
      height: own.height, width: own.width, channels: own.channels, order: order)
    let shape = NetworkShape(
      inputs: planes.observationSize, planes: planes, actions: own.actions,
      hidden: try #require(NetworkLayers(own.layers)), activation: own.activation,
      trunks: own.trunks)
    var parameters = [Float](repeating: .nan, count: shape.parameterCount)
    for (index, gradient) in own.gradients.enumerated() {
      let tensor = try #require(shape.namedTensors.first { $0.name == gradient.name })
      #expect(tensor.shape == gradient.shape, "\(gradient.name)")
      let inputs = tensor.shape.count > 1 ? tensor.shape.dropFirst().reduce(1, *) : 300
      let scale = (3 / Double(inputs)).squareRoot() * 1.3
      let values = Self.numbers(tensor.shape.reduce(1, *), index + 1).map { Float($0 * scale) }
      tensor.put(values, into: &parameters)
    }
    #expect(parameters.allSatisfy { $0.isFinite })
    let network = Network(shape)
    network.parameters.values = parameters
    return network
  }

  @Test func `PyTorch's networks are these`() throws {
    let cases = try Self.cases()
    #expect(cases.map(\.name) == ["minatar", "nature", "mixed"])
    #expect(NetworkLayers("minatar")?.description == cases[0].layers)
    #expect(NetworkLayers("nature")?.description == cases[1].layers)
  }

  @Test(arguments: [0, 1, 2])
  func `outputs and gradients are PyTorch's`(index: Int) throws {
    let own = try Self.cases()[index]
    let network = try Self.network(own)
    let shape = network.shape
    let x = Matrix(rows: own.rows, columns: shape.inputs)
    x.values = Self.numbers(own.rows * shape.inputs, 1_000).map { Float($0) }
    let (outputs, gradients) = (
      Activations(shape, rows: own.rows), Activations(shape, rows: own.rows)
    )
    let rows = RowSelection(0..<own.rows)
    network.forward(.dense(x), into: outputs, at: rows)
    for (own, expected) in zip(outputs.heads.values, own.heads) {
      #expect(abs(Double(own) - expected) < 1e-5 * max(1, abs(expected)))
    }
    gradients.heads.values = Self.numbers(own.rows * (own.actions + 1), 2_000).map { Float($0) }
    let (backward, sum) = (BackwardPass(network), ParameterSet(shape))
    backward.update()
    backward.run(gradients, .dense(x), outputs, at: rows, addingTo: sum)
    let all = sum.vector.values
    for expected in own.gradients {
      let tensor = try #require(shape.namedTensors.first { $0.name == expected.name })
      let values = tensor.values(in: all).map { Double($0) }
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(expected.norm > 1e-3 && abs(norm / expected.norm - 1) < 1e-5, "\(expected.name)")
      for (salt, product) in expected.products.enumerated() {
        let vector = Self.numbers(values.count, 3_000 + salt)
        let own = zip(values, vector).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(own - product) < 1e-5 * expected.norm, "\(expected.name)")
      }
    }
  }
}
