/// A colour available in every terminal.
enum Colour: Int, Sendable {
  case red = 1
  case green, yellow, blue, purple, cyan, white
  case grey = 60
}

/// One cell of a picture.
struct Cell: Hashable, Sendable {
  static let empty = Cell("·")

  var symbol: Character
  var colour: Colour?

  init(_ symbol: Character, _ colour: Colour? = nil) {
    self.symbol = symbol
    self.colour = colour
  }
}

/// Rows of cells with a frame around them, for a terminal.
struct Picture: Hashable, Sendable {
  let rows: Int
  let columns: Int
  /// Whether cells are as wide as they are high, which takes two characters instead of one.
  let isSquare: Bool
  /// Lines printed below the frame.
  var notes: [String] = []
  private var cells: [Cell]

  init(rows: Int, columns: Int, isSquare: Bool = true, of cell: Cell = .empty) {
    self.rows = rows
    self.columns = columns
    self.isSquare = isSquare
    cells = Array(repeating: cell, count: rows * columns)
  }

  subscript(row: Int, column: Int) -> Cell {
    get { cells[row * columns + column] }
    set { cells[row * columns + column] = newValue }
  }

  /// The lines of the picture. Colours fill the background of a cell.
  func lines(inColour: Bool) -> [String] {
    let bar = String(repeating: "─", count: columns * (isSquare ? 2 : 1))
    let body = (0..<rows).map { row in
      "│" + (0..<columns).map { text(of: self[row, $0], inColour: inColour) }.joined() + "│"
    }
    return ["┌\(bar)┐"] + body + ["└\(bar)┘"] + notes
  }

  private func text(of cell: Cell, inColour: Bool) -> String {
    let text = isSquare ? "\(cell.symbol) " : String(cell.symbol)
    guard inColour else { return text }
    guard let colour = cell.colour else { return "\u{1B}[2m\(text)\u{1B}[0m" }
    let ink = cell.symbol == "█" ? 30 + colour.rawValue : 30
    return "\u{1B}[\(ink);\(40 + colour.rawValue)m\(text)\u{1B}[0m"
  }
}
