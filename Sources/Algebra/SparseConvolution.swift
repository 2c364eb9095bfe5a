/// A convolution of images of zeros and ones, which are lists of their ones: every one adds rows of
/// weights to the results of the patches that it is in.
///
/// With few ones that takes far fewer operations than products with all numbers of all patches.
public struct SparseConvolution: Sendable {
  public let grid: PatchGrid
  /// Channels of the result.
  public let outputs: Int
  /// Where the uses of each number of a row begin in `uses`, and where the last ones end.
  private let starts: [Int32]
  private let uses: [Use]

  /// A number's place in a patch.
  private struct Use: Sendable {
    var patch: Int32
    /// Place in the patch, and so the row of weights.
    var weight: Int32
  }

  /// - Parameters:
  ///   - inputs: numbers of a row.
  ///   - places: where each number of an image, [y][x][channel], is in a row. Several may be in the
  ///     same place.
  public init(_ grid: PatchGrid, outputs: Int, inputs: Int, places: [Int]) {
    precondition(places.count == grid.imageSize && places.allSatisfy { (0..<inputs).contains($0) })
    (self.grid, self.outputs) = (grid, outputs)
    var own: [[Use]] = Array(repeating: [], count: inputs)
    for y in 0..<grid.height {
      for x in 0..<grid.width {
        grid.forEachUse(y: y, x: x) { patch, cell in
          for channel in 0..<grid.channels {
            let place = places[(y * grid.width + x) * grid.channels + channel]
            own[place].append(
              Use(patch: Int32(patch), weight: Int32(cell * grid.channels + channel)))
          }
        }
      }
    }
    var starts = [Int32(0)]
    for list in own { starts.append(starts[starts.count - 1] + Int32(list.count)) }
    self.starts = starts
    uses = Array(own.joined())
  }

  public var resultSize: Int { grid.count * outputs }

  /// Numbers of a row.
  private var inputs: Int { starts.count - 1 }

  /// Operations of `multiply` or of `addProduct`, an addition each.
  public func operations(_ x: SparseRows) -> Int {
    var count = 0
    for row in 0..<x.rows {
      x.forEachNonzero(ofRow: row) { count += Int(starts[$0 + 1] - starts[$0]) }
    }
    return count * outputs
  }

  /// The operations that a one takes, in the mean over all places.
  public var usualPerNonzero: Int { uses.count * outputs / inputs }

  /// `out = f(patches·w + bias)`. Shapes [n × inputs] → [n × result].
  ///
  /// - Parameter function: f; the identity if not given.
  public func multiply(
    _ x: SparseRows, _ w: Matrix, plus bias: Matrix, applying function: Nonlinearity?,
    into out: Matrix
  ) {
    precondition(
      x.columns == inputs && x.rows == out.rows && out.columns == resultSize
        && w.rows == grid.patchSize && w.columns == outputs && bias.columns == outputs,
      "cannot convolve \(x) with \(w) into \(out)")
    ProductCount.add(operations(x))
    inStrips { strip, column in
      switch strip {
      case .four: sumRows(FourStrips.self, x, w, bias, out, column)
      case .two: sumRows(TwoStrips.self, x, w, bias, out, column)
      case .single: sumRows(SingleStrip.self, x, w, bias, out, column)
      }
    }
    if let function { out.apply(function) }
  }

  /// `sum += patchesᵀ·gradient` and `bias +=` the sum of the gradient's cells.
  public func addProduct(
    ofTransposed x: SparseRows, _ gradient: Matrix, to sum: Matrix, bias: Matrix
  ) {
    precondition(
      x.columns == inputs && x.rows == gradient.rows && gradient.columns == resultSize
        && sum.rows == grid.patchSize && sum.columns == outputs,
      "cannot convolve \(x) with \(gradient) into \(sum)")
    ProductCount.add(operations(x))
    for row in 0..<gradient.rows {
      bias.add(
        rowsOf: gradient.rows(row..<row + 1).reshaped(
          0..<resultSize, rows: grid.count, columns: outputs))
    }
    inStrips { strip, column in
      switch strip {
      case .four: addToRows(FourStrips.self, x, gradient, sum, column)
      case .two: addToRows(TwoStrips.self, x, gradient, sum, column)
      case .single: addToRows(SingleStrip.self, x, gradient, sum, column)
      }
    }
  }

  private enum Width { case single, two, four }

  private func inStrips(_ body: (Width, _ column: Int) -> Void) {
    var column = 0
    while column < outputs {
      switch outputs - column {
      case 49...:
        body(.four, column)
        column += FourStrips.width
      case 17...:
        body(.two, column)
        column += TwoStrips.width
      default:
        body(.single, column)
        column += SingleStrip.width
      }
    }
  }

  @inline(__always)
  private func sumRows<S: Strip>(
    _: S.Type, _ x: SparseRows, _ w: Matrix, _ bias: Matrix, _ out: Matrix, _ column: Int
  ) {
    let (weights, count) = unsafe (w.start(ofRow: 0) + column, outputs - column)
    let first = unsafe S(at: bias.start(ofRow: 0) + column)
    unsafe withTables { starts, uses in
      for row in 0..<x.rows {
        let cells = unsafe out.start(ofRow: row) + column
        for patch in 0..<grid.count {
          unsafe first.write(to: cells + patch * outputs, count: count)
        }
        x.forEachNonzero(ofRow: row) { one in
          for index in unsafe Int(starts[one])..<Int(starts[one + 1]) {
            let use = unsafe uses[index]
            let cell = unsafe cells + Int(use.patch) * outputs
            var sum = unsafe S(at: cell)
            unsafe sum.add(S(at: weights + Int(use.weight) * w.stride))
            unsafe sum.write(to: cell, count: count)
          }
        }
      }
    }
  }

  @inline(__always)
  private func addToRows<S: Strip>(
    _: S.Type, _ x: SparseRows, _ gradient: Matrix, _ out: Matrix, _ column: Int
  ) {
    let (sums, count) = unsafe (out.start(ofRow: 0) + column, outputs - column)
    unsafe withTables { starts, uses in
      for row in 0..<x.rows {
        let cells = unsafe gradient.start(ofRow: row) + column
        x.forEachNonzero(ofRow: row) { one in
          for index in unsafe Int(starts[one])..<Int(starts[one + 1]) {
            let use = unsafe uses[index]
            let to = unsafe sums + Int(use.weight) * out.stride
            var sum = unsafe S(at: to)
            unsafe sum.add(S(at: cells + Int(use.patch) * outputs))
            unsafe sum.write(to: to, count: count)
          }
        }
      }
    }
  }

  @inline(__always)
  private func withTables(
    _ body: (UnsafePointer<Int32>, UnsafePointer<Use>) -> Void
  ) {
    unsafe starts.withUnsafeBufferPointer { starts in
      unsafe uses.withUnsafeBufferPointer { uses in
        if let starts = starts.baseAddress, let uses = uses.baseAddress {
          unsafe body(starts, uses)
        }
      }
    }
  }
}

extension Matrix {
  /// Writes the numbers of every row of `other` at some places into the row of this matrix.
  public func assign(columnsOf other: Matrix, at places: [Int]) {
    precondition(rows == other.rows && places.count == columns)
    precondition(places.allSatisfy { (0..<other.columns).contains($0) })
    for row in 0..<rows {
      let (to, from) = unsafe (start(ofRow: row), other.start(ofRow: row))
      for column in 0..<columns { unsafe to[column] = from[places[column]] }
    }
  }
}
