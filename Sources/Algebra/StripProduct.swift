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

/// What becomes of the sums of a product before they are stored.
@unsafe enum Finish {
  case none, tanh, relu
  /// The product with the slope of the function whose values for row `i` are at `start + i · row`.
  case tanhSlope(start: UnsafeMutablePointer<Float>, row: Int)
  case reluSlope(start: UnsafeMutablePointer<Float>, row: Int)
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
  /// Replaces every number.
  mutating func map(_ change: (Lanes) -> Lanes)
  /// Replaces every number, given the one at the same place of `other`.
  mutating func map(
    with other: UnsafeMutablePointer<Float>, row: Int, _ change: (Lanes, Lanes) -> Lanes)
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
  mutating func map(_ change: (Lanes) -> Lanes) { sums.map(change) }

  @inline(__always)
  mutating func map(
    with other: UnsafeMutablePointer<Float>, row: Int, _ change: (Lanes, Lanes) -> Lanes
  ) { unsafe sums.map(with: Columns(at: other), change) }

  @inline(__always)
  func write(to start: UnsafeMutablePointer<Float>, row: Int, count: Int) {
    unsafe sums.write(to: start, count: count)
  }
}

/// One group of rows above another.
struct RowGroups<Upper: RowGroup, Lower: RowGroup>: RowGroup
where Upper.Columns == Lower.Columns {
  static var rows: Int { Upper.rows + Lower.rows }
  var upper: Upper
  var lower: Lower

  @inline(__always)
  init() { (upper, lower) = (Upper(), Lower()) }

  @inline(__always)
  init(at start: UnsafeMutablePointer<Float>, row: Int) {
    unsafe upper = Upper(at: start, row: row)
    unsafe lower = Lower(at: start + Upper.rows * row, row: row)
  }

  @inline(__always)
  mutating func add(
    _ factors: UnsafeMutablePointer<Float>, row: Int, times columns: Upper.Columns
  ) {
    unsafe upper.add(factors, row: row, times: columns)
    unsafe lower.add(factors + Upper.rows * row, row: row, times: columns)
  }

  @inline(__always)
  mutating func map(_ change: (Lanes) -> Lanes) {
    upper.map(change)
    lower.map(change)
  }

  @inline(__always)
  mutating func map(
    with other: UnsafeMutablePointer<Float>, row: Int, _ change: (Lanes, Lanes) -> Lanes
  ) {
    unsafe upper.map(with: other, row: row, change)
    unsafe lower.map(with: other + Upper.rows * row, row: row, change)
  }

  @inline(__always)
  func write(to start: UnsafeMutablePointer<Float>, row: Int, count: Int) {
    unsafe upper.write(to: start, row: row, count: count)
    unsafe lower.write(to: start + Upper.rows * row, row: row, count: count)
  }
}

private typealias TwoRows<Columns: Strip> = RowGroups<OneRow<Columns>, OneRow<Columns>>
private typealias FourRows<Columns: Strip> = RowGroups<TwoRows<Columns>, TwoRows<Columns>>
private typealias SixRows<Columns: Strip> = RowGroups<FourRows<Columns>, TwoRows<Columns>>
private typealias EightRows<Columns: Strip> = RowGroups<FourRows<Columns>, FourRows<Columns>>

/// A product whose result has few columns: `out[i] = start[i] + Σ_d left[i, d] · right[d]`,
/// summed in registers in the order of d.
///
/// Several sums in flight hide the latency of the additions, and every loaded number is used for
/// several rows: sixteen sums with the registers of AVX-512, six with those of AVX2, where sixteen
/// ran at 29 GFLOP/s and six run at 89. Bits don't depend on it: every sum keeps its order. A strip
/// may read past the end of the last row of a matrix: `Numbers` keeps room for that. OpenBLAS 0.3.21
/// packs both factors for every call unless its kernels are those for AVX-512; docs/performance.md
/// has its rates beside these.
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
  var finish = unsafe Finish.none

  func run() {
    unsafe ProductCount.add(2 * rows * depth * columns)
    var column = 0
    while unsafe column < columns {
      switch unsafe columns - column {
      case 49... where unsafe hasWideRegisters || rows == 1: unsafe sum(FourStrips.self, &column)
      case 17... where unsafe hasWideRegisters || rows < 4: unsafe sum(TwoStrips.self, &column)
      default: unsafe sum(SingleStrip.self, &column)
      }
    }
  }

  @inline(__always)
  private func sum<S: Strip>(_: S.Type, _ column: inout Int) {
    var row = 0
    if hasWideRegisters {
      if S.width < FourStrips.width { unsafe sum(EightRows<S>.self, column, &row) }
      unsafe sum(FourRows<S>.self, column, &row)
    } else if S.width == SingleStrip.width {
      unsafe sum(SixRows<S>.self, column, &row)
      unsafe sum(FourRows<S>.self, column, &row)
    }
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
      switch unsafe finish {
      case .none: break
      case .tanh: sums.map(hyperbolicTangent)
      case .relu: sums.map(rectified)
      case .tanhSlope(let values, let across):
        unsafe sums.map(with: values + row * across + column, row: across, timesTanhSlope)
      case .reluSlope(let values, let across):
        unsafe sums.map(with: values + row * across + column, row: across, timesReLUSlope)
      }
      unsafe sums.write(to: out + row * outRow + column, row: outRow, count: columns - column)
      row += Group.rows
    }
  }
}
