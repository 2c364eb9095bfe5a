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

/// A view of rows of zeros and ones, each told as the list of its ones.
///
/// A row is 1 + `capacity` numbers: how many ones there are, then their columns. Like a matrix
/// it is a reference: copies and slices show the same lists.
@safe public struct ActiveRows: CustomStringConvertible {
  private let lists: Lists
  private let offset: Int
  private let stride: Int
  public let rows: Int
  /// Columns of the rows that the lists stand for.
  public let columns: Int
  /// Ones that a row has at most.
  public let capacity: Int

  private init(lists: Lists, offset: Int, stride: Int, rows: Int, like other: ActiveRows) {
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

  public var description: String { "[\(rows) × \(columns), at most \(capacity) ones a row]" }

  /// `count` rows, every `step`-th from row `first` on.
  public func rows(from first: Int, by step: Int, count: Int) -> ActiveRows {
    precondition(
      count == 0 || (first >= 0 && step > 0 && first + (count - 1) * step < rows),
      "no \(count) rows from \(first) by \(step) in \(self)")
    return ActiveRows(
      lists: lists, offset: offset + first * stride, stride: step * stride, rows: count,
      like: self)
  }

  /// Lends the lists of rows without gaps for writing.
  public func withMutableSpan<Result>(_ body: (inout MutableSpan<UInt16>) -> Result) -> Result {
    precondition(stride == 1 + capacity || rows <= 1, "\(self) has gaps between its rows")
    var span = unsafe MutableSpan(_unsafeStart: list(ofRow: 0), count: rows * (1 + capacity))
    return body(&span)
  }

  /// Takes over the rows of other lists of the same shape that `places` name, from the first row
  /// on.
  public func assign(rowsOf other: ActiveRows, at places: ArraySlice<Int>) {
    precondition(columns == other.columns && capacity == other.capacity)
    var to = unsafe list(ofRow: 0)
    var rest = rows
    for place in places {
      rest -= 1
      precondition(rest >= 0 && place >= 0 && place < other.rows, "no row \(place) in \(other)")
      let from = unsafe other.list(ofRow: place)
      let count = unsafe Int(from[0])
      precondition(count <= capacity)
      unsafe to.update(from: from, count: 1 + count)
      unsafe to += stride
    }
  }

  private func list(ofRow row: Int) -> UnsafeMutablePointer<UInt16> {
    unsafe lists.base + (offset + row * stride)
  }

  /// How many ones a row has.
  public func count(ofRow row: Int) -> Int { unsafe Int(list(ofRow: row)[0]) }

  /// How many ones all rows have together.
  public var ones: Int { (0..<rows).reduce(0) { $0 + count(ofRow: $1) } }

  /// Calls `body` with the columns of the ones of a row.
  @inline(__always)
  func forEachOne(ofRow row: Int, _ body: (Int) -> Void) {
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

/// `out = x·w + bias` in every row: the sum of the rows of `w` that the lists name. Shapes
/// [n × k]·[k × m] + [1 × m] → [n × m].
///
/// For a row with a ones that is a·m additions instead of k·m products.
public func multiply(_ x: ActiveRows, _ w: Matrix, plus bias: Matrix, into out: Matrix) {
  precondition(
    x.columns == w.rows && out.rows == x.rows && out.columns == w.columns
      && bias.rows == 1 && bias.columns == w.columns,
    "cannot multiply \(x) by \(w) plus \(bias) into \(out)")
  ProductCount.add(x.ones * out.columns)
  var column = 0
  while column < out.columns {
    switch out.columns - column {
    case 49...: sumRows(FourStrips.self, x, w, bias, out, &column)
    case 17...: sumRows(TwoStrips.self, x, w, bias, out, &column)
    default: sumRows(SingleStrip.self, x, w, bias, out, &column)
    }
  }
}

@inline(__always)
private func sumRows<S: Strip>(
  _: S.Type, _ x: ActiveRows, _ w: Matrix, _ bias: Matrix, _ out: Matrix, _ column: inout Int
) {
  let strips = unsafe w.start(ofRow: 0) + column
  let first = unsafe S(at: bias.start(ofRow: 0) + column)
  for row in 0..<x.rows {
    var sum = first
    x.forEachOne(ofRow: row) { one in unsafe sum.add(S(at: strips + one * w.stride)) }
    unsafe sum.write(to: out.start(ofRow: row) + column, count: out.columns - column)
  }
  column += S.width
}

/// `out += xᵀ·y`: every row of `y` is added to the rows of `out` that its list names. Shapes
/// [n × k]ᵀ·[n × m] → [k × m].
public func addProduct(ofTransposed x: ActiveRows, _ y: Matrix, to out: Matrix) {
  precondition(
    x.rows == y.rows && out.rows == x.columns && out.columns == y.columns,
    "cannot multiply transposed \(x) by \(y) into \(out)")
  ProductCount.add(x.ones * out.columns)
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
  _: S.Type, _ x: ActiveRows, _ y: Matrix, _ out: Matrix, _ column: inout Int
) {
  let strips = unsafe out.start(ofRow: 0) + column
  let count = out.columns - column
  for row in 0..<x.rows {
    let slope = unsafe S(at: y.start(ofRow: row) + column)
    x.forEachOne(ofRow: row) { one in
      var sum = unsafe S(at: strips + one * out.stride)
      sum.add(slope)
      unsafe sum.write(to: strips + one * out.stride, count: count)
    }
  }
  column += S.width
}
