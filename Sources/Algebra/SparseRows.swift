/// Lists in memory, zero at first, freed with their last owner.
@safe private final class Lists {
  let base: UnsafeMutablePointer<UInt16>
  let count: Int

  init(count: Int) {
    unsafe base = .allocate(capacity: max(count, 1))
    unsafe base.initialize(repeating: 0, count: max(count, 1))
    self.count = count
  }

  deinit { unsafe base.deallocate() }
}

/// A view of rows of zeros and ones, each stored as the list of its nonzeros.
///
/// A row is 1 + `capacity` numbers: the count of nonzeros, then their columns. Like a matrix it is
/// a reference: copies and slices share the lists.
@safe public struct SparseRows: CustomStringConvertible {
  private let lists: Lists
  private let offset: Int
  private let stride: Int
  public let rows: Int
  /// Columns of the rows, zeros included.
  public let columns: Int
  /// The most nonzeros that a row can have.
  public let capacity: Int

  private init(lists: Lists, offset: Int, stride: Int, rows: Int, like other: SparseRows) {
    (self.lists, self.offset, self.stride, self.rows) = (lists, offset, stride, rows)
    (columns, capacity) = (other.columns, other.capacity)
  }

  /// Rows of zeros.
  public init(rows: Int, columns: Int, capacity: Int) {
    precondition(columns <= Int(UInt16.max) + 1 && capacity <= columns)
    lists = Lists(count: rows * (1 + capacity))
    (offset, stride, self.rows) = (0, 1 + capacity, rows)
    (self.columns, self.capacity) = (columns, capacity)
  }

  public var description: String { "[\(rows) × \(columns), at most \(capacity) nonzeros per row]" }

  /// `count` rows, every `step`-th from row `first` on.
  public func rows(from first: Int, by step: Int, count: Int) -> SparseRows {
    precondition(
      count == 0 || (first >= 0 && step > 0 && first + (count - 1) * step < rows),
      "no \(count) rows from \(first) by \(step) in \(self)")
    return SparseRows(
      lists: lists, offset: offset + first * stride, stride: step * stride, rows: count,
      like: self)
  }

  /// Lends the lists of rows without gaps for writing.
  public func withMutableSpan<Result>(_ body: (inout MutableSpan<UInt16>) -> Result) -> Result {
    precondition(stride == 1 + capacity || rows <= 1, "\(self) has gaps between its rows")
    var span = unsafe MutableSpan(_unsafeStart: list(ofRow: 0), count: rows * (1 + capacity))
    return body(&span)
  }

  /// Copies some rows of `other`, from row `first` on.
  public func assign(rowsOf other: SparseRows, _ range: Range<Int>, at first: Int) {
    precondition(columns == other.columns && capacity == other.capacity)
    precondition(
      range.lowerBound >= 0 && range.upperBound <= other.rows && first >= 0
        && first + range.count <= rows, "\(self) takes no rows \(range) of \(other) at \(first)")
    var to = unsafe list(ofRow: first)
    for index in range {
      let from = unsafe other.list(ofRow: index)
      let count = unsafe Int(from[0])
      precondition(count <= capacity)
      unsafe to.update(from: from, count: 1 + count)
      unsafe to += stride
    }
  }

  private func list(ofRow row: Int) -> UnsafeMutablePointer<UInt16> {
    unsafe lists.base + (offset + row * stride)
  }

  /// Nonzeros of a row.
  public func count(ofRow row: Int) -> Int { unsafe Int(list(ofRow: row)[0]) }

  /// Nonzeros of all rows together.
  public var nonzeros: Int { (0..<rows).reduce(0) { $0 + count(ofRow: $1) } }

  /// Calls `body` with the column of every nonzero of a row.
  @inline(__always)
  func forEachNonzero(ofRow row: Int, _ body: (Int) -> Void) {
    let list = unsafe list(ofRow: row)
    let count = unsafe Int(list[0])
    precondition(count <= capacity)
    for index in 1..<count + 1 {
      let column = unsafe Int(list[index])
      precondition(column < columns)
      body(column)
    }
  }
}

/// `out = f(x·w + bias)` in every row: f of the sum of the rows of `w` that the lists name. Shapes
/// [n × k]·[k × m] + [1 × m] → [n × m].
///
/// A row with j nonzeros takes j·m additions instead of k·m multiplications.
///
/// - Parameter function: f; the identity if not given.
public func multiply(
  _ x: SparseRows, _ w: Matrix, plus bias: Matrix, applying function: Nonlinearity? = nil,
  into out: Matrix
) {
  precondition(
    x.columns == w.rows && out.rows == x.rows && out.columns == w.columns
      && bias.rows == 1 && bias.columns == w.columns,
    "cannot multiply \(x) by \(w) plus \(bias) into \(out)")
  ProductCount.add(x.nonzeros * out.columns)
  var column = 0
  while column < out.columns {
    switch out.columns - column {
    case 49...: sumRows(FourStrips.self, x, w, bias, function, out, &column)
    case 17...: sumRows(TwoStrips.self, x, w, bias, function, out, &column)
    default: sumRows(SingleStrip.self, x, w, bias, function, out, &column)
    }
  }
}

@inline(__always)
private func sumRows<S: Strip>(
  _: S.Type, _ x: SparseRows, _ w: Matrix, _ bias: Matrix, _ function: Nonlinearity?,
  _ out: Matrix, _ column: inout Int
) {
  let strips = unsafe w.start(ofRow: 0) + column
  let first = unsafe S(at: bias.start(ofRow: 0) + column)
  for row in 0..<x.rows {
    var sum = first
    x.forEachNonzero(ofRow: row) { one in unsafe sum.add(S(at: strips + one * w.stride)) }
    switch function {
    case nil: break
    case .tanh: sum.map(hyperbolicTangent)
    case .relu: sum.map(rectified)
    }
    unsafe sum.write(to: out.start(ofRow: row) + column, count: out.columns - column)
  }
  column += S.width
}

/// `out += xᵀ·y`: every row of `y` is added to the rows of `out` that its list names. Shapes
/// [n × k]ᵀ·[n × m] → [k × m].
public func addProduct(ofTransposed x: SparseRows, _ y: Matrix, to out: Matrix) {
  precondition(
    x.rows == y.rows && out.rows == x.columns && out.columns == y.columns,
    "cannot multiply transposed \(x) by \(y) into \(out)")
  ProductCount.add(x.nonzeros * out.columns)
  var column = 0
  while column < out.columns {
    switch out.columns - column {
    case 49...: addToRows(FourStrips.self, x, y, out, &column)
    case 17...: addToRows(TwoStrips.self, x, y, out, &column)
    default: addToRows(SingleStrip.self, x, y, out, &column)
    }
  }
}

@inline(__always)
private func addToRows<S: Strip>(
  _: S.Type, _ x: SparseRows, _ y: Matrix, _ out: Matrix, _ column: inout Int
) {
  let strips = unsafe out.start(ofRow: 0) + column
  let count = out.columns - column
  for row in 0..<x.rows {
    let part = unsafe S(at: y.start(ofRow: row) + column)
    x.forEachNonzero(ofRow: row) { one in
      var sum = unsafe S(at: strips + one * out.stride)
      sum.add(part)
      unsafe sum.write(to: strips + one * out.stride, count: count)
    }
  }
  column += S.width
}
