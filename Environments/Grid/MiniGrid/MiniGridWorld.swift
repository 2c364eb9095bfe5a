/// A position on the grid, x to the right and y down, or an offset between two positions.
struct MiniGridPosition: BitwiseCopyable, Equatable, Sendable {
  var x: Int32
  var y: Int32

  static func + (a: Self, b: Self) -> Self { Self(x: a.x &+ b.x, y: a.y &+ b.y) }
  static func * (times: Int32, way: Self) -> Self { Self(x: times &* way.x, y: times &* way.y) }
}

/// A direction, numbered clockwise as in MiniGrid: right, down, left, up.
struct MiniGridDirection: BitwiseCopyable, Equatable, Sendable {
  private(set) var number: UInt8 = 0

  init(_ number: Int32 = 0) { self.number = UInt8(number & 3) }

  var clockwise: Self { Self(Int32(number) + 1) }
  var counterclockwise: Self { Self(Int32(number) + 3) }

  /// The offset of one step in this direction.
  var step: MiniGridPosition {
    let number = Int32(number)
    return number & 1 == 0
      ? MiniGridPosition(x: 1 - number, y: 0) : MiniGridPosition(x: 0, y: 2 - number)
  }
}

/// A rectangle of the grid.
struct MiniGridArea: BitwiseCopyable, Sendable {
  var x: Int32
  var y: Int32
  var width: Int32
  var height: Int32

  /// The intersection with another area, which must overlap.
  func clipped(to other: Self) -> Self {
    let (left, top) = (max(x, other.x), max(y, other.y))
    return Self(
      x: left, y: top, width: min(x &+ width, other.x &+ other.width) &- left,
      height: min(y &+ height, other.y &+ other.height) &- top)
  }
}

/// The cells of a grid. It is a protocol only because a layout has no other way to give the size of
/// its grid.
protocol MiniGridBoard: BitwiseCopyable, Sendable {
  static var width: Int32 { get }
  static var height: Int32 { get }
  init()
  subscript(x: Int32, y: Int32) -> MiniGridCell { get set }
  /// Visits a window's cells row by row. Each cell has a number that starts at `first` and grows by
  /// `stride` with x and y.
  func forEach(
    in window: MiniGridArea, first: Int, stride: MiniGridPosition,
    _ body: (Int, MiniGridCell) -> Void)
}

/// The cells of a grid row by row, initially all empty.
///
/// `capacity` must be at least columns × rows, which the type system can't express.
struct MiniGridCells<let columns: Int, let rows: Int, let capacity: Int>: MiniGridBoard {
  private var cells: [capacity of MiniGridCell] = .init(repeating: .empty)

  static var width: Int32 { Int32(columns) }
  static var height: Int32 { Int32(rows) }

  subscript(x: Int32, y: Int32) -> MiniGridCell {
    get { cells.span[Int(y) * columns + Int(x)] }
    set { cells[Int(y) * columns + Int(x)] = newValue }
  }

  func forEach(
    in window: MiniGridArea, first: Int, stride: MiniGridPosition,
    _ body: (Int, MiniGridCell) -> Void
  ) {
    // Reading through the span avoids copying the whole grid for each cell.
    let cells = cells.span
    var (row, rowNumber) = (Int(window.y) * columns + Int(window.x), first)
    for _ in 0..<window.height {
      var number = rowNumber
      for cell in row..<row + Int(window.width) {
        body(number, cells[cell])
        number &+= Int(stride.x)
      }
      row &+= columns
      rowNumber &+= Int(stride.y)
    }
  }
}

/// A grid with the agent in it.
struct MiniGridWorld<Board: MiniGridBoard>: BitwiseCopyable, Sendable {
  var board = Board()
  /// The agent's position; outside the grid until it is placed.
  var agent = MiniGridPosition(x: -1, y: -1)
  var direction = MiniGridDirection()
  /// What the agent carries; an empty cell if nothing.
  var carried = MiniGridCell.empty

  static var everywhere: MiniGridArea {
    MiniGridArea(x: 0, y: 0, width: Board.width, height: Board.height)
  }

  subscript(position: MiniGridPosition) -> MiniGridCell {
    get { board[position.x, position.y] }
    set { board[position.x, position.y] = newValue }
  }

  var ahead: MiniGridPosition { agent + direction.step }

  /// Draws cells of an area, x before y, until one is free, at most `attempts` times.
  func freeCell(
    in area: MiniGridArea, attempts: Int = .max, random: inout some RandomSource
  ) -> MiniGridPosition? {
    for _ in 0..<attempts {
      let x = area.x + random.integer(below: area.width)
      let position = MiniGridPosition(x: x, y: area.y + random.integer(below: area.height))
      if self[position] == .empty && position != agent { return position }
    }
    return nil
  }

  /// Places an object on a random free cell of an area.
  @discardableResult
  mutating func place(
    _ cell: MiniGridCell, in area: MiniGridArea = everywhere, random: inout some RandomSource
  ) -> MiniGridPosition? {
    let position = freeCell(in: area, random: &random)
    if let position { self[position] = cell }
    return position
  }

  /// Places the agent on a random free cell of an area, then draws its direction.
  mutating func placeAgent(
    in area: MiniGridArea = everywhere, random: inout some RandomSource
  ) {
    agent = MiniGridPosition(x: -1, y: -1)
    if let position = freeCell(in: area, random: &random) { agent = position }
    direction = MiniGridDirection(random.integer(below: 4))
  }

  /// Builds walls along the edge of an area.
  mutating func enclose(_ area: MiniGridArea = everywhere) {
    for x in area.x..<area.x + area.width {
      board[x, area.y] = .wall
      board[x, area.y + area.height - 1] = .wall
    }
    for y in area.y..<area.y + area.height {
      board[area.x, y] = .wall
      board[area.x + area.width - 1, y] = .wall
    }
  }
}
