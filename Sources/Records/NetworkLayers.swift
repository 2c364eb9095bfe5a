/// The hidden layers of a network, first to last, as a plan writes them: `conv16x3,dense128`.
/// Dense layers alone may be written as `hidden` has them: `64-64`.
///
/// A convolution is `convOUTxKERNEL`, then maybe `sSTRIDE` (1 if omitted) and `same` (no padding if
/// omitted); a dense layer is `denseWIDTH`. The names `minatar` and `nature` stand for the networks
/// of MinAtar (Young and Tian 2019) and of the DQN (Mnih et al. 2015), which are ReLU networks.
public struct NetworkLayers: Hashable, Sendable, CustomStringConvertible {
  public struct Convolution: Hashable, Sendable {
    /// Channels of the result.
    public var outputs: Int
    /// Cells along each side.
    public var kernel: Int
    public var stride = 1
    /// Whether a border of kernel / 2 zeros surrounds the input. With stride 1 the result then has
    /// as many cells as the input.
    public var isPadded = false

    public var padding: Int { isPadded ? kernel / 2 : 0 }

    /// Cells of the result along a side of the input; none if the kernel doesn't fit.
    public func side(of input: Int) -> Int {
      let room = input + 2 * padding - kernel
      return room < 0 ? 0 : room / stride + 1
    }
  }

  public enum Layer: Hashable, Sendable {
    case convolution(Convolution)
    case dense(Int)
  }

  public var layers: [Layer]
  /// The name that the layers were given by.
  public var name: String?

  public static let names = ["minatar", "nature"]
  private static let named = [
    "minatar": "conv16x3,dense128",
    "nature": "conv32x8s4,conv64x4s2,conv64x3,dense512",
  ]

  public init(_ layers: [Layer]) { self.layers = layers }

  /// Dense layers.
  public init(_ hidden: LayerSizes) { layers = hidden.sizes.map { .dense($0) } }

  /// `nil` unless the text is a name, or layers joined by commas.
  public init?(_ text: String) {
    if let dense = LayerSizes(text), !dense.sizes.isEmpty {
      layers = dense.sizes.map { .dense($0) }
      return
    }
    let parts = (Self.named[text] ?? text).split(separator: ",", omittingEmptySubsequences: false)
    layers = parts.compactMap { Layer($0) }
    guard layers.count == parts.count else { return nil }
    name = Self.named[text] == nil ? nil : text
  }

  /// As in `conv16x3,dense128`, or `64-64` without a convolution; without the name.
  public var description: String {
    hasConvolutions ? layers.map(\.description).joined(separator: ",") : dense.description
  }

  /// Whether the name means ReLU unless an activation is given.
  public var impliesReLU: Bool { name != nil }

  public var convolutions: [Convolution] {
    layers.compactMap { layer in
      if case .convolution(let convolution) = layer { convolution } else { nil }
    }
  }

  /// Widths of the dense layers.
  public var dense: LayerSizes {
    LayerSizes(
      layers.compactMap { layer in
        if case .dense(let width) = layer { width } else { nil }
      })
  }

  public var hasConvolutions: Bool { !convolutions.isEmpty }

  /// The same layers without a name.
  public var withoutName: NetworkLayers { NetworkLayers(layers) }

  /// Numbers that come out of each layer for an input of this shape.
  ///
  /// - Precondition: `problem(height:width:)` is `nil`.
  public func outputs(height: Int, width: Int) -> [Int] {
    var (height, width) = (height, width)
    return layers.map { layer in
      switch layer {
      case .dense(let count): return count
      case .convolution(let convolution):
        (height, width) = (convolution.side(of: height), convolution.side(of: width))
        return height * width * convolution.outputs
      }
    }
  }

  /// Why the layers don't make a network by themselves, as in "has the convolution conv8x3 after a
  /// dense layer"; `nil` if they do.
  public var problem: String? {
    var last: Layer?
    for layer in layers {
      if case .convolution(let own) = layer {
        if case .dense = last {
          return "has the convolution \(layer) after a dense layer; convolutions come first"
        }
        if own.isPadded, own.kernel.isMultiple(of: 2) {
          return "pads \(layer), but only an odd kernel has a middle that padding can keep"
        }
      }
      last = layer
    }
    return nil
  }

  /// Why these layers can't read an input of a shape; `nil` if they can.
  public func problem(height: Int, width: Int) -> String? {
    if let problem { return problem }
    var (height, width) = (height, width)
    for layer in layers {
      guard case .convolution(let own) = layer else { continue }
      let (rows, columns) = (own.side(of: height), own.side(of: width))
      guard rows > 0, columns > 0 else {
        return "has the kernel of \(layer) on an input of only \(height) × \(width) cells"
      }
      (height, width) = (rows, columns)
    }
    return nil
  }

  /// The most layers, and the largest numbers, that a plan may ask for.
  static let mostLayers = 16
  static let largestWidth = 16_384
  static let mostChannels = 1_024
  static let largestKernel = 32
}

extension NetworkLayers.Layer: CustomStringConvertible {
  public var description: String {
    switch self {
    case .dense(let width): "dense\(width)"
    case .convolution(let own):
      "conv\(own.outputs)x\(own.kernel)" + (own.stride == 1 ? "" : "s\(own.stride)")
        + (own.isPadded ? "same" : "")
    }
  }

  fileprivate init?(_ text: Substring) {
    var rest = text
    func skip(_ word: String) -> Bool {
      guard rest.hasPrefix(word) else { return false }
      rest.removeFirst(word.count)
      return true
    }
    func count() -> Int? {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest.removeFirst(digits.count)
      return Int(digits).flatMap { $0 > 0 ? $0 : nil }
    }
    if skip("dense") {
      guard let width = count(), rest.isEmpty else { return nil }
      self = .dense(width)
      return
    }
    guard skip("conv"), let outputs = count(), skip("x"), let kernel = count() else { return nil }
    var own = NetworkLayers.Convolution(outputs: outputs, kernel: kernel)
    if !rest.hasPrefix("same"), skip("s") {
      guard let stride = count() else { return nil }
      own.stride = stride
    }
    own.isPadded = skip("same")
    guard rest.isEmpty else { return nil }
    self = .convolution(own)
  }
}

extension NetworkLayers: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let read = NetworkLayers(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "layers are written like conv16x3,dense128")
    }
    self = read
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(word)
  }
}

extension NetworkLayers: PlainValue {
  public typealias Plain = Self
  public init?(word: String) { self.init(word) }
  public var word: String { name ?? description }
  public static var placeholder: String { "layers" }
}

extension ValueRange where Value == NetworkLayers {
  /// Layers of reasonable sizes.
  static var network: Self {
    Self("layers such as conv16x3,dense128 or 64-64, or minatar or nature") { network in
      network.layers.count <= NetworkLayers.mostLayers
        && network.layers.allSatisfy { layer in
          switch layer {
          case .dense(let width): width <= NetworkLayers.largestWidth
          case .convolution(let own):
            own.outputs <= NetworkLayers.mostChannels && own.kernel <= NetworkLayers.largestKernel
              && own.stride <= NetworkLayers.largestKernel
          }
        }
    }
  }
}
