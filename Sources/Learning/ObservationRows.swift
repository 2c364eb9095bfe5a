public import Algebra
internal import Environments

/// Observations, one per row: numbers, or the lists of the ones of binary observations.
public enum ObservationRows {
  case numbers(Matrix)
  case ones(ActiveRows)

  /// Room for `rows` observations in the form in which the network takes them.
  init(_ shape: NetworkShape, rows: Int) {
    if let most = shape.mostActiveInputs {
      self = .ones(ActiveRows(rows: rows, columns: shape.inputs, capacity: most))
    } else {
      self = .numbers(Matrix(rows: rows, columns: shape.inputs))
    }
  }

  /// `count` rows, every `step`-th from row `first` on.
  func rows(from first: Int, by step: Int, count: Int) -> ObservationRows {
    switch self {
    case .numbers(let matrix): .numbers(matrix.rows(from: first, by: step, count: count))
    case .ones(let lists): .ones(lists.rows(from: first, by: step, count: count))
    }
  }

  func rows(_ selection: RowSelection) -> ObservationRows {
    rows(from: selection.first, by: selection.step, count: selection.count)
  }

  func rows(_ range: Range<Int>) -> ObservationRows { rows(RowSelection(range)) }

  /// How many ones the rows list; `nil`: they are numbers.
  var ones: Int? {
    switch self {
    case .numbers: nil
    case .ones(let lists): lists.ones
    }
  }

  /// Takes over the rows of other observations that `places` name, from the first row on.
  func assign(rowsOf other: ObservationRows, at places: ArraySlice<Int>) {
    switch (self, other) {
    case (.numbers(let to), .numbers(let from)): to.assign(rowsOf: from, at: places)
    case (.ones(let to), .ones(let from)): to.assign(rowsOf: from, at: places)
    default: preconditionFailure("numbers and lists don't mix")
    }
  }

  /// The first layer: `out = x·w + bias`.
  func multiply(_ w: Matrix, plus bias: Matrix, into out: Matrix) {
    switch self {
    case .numbers(let x): Algebra.multiply(x, w, plus: bias, into: out)
    case .ones(let x): Algebra.multiply(x, w, plus: bias, into: out)
    }
  }

  /// Its gradient: `out += xᵀ·slope`.
  func addTransposedProduct(_ slope: Matrix, to out: Matrix) {
    switch self {
    case .numbers(let x): addProduct(ofTransposed: x, slope, to: out)
    case .ones(let x): addProduct(ofTransposed: x, slope, to: out)
    }
  }

  /// Writes what the copies of a task show into their rows.
  func observe(_ copies: VectorEnvironment, at places: Places) {
    switch self {
    case .numbers(let rows): rows.withMutableSpan { copies.observe(into: &$0, at: places) }
    case .ones(let rows): rows.withMutableSpan { copies.observe(into: &$0, at: places) }
    }
  }

  /// Steps the copies of a task; these rows receive the last observations of truncated episodes.
  ///
  /// - Returns: how many those are.
  func advance(
    _ copies: VectorEnvironment, _ actions: [Int32], rewards: inout [Float],
    endings: inout [Ending], at places: Places
  ) -> Int {
    switch self {
    case .numbers(let rows):
      rows.withMutableSpan {
        copies.advance(actions, rewards: &rewards, endings: &endings, at: places, last: &$0)
      }
    case .ones(let rows):
      rows.withMutableSpan {
        copies.advance(actions, rewards: &rewards, endings: &endings, at: places, last: &$0)
      }
    }
  }
}
