public import Algebra
internal import Environments

/// Inputs of a layer, one per row: dense numbers, or zeros and ones as lists of their nonzeros.
public enum InputRows {
  case dense(Matrix)
  case sparse(SparseRows)

  /// Room for `rows` observations in the form that the network reads.
  init(_ shape: NetworkShape, rows: Int) {
    self.init(rows: rows, columns: shape.inputs, maxNonzeros: shape.maxNonzeros)
  }

  init(rows: Int, columns: Int, maxNonzeros: Int?) {
    self =
      maxNonzeros.map { .sparse(SparseRows(rows: rows, columns: columns, capacity: $0)) }
      ?? .dense(Matrix(rows: rows, columns: columns))
  }

  /// `count` rows, every `step`-th from row `first` on.
  func rows(from first: Int, by step: Int, count: Int) -> InputRows {
    switch self {
    case .dense(let rows): .dense(rows.rows(from: first, by: step, count: count))
    case .sparse(let rows): .sparse(rows.rows(from: first, by: step, count: count))
    }
  }

  func rows(_ selection: RowSelection) -> InputRows {
    rows(from: selection.first, by: selection.step, count: selection.count)
  }

  func rows(_ range: Range<Int>) -> InputRows { rows(RowSelection(range)) }

  /// Copies some rows of `other`, from row `first` on.
  func assign(rowsOf other: InputRows, _ rows: Range<Int>, at first: Int) {
    let own = first..<first + rows.count
    switch (self, other) {
    case (.dense(let to), .dense(let from)): to.rows(own).assign(from.rows(rows))
    case (.sparse(let to), .sparse(let from)): to.assign(rowsOf: from, rows, at: first)
    default: preconditionFailure("dense and sparse rows don't mix")
    }
  }

  func squaredNorm(ofRow row: Int) -> Double {
    switch self {
    case .dense(let rows): rows.squaredNorm(ofRow: row)
    case .sparse(let rows): Double(rows.count(ofRow: row))
    }
  }

  /// Writes the observation of every copy into its row.
  func observe(_ copies: VectorEnvironment, at indices: StridedIndices) {
    switch self {
    case .dense(let rows): rows.withMutableSpan { copies.observe(into: &$0, at: indices) }
    case .sparse(let rows): rows.withMutableSpan { copies.observe(into: &$0, at: indices) }
    }
  }

  /// Steps the copies of a task; these rows receive the final observations of truncated episodes.
  ///
  /// - Returns: the number of truncated episodes.
  func advance(
    _ copies: VectorEnvironment, _ actions: [Int32], rewards: inout [Float],
    endings: inout [Ending], at indices: StridedIndices
  ) -> Int {
    switch self {
    case .dense(let rows):
      rows.withMutableSpan {
        copies.advance(actions, rewards: &rewards, endings: &endings, at: indices, last: &$0)
      }
    case .sparse(let rows):
      rows.withMutableSpan {
        copies.advance(actions, rewards: &rewards, endings: &endings, at: indices, last: &$0)
      }
    }
  }
}

extension Matrix {
  func squaredNorm(ofRow row: Int) -> Double { rows(row..<row + 1).squaredNorm() }
}
