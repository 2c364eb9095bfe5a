internal import Algebra

/// The rates of one kind of product at one shape, with OpenBLAS and with the lab's own kernel.
public struct ProductComparison: Codable, Sendable {
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// X·W + b.
    case forward
    /// dW += Xᵀ·dY.
    case gradient
    /// dX = dY·Wᵀ, with the transpose at hand.
    case passBack = "pass-back"
  }

  public var product: Kind
  /// Rows of X.
  public var rows: Int
  public var inputs: Int
  public var outputs: Int
  /// Operations per second (10⁹), the medians of all turns.
  public var openblasGflops: Double
  public var ownGflops: Double
  /// Whether both give the same bits for random numbers.
  public var isSame: Bool
}

extension Bench {
  /// The layers of the studies, inputs and outputs: hidden ones, observations and heads.
  static let layers = [
    (50, 64), (64, 64), (100, 64), (128, 128), (256, 256), (400, 256), (5, 64), (64, 1), (64, 4),
    (256, 7), (1_024, 128),
  ]

  /// Compares OpenBLAS's kernels in use with the lab's own at all shapes of the studies: single
  /// rows, the steps of few environments, blocks of 64 rows, and many.
  public static func products(turns: Int) -> [ProductComparison] {
    ProductComparison.Kind.allCases.flatMap { kind in
      layers.flatMap { inputs, outputs in
        [1, 8, 16, 64, 1_024].map { rows in
          comparison(kind, rows: rows, inputs: inputs, outputs: outputs, turns: turns)
        }
      }
    }
  }

  static func comparison(
    _ kind: ProductComparison.Kind, rows: Int, inputs: Int, outputs: Int, turns: Int
  ) -> ProductComparison {
    let product = ComparedProduct(kind, rows: rows, inputs: inputs, outputs: outputs)
    let kernels = [ProductKernel.openBLAS, .own]
    let results = kernels.map { kernel in
      product.out.fill(0)
      product.run(with: kernel)
      return product.out.values
    }
    let operations = 2 * Double(rows) * Double(inputs * outputs)
    // About a millisecond each.
    let calls = max(1, Int(4e7 / operations))
    var rates: [[Double]] = [[], []]
    for _ in 0..<max(turns, 1) {
      for (index, kernel) in kernels.enumerated() {
        product.out.fill(0)
        let seconds = ContinuousClock().measure {
          for _ in 0..<calls { product.run(with: kernel) }
        }.seconds
        rates[index].append(Double(calls) * operations / seconds / 1e9)
      }
    }
    let medians = rates.map { $0.sorted()[$0.count / 2] }
    return ProductComparison(
      product: kind, rows: rows, inputs: inputs, outputs: outputs, openblasGflops: medians[0],
      ownGflops: medians[1], isSame: results[0] == results[1])
  }
}

/// The matrices of a product, with random numbers between −1 and 1.
private struct ComparedProduct {
  let kind: ProductComparison.Kind
  let left: Matrix
  let right: Matrix
  let bias: Matrix
  let out: Matrix

  init(_ kind: ProductComparison.Kind, rows: Int, inputs: Int, outputs: Int) {
    self.kind = kind
    let (x, y) = ((rows, inputs), (rows, outputs))
    let (leftShape, rightShape, outShape) =
      switch kind {
      case .forward: (x, (inputs, outputs), y)
      case .gradient: (x, y, (inputs, outputs))
      case .passBack: (y, (outputs, inputs), x)
      }
    left = Self.random(leftShape)
    right = Self.random(rightShape)
    bias = Matrix(rows: 1, columns: outShape.1)
    out = Matrix(rows: outShape.0, columns: outShape.1)
  }

  private static func random(_ shape: (rows: Int, columns: Int)) -> Matrix {
    let numbers = Matrix(rows: shape.rows, columns: shape.columns)
    var state = UInt64(shape.rows) &* 1_000_003 &+ UInt64(shape.columns)
    numbers.values = (0..<shape.rows * shape.columns).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
    }
    return numbers
  }

  func run(with kernel: ProductKernel) {
    switch kind {
    case .gradient: kernel.addProduct(ofTransposed: left, right, to: out)
    case .forward, .passBack: kernel.multiply(left, right, plus: bias, into: out)
    }
  }
}
