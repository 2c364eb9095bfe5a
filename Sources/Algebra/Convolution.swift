/// The products of a convolution: for every image, a row of a matrix, those of its patches with the
/// weights [patch size × channels of the result].
///
/// The patches of a few images at a time are written out, so that they stay in the L2 cache.
public struct Convolution: Sendable {
  public let grid: PatchGrid
  /// Channels of the result.
  public let outputs: Int
  /// Where each number of an image, [y][x][channel], is in a row of the input; `nil` if the row is
  /// the image.
  private let places: [Int]?

  /// - Parameter places: where each number of an image, [y][x][channel], is in a row. Several may be
  ///   in the same place.
  public init(_ grid: PatchGrid, outputs: Int, places: [Int]? = nil) {
    precondition(places.map { $0.count == grid.imageSize } ?? true)
    (self.grid, self.outputs) = (grid, outputs)
    self.places = places == Array(0..<grid.imageSize) ? nil : places
  }

  /// Numbers of a result.
  public var resultSize: Int { grid.count * outputs }

  /// 128 KiB.
  private static let mostNumbers = 32_768

  /// Calls `body` with ranges of rows and with room for their patches. Rows with gaps between them
  /// come one by one, because the result of each is a matrix.
  private func forEachGroup(
    of rows: Int, haveGaps: Bool, _ body: (Range<Int>, _ patches: Matrix, _ room: Matrix) -> Void
  ) {
    let patchNumbers = grid.count * grid.patchSize
    let group = haveGaps ? 1 : max(1, min(rows, Self.mostNumbers / patchNumbers))
    let images = places == nil ? 0 : grid.imageSize
    let room = ThreadRoom.row(group * (patchNumbers + images))
    for first in stride(from: 0, to: rows, by: group) {
      let own = first..<min(first + group, rows)
      let count = own.count * grid.count
      let end = count * grid.patchSize
      body(
        own, room.reshaped(0..<end, rows: count, columns: grid.patchSize),
        room.reshaped(end..<end + own.count * images, rows: own.count, columns: images))
    }
  }

  /// Writes the patches of some rows, by way of their images.
  private func write(_ x: Matrix, to patches: Matrix, images: Matrix) {
    guard let places else { return patches.assign(patchesOf: x, grid) }
    images.assign(columnsOf: x, at: places)
    patches.assign(patchesOf: images, grid)
  }

  /// Results as rows of one patch each.
  private func cells(_ results: Matrix, _ rows: Range<Int>) -> Matrix {
    let own = results.rows(rows)
    return own.reshaped(
      0..<own.rows * own.columns, rows: own.rows * grid.count, columns: outputs)
  }

  /// `out = f(patches·w + bias)`. Shapes [n × image] → [n × result].
  ///
  /// - Parameter function: f; the identity if not given.
  public func multiply(
    _ images: Matrix, _ w: Matrix, plus bias: Matrix, applying function: Nonlinearity?,
    into out: Matrix
  ) {
    precondition(
      images.rows == out.rows && out.columns == resultSize,
      "cannot convolve \(images) into \(out)")
    forEachGroup(of: out.rows, haveGaps: !out.isContiguous) { rows, patches, room in
      write(images.rows(rows), to: patches, images: room)
      Algebra.multiply(
        patches, w, plus: bias, applying: function, into: cells(out, rows))
    }
  }

  /// `sum += patchesᵀ·gradient` and `bias +=` the sum of the gradient's cells, for the gradient of a
  /// loss with respect to results. Shapes [n × image], [n × result] → [patch size × outputs].
  public func addProduct(
    ofTransposed images: Matrix, _ gradient: Matrix, to sum: Matrix, bias: Matrix
  ) {
    precondition(
      images.rows == gradient.rows && gradient.columns == resultSize,
      "cannot convolve \(images) with \(gradient)")
    forEachGroup(of: images.rows, haveGaps: !gradient.isContiguous) { rows, patches, room in
      let cells = cells(gradient, rows)
      bias.add(rowsOf: cells)
      write(images.rows(rows), to: patches, images: room)
      Algebra.addProduct(ofTransposed: patches, cells, to: sum)
    }
  }

  /// Writes the gradient with respect to the images, times the slope of a function where its values
  /// are the images.
  ///
  /// - Parameter transposed: the weights' transpose, [outputs × patch size].
  public func passBack(
    _ gradient: Matrix, transposed: Matrix, timesSlopeOf function: Nonlinearity,
    at images: Matrix, into out: Matrix
  ) {
    precondition(
      out.rows == gradient.rows && gradient.columns == resultSize,
      "cannot pass \(gradient) back to \(out)")
    forEachGroup(of: out.rows, haveGaps: !gradient.isContiguous) { rows, patches, _ in
      Algebra.multiply(cells(gradient, rows), transposed, into: patches)
      out.rows(rows).assign(sumsOf: patches, grid)
    }
    out.multiplyBySlope(of: function, at: images)
  }
}
