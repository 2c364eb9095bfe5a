import TestSupport
import Testing

@testable import Algebra

struct ElementwiseTests {
  static let sizes = [(1, 1), (1, 16), (5, 7), (4, 33), (0, 3)]

  @Test(arguments: sizes, Layout.allCases)
  func `adds, scales, copies and fills within its own numbers`(size: (Int, Int), layout: Layout) {
    var draws = Draws(7)
    let a = Framed(rows: size.0, columns: size.1, layout, draws: &draws)
    let b = Framed(rows: size.0, columns: size.1, .columns, draws: &draws)
    let (x, y) = (a.matrix.values, b.matrix.values)
    a.matrix.add(b.matrix)
    #expect(a.matrix.values == zip(x, y).map { $0 + $1 })
    a.matrix.assign(b.matrix)
    #expect(a.matrix.values == y)
    a.matrix.scale(by: 4)
    #expect(a.matrix.values == y.map { $0 * 4 })
    // A power of two: exact whether or not the product is rounded by itself.
    a.matrix.add(b.matrix, times: -0.5)
    #expect(a.matrix.values == y.map { 4 * $0 - 0.5 * $0 })
    let copy = a.matrix.copy()
    a.matrix.fill(3)
    #expect(a.matrix.values == Array(repeating: 3, count: x.count))
    #expect(copy.values == y.map { 3.5 * $0 })
    #expect(b.matrix.values == y)
    #expect(a.isFrameIntact && b.isFrameIntact)
  }

  @Test(arguments: [(1, 1), (1, 7), (1, 8), (3, 9), (40, 101)], Layout.allCases)
  func `squared norms are summed in double precision`(size: (Int, Int), layout: Layout) {
    var draws = Draws(8)
    let a = Framed(rows: size.0, columns: size.1, layout, draws: &draws).matrix
    let exact = a.exact.joined().reduce(0) { $0 + $1 * $1 }
    #expect(abs(a.squaredNorm() - exact) < 1e-13 * exact)
  }

  @Test func `squared norms neither overflow nor swallow small parts`() {
    let a = Matrix(rows: 1, columns: 9)
    a.values = [1e30, 1, 1, 1, 1, 1, 1, 1, 1e30]
    #expect(abs(a.squaredNorm() / 2e60 - 1) < 1e-6)
    a.values = [4_096, 1e-3, 0, 0, 0, 0, 0, 0, 0]
    #expect(a.squaredNorm() > 16_777_216)
    a.values = [1, 2, .nan, 0, 0, 0, 0, 0, 0]
    #expect(a.squaredNorm().isNaN)
    a.values = [1, 2, 3, 0, 0, 0, 0, 0, .infinity]
    #expect(a.squaredNorm() == .infinity)
  }

  @Test(arguments: [(1, 1), (1, 16), (1, 17), (3, 40), (2, 0)], Layout.allCases)
  func `adding scaled and clearing leaves zeros and gives the squared norm`(
    size: (Int, Int), layout: Layout
  ) {
    var draws = Draws(10)
    let from = Framed(rows: size.0, columns: size.1, layout, draws: &draws)
    let to = Framed(rows: size.0, columns: size.1, .columns, draws: &draws)
    let (x, y) = (from.matrix.values, to.matrix.values)
    let norm = from.matrix.squaredNorm()
    #expect(abs(from.matrix.addScaledAndClear(to: to.matrix, times: 0.25) - norm) <= 1e-14 * norm)
    #expect(to.matrix.values == zip(x, y).map { $1 + 0.25 * $0 })
    #expect(from.matrix.values == x.map { _ in 0 })
    #expect(from.isFrameIntact && to.isFrameIntact)
  }

  @Test(arguments: [1, 6, 16, 17, 49, 81], Layout.allCases)
  func `a row is set in every row, and every row is added to a row`(columns: Int, layout: Layout) {
    var draws = Draws(9)
    let row = Framed(rows: 1, columns: columns, .whole, draws: &draws)
    let many = Framed(rows: 11, columns: columns, layout, draws: &draws)
    let (start, exact) = (row.matrix.exact[0], many.matrix.exact)
    row.matrix.add(rowsOf: many.matrix)
    for column in 0..<columns {
      let sum = exact.reduce(start[column]) { $0 + $1[column] }
      #expect(abs(Double(row.matrix[0, column]) - sum) < 1e-5)
    }
    many.matrix.assign(toEveryRow: row.matrix)
    for index in 0..<11 {
      #expect(many.matrix.rows(index..<index + 1).values == row.matrix.values)
    }
    #expect(many.isFrameIntact && row.isFrameIntact)
  }

  @Test func `slices show the numbers they name`() {
    let a = Matrix(rows: 4, columns: 5)
    a.values = (0..<20).map { Float($0) }
    #expect(a.rows(1..<3).values == (5..<15).map { Float($0) })
    #expect(a.columns(3..<5).values == [3, 4, 8, 9, 13, 14, 18, 19])
    #expect(a.rows(from: 1, by: 2, count: 2).columns(0..<2).values == [5, 6, 15, 16])
    let row = Matrix(rows: 1, columns: 8)
    row.values = (0..<8).map { Float($0) }
    #expect(row.reshaped(2..<8, rows: 2, columns: 3)[1, 0] == 5)
    // A slice is no copy.
    a.rows(3..<4)[0, 4] = 100
    #expect(a[3, 4] == 100)
    #expect(!a.columns(0..<2).isContiguous && a.rows(1..<3).isContiguous)
  }
}
