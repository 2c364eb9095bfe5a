/// Code that computes products. In training, the width of the result decides which; this is for
/// those who compare them.
public enum ProductKernel: Sendable {
  /// OpenBLAS, with the kernels in use.
  case openBLAS
  /// The lab's own, at any width.
  case own

  /// `out = x·w + bias` in every row. Shapes [n × k]·[k × m] + [1 × m] → [n × m].
  public func multiply(_ x: Matrix, _ w: Matrix, plus bias: Matrix, into out: Matrix) {
    precondition(
      x.columns == w.rows && out.rows == x.rows && out.columns == w.columns
        && bias.rows == 1 && bias.columns == w.columns,
      "cannot multiply \(x) by \(w) plus \(bias) into \(out)")
    switch self {
    case .openBLAS:
      out.assign(toEveryRow: bias)
      multiplyByBLAS(x, isTransposed: false, w, addingTo: out)
    case .own:
      unsafe multiplyInStrips(
        x, w, from: SumStart(start: bias.start(ofRow: 0), row: 0), .none, into: out)
    }
  }

  /// `out += xᵀ·y`. Shapes [n × k]ᵀ·[n × m] → [k × m].
  public func addProduct(ofTransposed x: Matrix, _ y: Matrix, to out: Matrix) {
    precondition(
      x.rows == y.rows && out.rows == x.columns && out.columns == y.columns,
      "cannot multiply transposed \(x) by \(y) into \(out)")
    switch self {
    case .openBLAS: multiplyByBLAS(x, isTransposed: true, y, addingTo: out)
    case .own: addInStrips(ofTransposed: x, y, to: out)
    }
  }
}
