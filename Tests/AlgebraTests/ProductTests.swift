import TestSupport
import Testing

@testable import Algebra

/// Products against three nested loops in double precision.
struct ProductTests {
  struct Shape: Sendable { var n, k, m: Int }

  static let shapes = [
    Shape(n: 1, k: 1, m: 1), Shape(n: 1, k: 50, m: 64), Shape(n: 0, k: 7, m: 3),
    Shape(n: 3, k: 5, m: 2), Shape(n: 16, k: 16, m: 16), Shape(n: 17, k: 33, m: 9),
    Shape(n: 128, k: 64, m: 4), Shape(n: 65, k: 128, m: 64), Shape(n: 3, k: 6, m: 49),
    Shape(n: 2, k: 20, m: 81), Shape(n: 7, k: 64, m: 63),
  ]

  /// a·b and the sum of the magnitudes, to which rounding errors are relative.
  private static func product(_ a: [[Double]], _ b: [[Double]], columns: Int)
    -> [[(sum: Double, size: Double)]]
  {
    a.map { row in
      (0..<columns).map { column in
        var (sum, size) = (0.0, 0.0)
        for (index, value) in row.enumerated() {
          sum += value * b[index][column]
          size += abs(value * b[index][column])
        }
        return (sum, size)
      }
    }
  }

  private static func transposed(_ a: [[Double]], columns: Int) -> [[Double]] {
    (0..<columns).map { column in a.map { $0[column] } }
  }

  private func expect(
    _ out: Framed, isProductOf a: [[Double]], _ b: [[Double]], plus old: [[Double]]?
  ) {
    let wanted = Self.product(a, b, columns: out.matrix.columns)
    let got = out.matrix.exact
    var worst = 0.0
    for row in got.indices {
      for column in got[row].indices {
        let (sum, size) = wanted[row][column]
        let start = old?[row][column] ?? 0
        worst = max(worst, abs(got[row][column] - sum - start) / (size + abs(start) + 1e-30))
      }
    }
    #expect(worst < 1e-6)
    #expect(got.count == wanted.count)
    #expect(out.isFrameIntact)
  }

  @Test(arguments: shapes, Layout.allCases)
  func `x·w + bias`(shape: Shape, layout: Layout) {
    var draws = Draws(1)
    let x = Framed(rows: shape.n, columns: shape.k, layout, draws: &draws)
    let w = Framed(rows: shape.k, columns: shape.m, layout, draws: &draws)
    let bias = Framed(rows: 1, columns: shape.m, layout, draws: &draws)
    let out = Framed(rows: shape.n, columns: shape.m, layout, draws: &draws)
    multiply(x.matrix, w.matrix, plus: bias.matrix, into: out.matrix)
    let everyRow = Array(repeating: bias.matrix.exact[0], count: shape.n)
    expect(out, isProductOf: x.matrix.exact, w.matrix.exact, plus: everyRow)
  }

  @Test(arguments: [(6, 64), (64, 64), (64, 5), (33, 20), (20, 1)])
  func `a row has the same bits among any number of rows`(inputs: Int, outputs: Int) {
    var draws = Draws(12)
    let rows = 65
    let x = Framed(rows: rows, columns: inputs, .whole, draws: &draws).matrix
    let w = Framed(rows: inputs, columns: outputs, .whole, draws: &draws).matrix
    let bias = Framed(rows: 1, columns: outputs, .whole, draws: &draws).matrix
    let whole = Matrix(rows: rows, columns: outputs)
    multiply(x, w, plus: bias, into: whole)
    for count in [1, 2, 3, 4, 7, 8, 9, 16] {
      for first in stride(from: 0, to: rows - count, by: count) {
        let part = Matrix(rows: count, columns: outputs)
        multiply(x.rows(first..<first + count), w, plus: bias, into: part)
        #expect(part.values == whole.rows(first..<first + count).values)
      }
    }
  }

  @Test(arguments: shapes, Layout.allCases)
  func `xᵀ·y, added`(shape: Shape, layout: Layout) {
    var draws = Draws(2)
    let x = Framed(rows: shape.n, columns: shape.k, layout, draws: &draws)
    let y = Framed(rows: shape.n, columns: shape.m, layout, draws: &draws)
    let out = Framed(rows: shape.k, columns: shape.m, layout, draws: &draws)
    let before = out.matrix.exact
    addProduct(ofTransposed: x.matrix, y.matrix, to: out.matrix)
    let transposed = Self.transposed(x.matrix.exact, columns: shape.k)
    expect(out, isProductOf: transposed, y.matrix.exact, plus: before)
  }

  @Test(arguments: shapes, Layout.allCases)
  func `x·w times the slopes of a function`(shape: Shape, layout: Layout) {
    var draws = Draws(3)
    let x = Framed(rows: shape.n, columns: shape.k, layout, draws: &draws)
    let w = Framed(rows: shape.k, columns: shape.m, layout, draws: &draws)
    let values = Framed(rows: shape.n, columns: shape.m, layout, draws: &draws)
    for row in 0..<shape.n where shape.m > 1 { values.matrix[row, row % shape.m] = 0 }
    let product = Self.product(x.matrix.exact, w.matrix.exact, columns: shape.m)
    for function in [Nonlinearity.tanh, .relu] {
      let out = Framed(rows: shape.n, columns: shape.m, layout, draws: &draws)
      multiply(
        x.matrix, w.matrix, timesSlopeOf: function, at: values.matrix, into: out.matrix)
      let (got, at) = (out.matrix.exact, values.matrix.exact)
      for row in got.indices {
        for column in got[row].indices {
          let y = at[row][column]
          let slope = function == .tanh ? 1 - y * y : (y == 0 ? 0 : 1)
          let (sum, size) = product[row][column]
          let room = 1e-6 * (size + 1e-30) * max(abs(slope), 1e-1)
          #expect(abs(got[row][column] - sum * slope) <= room)
        }
      }
      #expect(out.isFrameIntact && values.isFrameIntact)
    }
  }

  /// Functions are applied to sums in registers, with the bits of a second pass.
  @Test(arguments: shapes, Layout.allCases)
  func `a function of x·w + bias is that of the stored sums`(shape: Shape, layout: Layout) {
    var draws = Draws(13)
    let x = Framed(rows: shape.n, columns: shape.k, layout, draws: &draws)
    let w = Framed(rows: shape.k, columns: shape.m, layout, draws: &draws)
    let bias = Framed(rows: 1, columns: shape.m, layout, draws: &draws)
    for function in [Nonlinearity.tanh, .relu] {
      let once = Framed(rows: shape.n, columns: shape.m, layout, draws: &draws)
      let twice = Matrix(rows: shape.n, columns: shape.m)
      multiply(
        x.matrix, w.matrix, plus: bias.matrix, applying: function, into: once.matrix)
      multiply(x.matrix, w.matrix, plus: bias.matrix, into: twice)
      twice.apply(function)
      #expect(once.matrix.values == twice.values)
      #expect(once.isFrameIntact)
    }
  }

  /// A sum of rows against the product with the zeros and ones written out.
  @Test(arguments: [1, 4, 16, 17, 33, 64, 65, 130], Layout.allCases)
  func `products with sparse rows`(columns: Int, layout: Layout) {
    var draws = Draws(4)
    let (rows, features, most) = (9, 40, 6)
    let lists = SparseRows(rows: 3 * rows, columns: features, capacity: most)
    var dense = Array(repeating: Array(repeating: 0.0, count: features), count: rows)
    lists.withMutableSpan { span in
      for row in 0..<rows {
        // None, some, all of them; every third row of the lists.
        let start = (1 + 3 * row) * (1 + most)
        for one in 0..<min(row, most) {
          let feature = (7 * row + 11 * one) % features
          dense[row][feature] = 1
          span[start + 1 + one] = UInt16(feature)
        }
        span[start] = UInt16(min(row, most))
      }
    }
    let x = lists.rows(from: 1, by: 3, count: rows)
    let w = Framed(rows: features, columns: columns, layout, draws: &draws)
    let bias = Framed(rows: 1, columns: columns, layout, draws: &draws)
    let out = Framed(rows: rows, columns: columns, layout, draws: &draws)
    multiply(x, w.matrix, plus: bias.matrix, into: out.matrix)
    let everyRow = Array(repeating: bias.matrix.exact[0], count: rows)
    expect(out, isProductOf: dense, w.matrix.exact, plus: everyRow)
    for function in [Nonlinearity.tanh, .relu] {
      let applied = Framed(rows: rows, columns: columns, layout, draws: &draws)
      multiply(x, w.matrix, plus: bias.matrix, applying: function, into: applied.matrix)
      let apart = out.matrix.copy()
      apart.apply(function)
      #expect(applied.matrix.values == apart.values && applied.isFrameIntact)
    }
    let before = w.matrix.exact
    addProduct(ofTransposed: x, out.matrix, to: w.matrix)
    let transposed = Self.transposed(dense, columns: features)
    expect(w, isProductOf: transposed, out.matrix.exact, plus: before)
  }

  @Test func `lists are copied whole, from any rows to any rows`() {
    let from = SparseRows(rows: 6, columns: 40, capacity: 3)
    from.withMutableSpan { span in
      for row in 0..<6 {
        span[row * 4] = UInt16(row % 4)
        for one in 0..<row % 4 { span[row * 4 + 1 + one] = UInt16(7 * row + one) }
      }
    }
    let to = SparseRows(rows: 5, columns: 40, capacity: 3)
    to.assign(rowsOf: from, 2..<5, at: 1)
    let w = Matrix(rows: 40, columns: 1)
    w.values = (0..<40).map { Float(1 + $0 * $0) }
    let sums = [from, to].map { lists in
      let out = Matrix(rows: lists.rows, columns: 1)
      multiply(lists, w, plus: Matrix(rows: 1, columns: 1), into: out)
      return out.values
    }
    #expect(sums[1] == [0] + sums[0][2..<5] + [0])
    #expect(Set(sums[0][2..<5]).count == 3)
  }

  @Test func `the transpose swaps rows and columns`() {
    var draws = Draws(5)
    let x = Framed(rows: 5, columns: 3, .columns, draws: &draws).matrix
    let transposed = Matrix(rows: 3, columns: 5)
    transposed.assign(transposed: x)
    #expect(transposed.exact == Self.transposed(x.exact, columns: 3))
  }

  @Test func `the same product gives the same bits`() {
    useOneThreadPerLane()
    var draws = Draws(4)
    let x = Framed(rows: 100, columns: 64, .whole, draws: &draws).matrix
    let w = Framed(rows: 64, columns: 64, .whole, draws: &draws).matrix
    let bias = Framed(rows: 1, columns: 64, .whole, draws: &draws).matrix
    let (one, two) = (Matrix(rows: 100, columns: 64), Matrix(rows: 100, columns: 64))
    multiply(x, w, plus: bias, into: one)
    multiply(x, w, plus: bias, into: two)
    #expect(one.values == two.values)
  }
}
