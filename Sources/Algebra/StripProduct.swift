/// The left factor of a product. The number by which row `d` of the right factor is multiplied for
/// row `i` of the result is at `start + i · row + d · depth`, so that one kernel serves x·w and
/// xᵀ·y.
@unsafe struct LeftFactor {
  var start: UnsafeMutablePointer<Float>
  var row: Int
  var depth: Int
}

/// The numbers that the sums of a product start from: for row `i` those at `start + i · row`, or
/// zeros.
@unsafe struct SumStart {
  static var zero: SumStart { unsafe SumStart(start: nil, row: 0) }

  var start: UnsafeMutablePointer<Float>?
  var row: Int
}

/// Rows of the result, one strip wide each, that stay in vector registers while a product sums
/// into them.
protocol RowGroup {
  associatedtype Columns: Strip
  static var rows: Int { get }
  /// Zeros.
  init()
  /// Loads rows that are `row` numbers apart.
  init(at start: UnsafeMutablePointer<Float>, row: Int)
  /// Adds `columns` to every row, times that row's factor; factors are `row` numbers apart.
  mutating func add(_ factors: UnsafeMutablePointer<Float>, row: Int, times columns: Columns)
  func write(to start: UnsafeMutablePointer<Float>, row: Int, count: Int)
}

struct OneRow<Columns: Strip>: RowGroup {
  static var rows: Int { 1 }
  var sums: Columns

  @inline(__always)
  init() { sums = Columns() }

  @inline(__always)
  init(at start: UnsafeMutablePointer<Float>, row: Int) { unsafe sums = Columns(at: start) }

  @inline(__always)
  mutating func add(_ factors: UnsafeMutablePointer<Float>, row: Int, times columns: Columns) {
    unsafe sums.add(factors[0], times: columns)
  }

  @inline(__always)
  func write(to start: UnsafeMutablePointer<Float>, row: Int, count: Int) {
    unsafe sums.write(to: start, count: count)
  }
}

struct TwiceTheRows<Half: RowGroup>: RowGroup {
  static var rows: Int { 2 * Half.rows }
  var upper: Half
  var lower: Half

  @inline(__always)
  init() { (upper, lower) = (Half(), Half()) }

  @inline(__always)
  init(at start: UnsafeMutablePointer<Float>, row: Int) {
    unsafe upper = Half(at: start, row: row)
    unsafe lower = Half(at: start + Half.rows * row, row: row)
  }

  @inline(__always)
  mutating func add(
    _ factors: UnsafeMutablePointer<Float>, row: Int, times columns: Half.Columns
  ) {
    unsafe upper.add(factors, row: row, times: columns)
    unsafe lower.add(factors + Half.rows * row, row: row, times: columns)
  }

  @inline(__always)
  func write(to start: UnsafeMutablePointer<Float>, row: Int, count: Int) {
    unsafe upper.write(to: start, row: row, count: count)
    unsafe lower.write(to: start + Half.rows * row, row: row, count: count)
  }
}

private typealias TwoRows<Columns: Strip> = TwiceTheRows<OneRow<Columns>>
private typealias FourRows<Columns: Strip> = TwiceTheRows<TwoRows<Columns>>
private typealias EightRows<Columns: Strip> = TwiceTheRows<FourRows<Columns>>

/// A product whose result has few columns: `out[i] = start[i] + Σ_d left[i, d] · right[d]`,
/// summed in registers in the order of d.
///
/// Sixteen sums in flight hide the latency of the additions, and every loaded number is used for
/// several rows. A strip may read past the end of the last row of a matrix: `Numbers` keeps room
/// for that. OpenBLAS 0.3.21 packs both factors for every call unless its kernels are those for
/// AVX-512. Measured for [n × 64]·[64 × 64] against its AVX2 kernels, ns a row: n = 1: 204 and
/// 1,400; 8: 64 and 182; 64: 64 and 144; 2,048: 98 and 170. Its AVX-512 kernels are as fast as
/// this one up to 64 rows.
@unsafe struct StripProduct {
  var left: LeftFactor
  var rows: Int
  var depth: Int
  /// Rows of the right factor, `rightRow` numbers apart.
  var right: UnsafeMutablePointer<Float>
  var rightRow: Int
  var start: SumStart
  /// Rows of the result, `outRow` numbers apart.
  var out: UnsafeMutablePointer<Float>
  var outRow: Int
  var columns: Int

  func run() {
    unsafe ProductCount.add(2 * rows * depth * columns)
    var column = 0
    while unsafe column < columns {
      switch unsafe columns - column {
      case 49...: unsafe sum(FourStrips.self, &column)
      case 17...: unsafe sum(TwoStrips.self, &column)
      default: unsafe sum(SingleStrip.self, &column)
      }
    }
  }

  @inline(__always)
  private func sum<S: Strip>(_: S.Type, _ column: inout Int) {
    var row = 0
    if S.width < FourStrips.width { unsafe sum(EightRows<S>.self, column, &row) }
    unsafe sum(FourRows<S>.self, column, &row)
    unsafe sum(TwoRows<S>.self, column, &row)
    unsafe sum(OneRow<S>.self, column, &row)
    column += S.width
  }

  /// Sums whole groups of rows from `row` on, as many as there are.
  @inline(__always)
  private func sum<Group: RowGroup>(_: Group.Type, _ column: Int, _ row: inout Int) {
    let (across, step, rightRow, outRow) = unsafe (left.row, left.depth, rightRow, outRow)
    while unsafe row + Group.rows <= rows {
      var sums: Group
      if let first = unsafe start.start {
        unsafe sums = Group(at: first + row * start.row + column, row: start.row)
      } else {
        sums = Group()
      }
      var factor = unsafe left.start + row * across
      var strip = unsafe right + column
      for _ in unsafe 0..<depth {
        unsafe sums.add(factor, row: across, times: Group.Columns(at: strip))
        unsafe factor += step
        unsafe strip += rightRow
      }
      unsafe sums.write(to: out + row * outRow + column, row: outRow, count: columns - column)
      row += Group.rows
    }
  }
}
