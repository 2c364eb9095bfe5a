/// Numbers in memory: aligned to 64 bytes, zero at first, freed with their last owner. They are
/// padded so that a kernel can load a whole register from the last one on.
@safe @usableFromInline final class Numbers {
  @usableFromInline let base: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    let room = count + Lanes.scalarCount
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: room * MemoryLayout<Float>.stride, alignment: 64)
    unsafe base = raw.initializeMemory(as: Float.self, repeating: 0, count: room)
    self.count = count
  }

  deinit { unsafe base.deallocate() }
}

/// A view of rows of single-precision numbers: `rows` rows of `columns` numbers, with neighbouring
/// rows `stride` numbers apart.
///
/// A matrix is a reference: copies and slices share the numbers, so a layer's weights can be a
/// slice of the vector of all parameters, and the observations of one step a slice of a rollout.
/// Shapes are checked where a slice is made and where an operation begins. Several
/// threads may read the same numbers, but nobody checks that none writes them.
@safe public struct Matrix: CustomStringConvertible {
  @usableFromInline let numbers: Numbers
  @usableFromInline let offset: Int
  public let rows: Int
  public let columns: Int
  public let stride: Int

  init(numbers: Numbers, offset: Int, rows: Int, columns: Int, stride: Int) {
    precondition(
      rows >= 0 && columns >= 0 && offset >= 0
        && (rows == 0 || offset + (rows - 1) * stride + columns <= numbers.count),
      "\(rows) rows of \(columns) numbers don't fit")
    self.numbers = numbers
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// Zeros.
  public init(rows: Int, columns: Int) {
    self.init(
      numbers: Numbers(count: rows * columns), offset: 0, rows: rows, columns: columns,
      stride: columns)
  }

  public var description: String { "[\(rows) × \(columns)]" }

  /// Whether the rows follow one another without a gap.
  var isContiguous: Bool { stride == columns || rows <= 1 }

  @inlinable @inline(__always)
  func start(ofRow row: Int) -> UnsafeMutablePointer<Float> {
    unsafe numbers.base + (offset + row * stride)
  }

  @inlinable
  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      return unsafe start(ofRow: row)[column]
    }
    nonmutating set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      unsafe start(ofRow: row)[column] = newValue
    }
  }

  /// Some of the rows.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "no rows \(range) in \(self)")
    return Matrix(
      numbers: numbers, offset: offset + range.lowerBound * stride, rows: range.count,
      columns: columns, stride: stride)
  }

  /// Some of the columns.
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= columns, "no columns \(range) in \(self)")
    return Matrix(
      numbers: numbers, offset: offset + range.lowerBound, rows: rows, columns: range.count,
      stride: stride)
  }

  /// `count` rows, every `step`-th from row `first` on.
  public func rows(from first: Int, by step: Int, count: Int) -> Matrix {
    precondition(
      count == 0 || (first >= 0 && step > 0 && first + (count - 1) * step < rows),
      "no \(count) rows from \(first) by \(step) in \(self)")
    return Matrix(
      numbers: numbers, offset: offset + first * stride, rows: count, columns: columns,
      stride: step * stride)
  }

  /// A range of the numbers, counted row by row, in another shape.
  public func reshaped(_ range: Range<Int>, rows: Int, columns: Int) -> Matrix {
    precondition(isContiguous && range.count == rows * columns, "can't reshape \(self)")
    precondition(range.lowerBound >= 0 && range.upperBound <= self.rows * self.columns)
    return Matrix(
      numbers: numbers, offset: offset + range.lowerBound, rows: rows, columns: columns,
      stride: columns)
  }

  /// A new matrix with the same numbers.
  public func copy() -> Matrix {
    let copy = Matrix(rows: rows, columns: columns)
    copy.assign(self)
    return copy
  }

  /// Lends the numbers of a contiguous matrix for writing.
  public func withMutableSpan<Result>(_ body: (inout MutableSpan<Float>) -> Result) -> Result {
    precondition(isContiguous, "\(self) has gaps between its rows")
    var span = unsafe MutableSpan(_unsafeStart: start(ofRow: 0), count: rows * columns)
    return body(&span)
  }

  /// The numbers, row after row.
  public var values: [Float] {
    get {
      (0..<rows).flatMap { row in (0..<columns).map { self[row, $0] } }
    }
    nonmutating set {
      precondition(newValue.count == rows * columns, "\(newValue.count) numbers for \(self)")
      for row in 0..<rows {
        for column in 0..<columns { self[row, column] = newValue[row * columns + column] }
      }
    }
  }
}
