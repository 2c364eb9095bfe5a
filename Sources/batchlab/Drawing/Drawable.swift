internal import Environments

/// A task with a drawing of its own. The drawings of a family are extensions in one file, which
/// read the state. The tasks themselves contain no drawing code.
protocol Drawable: Environment {
  var picture: Picture { get }
}

/// A task whose observation is a picture, as planes of zeros and ones.
protocol DrawnByPlanes: Drawable {
  static var planes: Planes { get }
}

/// The planes of an observation.
struct Planes {
  enum Order {
    /// One plane after another, each row by row.
    case planesFirst
    /// One cell after another, each with its value in every plane.
    case cellsFirst
  }

  /// The meaning of a one in a plane.
  struct Plane {
    var name: String
    var cell: Cell
  }

  var rows: Int
  var columns: Int
  var order: Order
  /// The planes in the order of the observation. If several have a one in a cell, the first is
  /// drawn.
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
  var picture: Picture { Self.planes.picture(of: observation(of: self)) }
}

/// Draws a task's state. A task without a drawing of its own is drawn as the numbers of its
/// observation, in shades.
func picture(of task: some Environment) -> Picture {
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
