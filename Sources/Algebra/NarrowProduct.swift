/// A strip of columns that stays in vector registers while a product sums into it.
private protocol Strip {
  static var width: Int { get }
  /// Loads `width` numbers.
  init(at pointer: UnsafeMutablePointer<Float>)
  /// `self += factor · other`, fused.
  mutating func add(_ factor: Float, times other: Self)
  /// Stores the first `count` numbers, at most `width`.
  func write(to pointer: UnsafeMutablePointer<Float>, count: Int)
}

/// One register's worth of columns.
private struct Single: Strip {
  static let width = Lanes.scalarCount
  var lanes: Lanes

  @inline(__always)
  init(at pointer: UnsafeMutablePointer<Float>) { unsafe lanes = load(Lanes.self, pointer) }

  @inline(__always)
  mutating func add(_ factor: Float, times other: Self) {
    lanes = lanes.addingProduct(Lanes(repeating: factor), other.lanes)
  }

  @inline(__always)
  func write(to pointer: UnsafeMutablePointer<Float>, count: Int) {
    if count >= Self.width {
      unsafe store(lanes, to: pointer)
    } else {
      for lane in 0..<max(count, 0) { unsafe pointer[lane] = lanes[lane] }
    }
  }
}

/// Two strips side by side.
private struct Pair<Half: Strip>: Strip {
  static var width: Int { 2 * Half.width }
  var left: Half
  var right: Half

  @inline(__always)
  init(at pointer: UnsafeMutablePointer<Float>) {
    unsafe left = Half(at: pointer)
    unsafe right = Half(at: pointer + Half.width)
  }

  @inline(__always)
  mutating func add(_ factor: Float, times other: Self) {
    left.add(factor, times: other.left)
    right.add(factor, times: other.right)
  }

  @inline(__always)
  func write(to pointer: UnsafeMutablePointer<Float>, count: Int) {
    unsafe left.write(to: pointer, count: count)
    unsafe right.write(to: pointer + Half.width, count: count - Half.width)
  }
}

/// `out = x·w + bias` for few rows, where a call of OpenBLAS costs more than its product.
///
/// Four rows at a time sum into two registers each, in the order of the columns of `x`, from the
/// bias on. The strip may read past the end of the last row of `w`: `Numbers` keeps room for
/// that. Measured for [n × 64]·[64 × 64] with OpenBLAS 0.3.21's AVX2 kernels, ns a row against
/// the call's: n = 1: 210 and 1,490; 4: 105 and 430; 16: 101 and 284; 64: 106 and 226. Its
/// AVX-512 kernels, which have a path for small products, take as long as this one.
func multiplyNarrow(_ x: Matrix, _ w: Matrix, plus bias: Matrix, into out: Matrix) {
  var column = 0
  while column < w.columns {
    switch w.columns - column {
    case 49... where x.rows < 4:
      sumStrip(Pair<Pair<Single>>.self, x, w, bias, out, from: &column)
    case 17...: sumStrip(Pair<Single>.self, x, w, bias, out, from: &column)
    default: sumStrip(Single.self, x, w, bias, out, from: &column)
    }
  }
}

@inline(__always)
private func sumStrip<S: Strip>(
  _: S.Type, _ x: Matrix, _ w: Matrix, _ bias: Matrix, _ out: Matrix, from column: inout Int
) {
  let (depth, step, across, count) = (x.columns, w.stride, x.stride, w.columns - column)
  let weights = unsafe w.start(ofRow: 0) + column
  let first = unsafe S(at: bias.start(ofRow: 0) + column)
  var row = 0
  while row + 4 <= x.rows {
    var (a, b, c, d) = (first, first, first, first)
    let from = unsafe x.start(ofRow: row)
    for index in 0..<depth {
      let strip = unsafe S(at: weights + index * step)
      unsafe a.add(from[index], times: strip)
      unsafe b.add(from[index + across], times: strip)
      unsafe c.add(from[index + 2 * across], times: strip)
      unsafe d.add(from[index + 3 * across], times: strip)
    }
    let to = unsafe out.start(ofRow: row) + column
    unsafe a.write(to: to, count: count)
    unsafe b.write(to: to + out.stride, count: count)
    unsafe c.write(to: to + 2 * out.stride, count: count)
    unsafe d.write(to: to + 3 * out.stride, count: count)
    row += 4
  }
  while row < x.rows {
    var sum = first
    let from = unsafe x.start(ofRow: row)
    for index in 0..<depth { unsafe sum.add(from[index], times: S(at: weights + index * step)) }
    unsafe sum.write(to: out.start(ofRow: row) + column, count: count)
    row += 1
  }
  column += S.width
}
