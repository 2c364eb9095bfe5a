public import Environments

/// A task that says how it is drawn. A family's drawings stand in one file of this module, as
/// extensions that read the state; the tasks know nothing of them.
public protocol Drawable: Environment {
  var picture: Picture { get }
}

/// A task whose observation is its picture, as planes of zeros and ones.
protocol DrawnByPlanes: Drawable {
  static var planes: Planes { get }
}

/// How an observation is made of planes.
struct Planes {
  enum Order {
    /// Plane after plane, each row by row.
    case planesFirst
    /// All planes of a cell side by side.
    case cellsFirst
  }

  /// What a one in a plane means.
  struct Plane {
    var name: String
    var cell: Cell
  }

  var rows: Int
  var columns: Int
  var order: Order
  /// In the order of the observation; where several have a one, the first of them is seen.
  var planes: [Plane]

  func picture(of row: [Float]) -> Picture {
    var picture = Picture(rows: rows, columns: columns)
    let count = rows * columns
    for (index, plane) in planes.enumerated().reversed() {
      for cell in 0..<count {
        let place = order == .planesFirst ? index * count + cell : cell * planes.count + index
        if row[place] != 0 { picture[cell / columns, cell % columns] = plane.cell }
      }
    }
    picture.notes = [planes.map { "\($0.cell.symbol) \($0.name)" }.joined(separator: "  ")]
    return picture
  }
}

extension DrawnByPlanes {
  public var picture: Picture { Self.planes.picture(of: observation(of: self)) }
}

/// The picture of a task's state; of one that has no drawing the numbers of its observation, as
/// shades.
public func picture(of task: some Environment) -> Picture {
  if let drawable = task as? any Drawable { return drawable.picture }
  if let charted = task as? any Charted { return charted.chart.picture }
  let numbers = observation(of: task)
  let columns = min(numbers.count, 32)
  var picture = Picture(rows: (numbers.count + columns - 1) / columns, columns: columns)
  for (index, number) in numbers.enumerated() {
    let shades: [Character] = [" ", "░", "▒", "▓", "█"]
    let shade = Int((min(abs(number), 1) * 4).rounded())
    picture[index / columns, index % columns] = Cell(shades[shade], number < 0 ? .red : nil)
  }
  return picture
}

private func observation(of task: some Environment) -> [Float] {
  var row = [Float](repeating: 0, count: type(of: task).facts.observationSize)
  var span = row.mutableSpan
  task.observe(into: &span)
  return row
}
