extension NetworkShape {
  /// Each layer by its name, weights and bias together: `0`, `1`, … `head`, with `policy.` or
  /// `value.` in front where the trunks are separate.
  var namedLayers: [(name: String, range: Range<Int>)] {
    zip(towers, towers.count == 1 ? [""] : ["policy.", "value."]).flatMap { tower, prefix in
      tower.layers.enumerated().map { index, layer in
        let name = prefix + (index == tower.layers.count - 1 ? "head" : "\(index)")
        return (name, layer.weights.lowerBound..<layer.bias.upperBound)
      }
    }
  }

  /// Parameters as PyTorch names and lays them out: weights are [outputs, inputs].
  public struct NamedTensor: Sendable {
    public var name: String
    /// [outputs, inputs] of weights, [outputs] of a bias.
    public var shape: [Int]
    /// Where output o's number for input i stands in the vector: start + i·row + o.
    fileprivate var start: Int
    fileprivate var row: Int

    private var inputs: Int { shape.count == 2 ? shape[1] : 1 }

    private func forEachPlace(_ body: (Int) -> Void) {
      for output in 0..<shape[0] {
        for input in 0..<inputs { body(start + input * row + output) }
      }
    }

    /// Its numbers, row by row, among all parameters.
    public func values(in parameters: [Float]) -> [Float] {
      var values: [Float] = []
      forEachPlace { values.append(parameters[$0]) }
      return values
    }

    /// Puts its numbers, as many as the shape says, into all parameters.
    public func put(_ values: [Float], into parameters: inout [Float]) {
      var index = 0
      forEachPlace { place in
        parameters[place] = values[index]
        index += 1
      }
    }
  }

  /// All parameters under the names of CleanRL's agents. With a shared trunk `network.0`,
  /// `network.2`, … are the hidden layers (activations stand between them), and `actor` and
  /// `critic` the heads; with separate ones `actor.0`, `actor.2`, … and `critic.0`, … end in them.
  public var namedTensors: [NamedTensor] {
    zip(towers, towers.count == 1 ? ["network"] : ["actor", "critic"]).flatMap { tower, name in
      tower.layers.enumerated().flatMap { index, layer -> [NamedTensor] in
        guard towers.count == 1, index == tower.layers.count - 1 else {
          return Self.tensors("\(name).\(2 * index)", of: layer, outputs: 0..<layer.outputs)
        }
        return Self.tensors("actor", of: layer, outputs: 0..<actions)
          + Self.tensors("critic", of: layer, outputs: actions..<actions + 1)
      }
    }
  }

  private static func tensors(
    _ name: String, of layer: Layer, outputs: Range<Int>
  ) -> [NamedTensor] {
    [
      NamedTensor(
        name: "\(name).weight", shape: [outputs.count, layer.inputs],
        start: layer.weights.lowerBound + outputs.lowerBound, row: layer.outputs),
      NamedTensor(
        name: "\(name).bias", shape: [outputs.count],
        start: layer.bias.lowerBound + outputs.lowerBound, row: layer.outputs),
    ]
  }
}
