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

  /// a·b and, beside it, the sum of the magnitudes, to which rounding errors are relative.
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

  @Test(arguments: shapes, Lie.allCases)
  func `x·w + bias`(shape: Shape, lie: Lie) {
    var draws = Draws(1)
    let x = Framed(rows: shape.n, columns: shape.k, lie, draws: &draws)
    let w = Framed(rows: shape.k, columns: shape.m, lie, draws: &draws)
    let bias = Framed(rows: 1, columns: shape.m, lie, draws: &draws)
    let out = Framed(rows: shape.n, columns: shape.m, lie, draws: &draws)
    multiply(x.matrix, w.matrix, plus: bias.matrix, into: out.matrix)
    let everyRow = Array(repeating: bias.matrix.exact[0], count: shape.n)
    expect(out, isProductOf: x.matrix.exact, w.matrix.exact, plus: everyRow)
  }

  @Test(arguments: shapes, Lie.allCases)
  func `xᵀ·y, added`(shape: Shape, lie: Lie) {
    var draws = Draws(2)
    let x = Framed(rows: shape.n, columns: shape.k, lie, draws: &draws)
    let y = Framed(rows: shape.n, columns: shape.m, lie, draws: &draws)
    let out = Framed(rows: shape.k, columns: shape.m, lie, draws: &draws)
    let before = out.matrix.exact
    addProduct(ofTransposed: x.matrix, y.matrix, to: out.matrix)
    let transposed = Self.transposed(x.matrix.exact, columns: shape.k)
    expect(out, isProductOf: transposed, y.matrix.exact, plus: before)
  }

  @Test(arguments: shapes, Lie.allCases)
  func `x·wᵀ`(shape: Shape, lie: Lie) {
    var draws = Draws(3)
    let x = Framed(rows: shape.n, columns: shape.m, lie, draws: &draws)
    let w = Framed(rows: shape.k, columns: shape.m, lie, draws: &draws)
    let out = Framed(rows: shape.n, columns: shape.k, lie, draws: &draws)
    multiply(x.matrix, transposed: w.matrix, into: out.matrix)
    let transposed = Self.transposed(w.matrix.exact, columns: shape.m)
    expect(out, isProductOf: x.matrix.exact, transposed, plus: nil)
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
