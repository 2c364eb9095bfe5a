internal import CProcessor

/// Whether sixteen strips of sums fit into the vector registers, as with AVX-512; otherwise six do.
@inline(__always)
var hasWideRegisters: Bool { has_wide_registers == 1 }

/// A strip of columns that stays in vector registers while a product sums into it.
protocol Strip {
  static var width: Int { get }
  /// Zeros.
  init()
  /// Loads `width` numbers.
  init(at pointer: UnsafeMutablePointer<Float>)
  /// `self += factor · other`, fused.
  mutating func add(_ factor: Float, times other: Self)
  mutating func add(_ other: Self)
  /// Replaces every number.
  mutating func map(_ change: (Lanes) -> Lanes)
  /// Replaces every number, given the one at the same place of `other`.
  mutating func map(with other: Self, _ change: (Lanes, Lanes) -> Lanes)
  /// Stores the first `count` numbers, at most `width`.
  func write(to pointer: UnsafeMutablePointer<Float>, count: Int)
}

/// One register's worth of columns.
struct SingleStrip: Strip {
  static let width = Lanes.scalarCount
  var lanes: Lanes

  @inline(__always)
  init() { lanes = Lanes() }

  @inline(__always)
  init(at pointer: UnsafeMutablePointer<Float>) { unsafe lanes = load(Lanes.self, pointer) }

  @inline(__always)
  mutating func add(_ factor: Float, times other: Self) {
    lanes = lanes.addingProduct(Lanes(repeating: factor), other.lanes)
  }

  @inline(__always)
  mutating func add(_ other: Self) { lanes += other.lanes }

  @inline(__always)
  mutating func map(_ change: (Lanes) -> Lanes) { lanes = change(lanes) }

  @inline(__always)
  mutating func map(with other: Self, _ change: (Lanes, Lanes) -> Lanes) {
    lanes = change(lanes, other.lanes)
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
struct PairStrip<Half: Strip>: Strip {
  static var width: Int { 2 * Half.width }
  var left: Half
  var right: Half

  @inline(__always)
  init() { (left, right) = (Half(), Half()) }

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
  mutating func add(_ other: Self) {
    left.add(other.left)
    right.add(other.right)
  }

  @inline(__always)
  mutating func map(_ change: (Lanes) -> Lanes) {
    left.map(change)
    right.map(change)
  }

  @inline(__always)
  mutating func map(with other: Self, _ change: (Lanes, Lanes) -> Lanes) {
    left.map(with: other.left, change)
    right.map(with: other.right, change)
  }

  @inline(__always)
  func write(to pointer: UnsafeMutablePointer<Float>, count: Int) {
    unsafe left.write(to: pointer, count: count)
    unsafe right.write(to: pointer + Half.width, count: count - Half.width)
  }
}

typealias TwoStrips = PairStrip<SingleStrip>
typealias FourStrips = PairStrip<TwoStrips>
