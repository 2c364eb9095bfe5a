import Testing

@testable import Algebra

/// Extents that don't fit stop the program instead of reading someone else's memory.
struct PreconditionTests {
  @Test func `a product of shapes that don't fit stops`() async {
    await #expect(processExitsWith: .failure) {
      multiply(
        Matrix(rows: 2, columns: 3), Matrix(rows: 4, columns: 5),
        plus: Matrix(rows: 1, columns: 5), into: Matrix(rows: 2, columns: 5))
    }
  }

  @Test func `a slice beyond the matrix stops`() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix(rows: 2, columns: 3).rows(1..<3)
    }
    await #expect(processExitsWith: .failure) {
      _ = Matrix(rows: 4, columns: 3).rows(from: 1, by: 2, count: 3)
    }
  }

  @Test func `a list with a column out of range stops`() async {
    await #expect(processExitsWith: .failure) {
      let lists = SparseRows(rows: 1, columns: 3, capacity: 2)
      lists.withMutableSpan { ($0[0], $0[1]) = (1, 3) }
      multiply(
        lists, Matrix(rows: 3, columns: 4), plus: Matrix(rows: 1, columns: 4),
        into: Matrix(rows: 1, columns: 4))
    }
  }

  @Test func `an index outside the matrix stops`() async {
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 3)[0, 3] }
  }

  @Test func `a sum of different shapes stops`() async {
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 3).add(Matrix(rows: 3, columns: 2))
    }
  }
}
