/// A check of OpenBLAS's kernels: some are wrong on processors that they were not written for.
///
/// The factors are whole numbers, and so small that every partial sum is one of the 2²⁴ that single
/// precision has exactly. So right kernels give the same bits in any order, with or without fused
/// operations, and there is no bound to choose. Factors of 9 bits also show a kernel that rounds
/// them to 8, as bfloat16 does.
public enum KernelCheck {
  /// Whether OpenBLAS's kernels in use agree with the lab's own; if not, the lab's own compute all
  /// products. Checked once, at the first question, which takes about half a millisecond.
  public static let hasPassed = ProductCount.pausing {
    agrees { x, isTransposed, w, out in
      multiplyByBLAS(x, isTransposed: isTransposed, w, addingTo: out)
    }
  }

  /// Products as training makes them at more than 64 columns: rows of the result, products in each
  /// sum, columns. The first has more than the 100³ operations up to which OpenBLAS may use kernels
  /// for small matrices; the others leave remainders of every block.
  private static let shapes = [(64, 128, 128), (17, 33, 97), (3, 100, 65), (1, 40, 81)]

  /// Whether a product agrees with the lab's own.
  ///
  /// - Parameter product: adds x·w, or xᵀ·w if told so, to its last argument.
  static func agrees(_ product: (Matrix, Bool, Matrix, Matrix) -> Void) -> Bool {
    shapes.allSatisfy { rows, depth, columns in
      let w = wholeNumbers(depth, columns, upTo: 64)
      let bias = wholeNumbers(1, columns, upTo: 1_024)
      let (got, wanted) = (
        Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns)
      )
      let x = wholeNumbers(rows, depth, upTo: 512)
      got.assign(toEveryRow: bias)
      product(x, false, w, got)
      ProductKernel.own.multiply(x, w, plus: bias, into: wanted)
      guard wanted.hasNumbers(of: got) else { return false }
      // The sums go on from those of the first product.
      let transposed = wholeNumbers(depth, rows, upTo: 512)
      product(transposed, true, w, got)
      ProductKernel.own.addProduct(ofTransposed: transposed, w, to: wanted)
      return wanted.hasNumbers(of: got)
    }
  }

  /// Whole numbers between −`bound` and `bound`, neither the same in every row nor in every column.
  private static func wholeNumbers(_ rows: Int, _ columns: Int, upTo bound: UInt32) -> Matrix {
    let numbers = Matrix(rows: rows, columns: columns)
    var state = UInt32(truncatingIfNeeded: rows &* 1_021 &+ columns)
    numbers.withMutableSpan { span in
      for index in span.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        span[index] = Float((state >> 8) % (2 * bound)) - Float(bound)
      }
    }
    return numbers
  }
}

extension Matrix {
  /// Whether all numbers are equal; NaN equals nothing.
  fileprivate func hasNumbers(of other: Matrix) -> Bool {
    (0..<rows).allSatisfy { row in
      let (mine, others) = unsafe (start(ofRow: row), other.start(ofRow: row))
      return (0..<columns).allSatisfy { unsafe mine[$0] == others[$0] }
    }
  }
}
