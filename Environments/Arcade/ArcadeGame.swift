/// The six buttons of every arcade game, in MinAtar's order.
enum Button: Int8, BitwiseCopyable, Sendable, CaseIterable {
  case none, left, up, right, down, fire

  static let names = allCases.map { "\($0)" }
}

/// A game of MinAtar 1.0.15 (Young and Tian 2019, arXiv 1903.03176).
///
/// The screen has 10×10 cells and one plane for each kind of object. The observation is
/// [y][x][plane], 1 where there is such an object. Actions are sticky: with probability 0.1 a step
/// repeats the previous step's button (none in the first step) instead of the requested one. This
/// memory outlasts the end of an episode.
///
/// The originals have no time limit. Ours truncate an episode after 1,000 steps, except Freeway,
/// which its own clock ends. Traces in MinAtar's format have no limit either.
protocol ArcadeGame: BinaryEnvironment, PublicTask where OriginalRandom == NumPyRandomState {
  static var planes: Int { get }
  /// The button that was last executed.
  var lastButton: Button { get set }
  /// Takes a step with the button that is actually executed.
  mutating func play(_ button: Button, random: inout some RandomSource) -> Outcome
  /// Calls `body` with the plane and cell of every object on the screen, each pair once.
  func forEachThing(_ body: (_ plane: Int, _ cell: Int) -> Void)
}

extension ArcadeGame {
  public mutating func restart(random: inout some RandomSource) {
    let button = lastButton
    self = Self(random: &random)
    lastButton = button
  }

  public mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    let isStuck = random.unit() < 0.1
    if !isStuck { lastButton = Button(rawValue: Int8(truncatingIfNeeded: action)) ?? .none }
    return play(lastButton, random: &random)
  }

  public func forEachNonzero(_ body: (Int) -> Void) {
    forEachThing { plane, cell in body(cell * Self.planes + plane) }
  }
}

/// The cell in column x of row y.
func cell(_ x: Int8, _ y: Int8) -> Int { Int(y) * 10 + Int(x) }

/// The cells that objects of one kind occupy, one bit for each cell of the screen.
struct Board: BitwiseCopyable, Sendable {
  private var bits: UInt128 = 0

  init() {}

  init(rows: ClosedRange<Int8>, columns: ClosedRange<Int8>) {
    for y in rows { for x in columns { insert(x, y) } }
  }

  private static func bit(_ x: Int8, _ y: Int8) -> UInt128 { 1 << UInt128(cell(x, y)) }
  private static let all: UInt128 = 1 << 100 - 1

  var isEmpty: Bool { bits == 0 }
  var count: Int { bits.nonzeroBitCount }
  func contains(_ x: Int8, _ y: Int8) -> Bool { bits & Self.bit(x, y) != 0 }
  mutating func insert(_ x: Int8, _ y: Int8) { bits |= Self.bit(x, y) }
  mutating func remove(_ x: Int8, _ y: Int8) { bits &= ~Self.bit(x, y) }

  func intersection(_ other: Board) -> Board { Board(bits & other.bits) }
  func subtracting(_ other: Board) -> Board { Board(bits & ~other.bits) }

  /// The board shifted by one cell; what leaves the screen is removed.
  var movedUp: Board { Board(bits >> 10) }
  var movedDown: Board { Board(bits << 10 & Self.all) }
  /// The board shifted one cell sideways; it must have nothing at the wall on that side.
  var movedLeft: Board { Board(bits >> 1) }
  var movedRight: Board { Board(bits << 1) }

  /// The board shifted one row down; what leaves the bottom row re-enters at the top.
  var movedDownAround: Board { Board(movedDown.bits | bits >> 90) }

  private static let leftColumn: UInt128 = 0x40100401004010040100401

  /// The nonempty column nearest to `x`; of two equally near ones, the left.
  func nearestColumn(to x: Int8) -> Int8? {
    for distance in 0...9 as ClosedRange<Int8> {
      if x >= distance, lowestRow(in: x - distance) != nil { return x - distance }
      if x + distance <= 9, lowestRow(in: x + distance) != nil { return x + distance }
    }
    return nil
  }

  /// The lowest occupied row of a column.
  func lowestRow(in x: Int8) -> Int8? {
    let bits = self.bits & (Self.leftColumn << UInt128(x))
    return bits == 0 ? nil : Int8(truncatingIfNeeded: (127 - bits.leadingZeroBitCount) / 10)
  }

  private init(_ bits: UInt128) { self.bits = bits }

  /// Visits occupied cells row by row, from the left.
  func forEach(_ body: (_ cell: Int) -> Void) {
    var low = UInt64(truncatingIfNeeded: bits)
    while low != 0 {
      body(low.trailingZeroBitCount)
      low &= low - 1
    }
    var high = UInt64(truncatingIfNeeded: bits >> 64)
    while high != 0 {
      body(64 + high.trailingZeroBitCount)
      high &= high - 1
    }
  }
}
