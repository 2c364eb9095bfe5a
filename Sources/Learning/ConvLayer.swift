internal import Algebra
internal import Environments
internal import Records

/// A convolution, in every cell of the result y = patch·W + b: weights [kernel y][kernel x][channel]
/// × outputs, row by row, and then the bias. The outputs of a row are [y][x][channel].
///
/// Its products are those of `Convolution`, or sums of rows of W where the inputs are lists of ones.
final class ConvLayer: Layer {
  let inputs: Int
  var outputs: Int { products.resultSize }
  let grid: PatchGrid
  /// Channels of the outputs.
  let channels: Int
  private let products: Convolution
  /// For inputs that are lists; only the first layer has such.
  private let sums: SparseConvolution?

  /// A layer that reads the outputs of another convolution.
  init(_ grid: PatchGrid, channels: Int) {
    (self.grid, self.channels, inputs) = (grid, channels, grid.imageSize)
    products = Convolution(grid, outputs: channels)
    sums = nil
  }

  /// A layer that reads observations. Their uniform numbers are further channels, the same in every
  /// cell.
  init(_ layout: PlaneLayout, _ own: NetworkLayers.Convolution, areLists: Bool) {
    let deep = layout.channels + layout.uniform
    let grid = PatchGrid(height: layout.height, width: layout.width, channels: deep, own)
    var places: [Int] = []
    for y in 0..<layout.height {
      for x in 0..<layout.width {
        for channel in 0..<deep { places.append(layout.index(y: y, x: x, channel: channel)) }
      }
    }
    (self.grid, channels, inputs) = (grid, own.outputs, layout.observationSize)
    products = Convolution(grid, outputs: own.outputs, places: places)
    sums =
      areLists
      ? SparseConvolution(
        grid, outputs: own.outputs, inputs: layout.observationSize, places: places) : nil
  }

  var tensorShapes: [(rows: Int, columns: Int)] { [(grid.patchSize, channels), (1, channels)] }
  var operationsPerRow: Int { 2 * grid.count * grid.patchSize * channels }
  /// A mean: cells near an edge are in fewer patches.
  var operationsPerNonzero: Int { sums?.usualPerNonzero ?? 0 }

  func operations(_ x: SparseRows) -> Int { sums?.operations(x) ?? 0 }

  /// Orthogonal weights; the bias stays 0.
  func initialize(
    _ tensors: [Matrix], outputs: Range<Int>, scale: Double, random: inout RandomStream
  ) {
    tensors[0].fillOrthogonal(scale: scale, random: &random)
  }

  func forward(
    _ x: InputRows, _ tensors: [Matrix], applying function: Nonlinearity?, into out: Matrix
  ) {
    switch x {
    case .dense(let x):
      products.multiply(x, tensors[0], plus: tensors[1], applying: function, into: out)
    case .sparse(let x):
      guard let sums else { preconditionFailure("this convolution reads no lists") }
      sums.multiply(x, tensors[0], plus: tensors[1], applying: function, into: out)
    }
  }

  func addGradient(
    _ outputGradient: Matrix, _ x: InputRows, at tensors: [Matrix], to sum: [Matrix]
  ) {
    switch x {
    case .dense(let x):
      products.addProduct(ofTransposed: x, outputGradient, to: sum[0], bias: sum[1])
    case .sparse(let x):
      guard let sums else { preconditionFailure("this convolution reads no lists") }
      sums.addProduct(ofTransposed: x, outputGradient, to: sum[0], bias: sum[1])
    }
  }

  /// Wᵀ, as for a dense layer.
  var transposedShape: (rows: Int, columns: Int) { (channels, grid.patchSize) }

  func transpose(_ tensors: [Matrix], into transposed: Matrix) {
    transposed.assign(transposed: tensors[0])
  }

  func passBack(
    _ outputGradient: Matrix, transposed: Matrix, timesSlopeOf function: Nonlinearity,
    at inputs: Matrix, into inputGradient: Matrix
  ) {
    products.passBack(
      outputGradient, transposed: transposed, timesSlopeOf: function, at: inputs,
      into: inputGradient)
  }

  /// PyTorch's `Conv2d`: weights are [outputs, channels, y, x].
  func namedTensors(_ name: String, start: Int, outputs own: Range<Int>) -> [NamedTensor] {
    let (kernel, deep) = (grid.kernel, grid.channels)
    let cell = deep * channels
    return [
      NamedTensor(
        name: "\(name).weight", shape: [channels, deep, kernel, kernel], start: start,
        strides: [1, channels, kernel * cell, cell]),
      NamedTensor(
        name: "\(name).bias", shape: [channels], start: start + grid.patchSize * channels,
        strides: [1]),
    ]
  }
}

extension PatchGrid {
  /// The patches of a convolution that a plan asks for.
  init(height: Int, width: Int, channels: Int, _ own: NetworkLayers.Convolution) {
    self.init(
      height: height, width: width, channels: channels, kernel: own.kernel, stride: own.stride,
      padding: own.padding)
  }
}
