extension NetworkShape {
  /// A part of the parameters with a name, as it stands in files.
  public struct NamedPart: Hashable, Sendable {
    public var name: String
    /// [inputs, outputs] of weights, [outputs] of a bias.
    public var shape: [Int]
    /// Where it stands in the vector of parameters.
    public var range: Range<Int>
  }

  /// The parameters by layer: `0.weight`, `0.bias`, … `head.weight`, `head.bias`, with
  /// `policy.` or `value.` in front where the trunks are separate.
  public var namedParts: [NamedPart] {
    zip(towers, towers.count == 1 ? [""] : ["policy.", "value."]).flatMap { tower, prefix in
      tower.layers.enumerated().flatMap { index, layer in
        let name = prefix + (index == tower.layers.count - 1 ? "head" : "\(index)")
        return [
          NamedPart(
            name: "\(name).weight", shape: [layer.inputs, layer.outputs], range: layer.weights),
          NamedPart(name: "\(name).bias", shape: [layer.outputs], range: layer.bias),
        ]
      }
    }
  }
}
