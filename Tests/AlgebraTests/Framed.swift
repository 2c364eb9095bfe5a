import TestSupport

@testable import Algebra

/// Layout of a matrix in memory.
enum Layout: CaseIterable, Sendable {
  /// Row behind row.
  case whole
  /// Columns from the middle of wider rows.
  case columns
  /// Every third row of a taller matrix.
  case rows
}

/// A matrix of random numbers together with the numbers around it, which must stay unchanged.
struct Framed {
  static let canary: Float = 77
  let matrix: Matrix
  private let frame: Matrix

  init(rows: Int, columns: Int, _ layout: Layout, draws: inout Draws) {
    switch layout {
    case .whole:
      frame = Matrix(rows: rows, columns: columns)
      matrix = frame
    case .columns:
      frame = Matrix(rows: rows, columns: columns + 5)
      frame.values = Array(repeating: Self.canary, count: rows * (columns + 5))
      matrix = frame.columns(2..<2 + columns)
    case .rows:
      frame = Matrix(rows: 3 * rows + 2, columns: columns)
      frame.values = Array(repeating: Self.canary, count: (3 * rows + 2) * columns)
      matrix = frame.rows(from: 1, by: 3, count: rows)
    }
    matrix.values = draws.numbers(rows * columns)
  }

  /// Numbers outside of the matrix that are still what they were.
  var isFrameIntact: Bool {
    let outside = frame.rows * frame.columns - matrix.rows * matrix.columns
    return frame.values.count { $0 == Self.canary } == outside
  }
}

extension Matrix {
  /// The numbers in double precision, by row and column.
  var exact: [[Double]] {
    let numbers = values
    return (0..<rows).map { row in
      (0..<columns).map { Double(numbers[row * columns + $0]) }
    }
  }
}
