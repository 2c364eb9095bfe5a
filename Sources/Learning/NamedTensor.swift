/// Some of a network's parameters as PyTorch names and orders them.
public struct NamedTensor: Sendable {
  public var name: String
  public var shape: [Int]
  /// Index of its first number in the vector of all parameters, and the distance between neighbours
  /// along each dimension of `extents`.
  private let start: Int
  private let strides: [Int]
  /// The shape, or a finer division of its dimensions.
  private let extents: [Int]

  init(name: String, shape: [Int], start: Int, extents: [Int]? = nil, strides: [Int]) {
    (self.name, self.shape) = (name, shape)
    (self.start, self.strides, self.extents) = (start, strides, extents ?? shape)
  }

  /// Index in the vector of each number, row by row.
  private var indices: [Int] {
    zip(extents, strides).reduce([start]) { starts, dimension in
      starts.flatMap { start in (0..<dimension.0).map { start + $0 * dimension.1 } }
    }
  }

  /// Its numbers, row by row, from the vector of all parameters.
  public func values(in parameters: [Float]) -> [Float] { indices.map { parameters[$0] } }

  /// Writes its numbers, as many as the shape says, into the vector of all parameters.
  public func put(_ values: [Float], into parameters: inout [Float]) {
    for (index, value) in zip(indices, values) { parameters[index] = value }
  }
}

extension NetworkShape {
  /// The name and parameters of each layer: `0`, `1`, … `head`, with the prefix `policy.` or
  /// `value.` if the trunks are separate.
  var namedLayers: [(name: String, range: Range<Int>)] {
    zip(towers, towers.count == 1 ? [""] : ["policy.", "value."]).flatMap { tower, prefix in
      tower.layers.enumerated().map { depth, layer in
        let name = prefix + (depth == tower.layers.count - 1 ? "head" : "\(depth)")
        return (name, starts[layer]..<starts[layer] + layers[layer].parameterCount)
      }
    }
  }

  /// All parameters under the names of CleanRL's agents. With a shared trunk, `network.0`,
  /// `network.2`, … are the hidden layers (the numbers between are activations), and `actor` and
  /// `critic` the heads; with separate trunks, `actor.0`, `actor.2`, … and `critic.0`, … include
  /// the hidden layers. After convolutions, a number belongs to PyTorch's `Flatten`: `network.0`,
  /// `network.3` are a convolution and a dense layer.
  public var namedTensors: [NamedTensor] {
    zip(towers, towers.count == 1 ? ["network"] : ["actor", "critic"]).flatMap { tower, name in
      tower.layers.enumerated().flatMap { depth, index -> [NamedTensor] in
        let (layer, start) = (layers[index], starts[index])
        let isFlat = layers[tower.layers.lowerBound] is ConvLayer && !(layer is ConvLayer)
        let place = 2 * depth + (isFlat ? 1 : 0)
        guard towers.count == 1, depth == tower.layers.count - 1 else {
          return layer.namedTensors(
            "\(name).\(place)", start: start, outputs: 0..<layer.outputs)
        }
        return layer.namedTensors("actor", start: start, outputs: 0..<actions)
          + layer.namedTensors("critic", start: start, outputs: actions..<actions + 1)
      }
    }
  }
}
