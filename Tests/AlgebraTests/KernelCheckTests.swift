import Synchronization
import TestSupport
import Testing

@testable import Algebra

/// Two codes for every product, and what tells right kernels from wrong ones.
struct KernelCheckTests {
  /// Adds x·w, or xᵀ·w, in double precision.
  private static func add(_ x: Matrix, _ isTransposed: Bool, _ w: Matrix, to out: Matrix) {
    for row in 0..<out.rows {
      for column in 0..<out.columns {
        var sum = Double(out[row, column])
        for depth in 0..<w.rows {
          let factor = isTransposed ? x[depth, row] : x[row, depth]
          sum += Double(factor) * Double(w[depth, column])
        }
        out[row, column] = Float(sum)
      }
    }
  }

  @Test func `right products pass in any order of their sums`() {
    #expect(KernelCheck.agrees(Self.add))
    // From the last product of each sum to the first.
    #expect(
      KernelCheck.agrees { x, isTransposed, w, out in
        for depth in (0..<w.rows).reversed() {
          for row in 0..<out.rows {
            let factor = isTransposed ? x[depth, row] : x[row, depth]
            for column in 0..<out.columns { out[row, column] += factor * w[depth, column] }
          }
        }
      })
  }

  enum Fault: CaseIterable {
    case nothing, overwrites, lastBit, notANumber, lastColumn, lastRow, halfPrecision,
      neverTransposes
    case onlyTransposed, onlyLarge
  }

  @Test(arguments: Fault.allCases)
  func `a wrong product fails`(fault: Fault) {
    let passes = KernelCheck.agrees { x, isTransposed, w, out in
      let before = out.copy()
      let (lastRow, lastColumn) = (out.rows - 1, out.columns - 1)
      switch fault {
      case .nothing: return
      case .overwrites: out.fill(0)
      case .halfPrecision:
        let rounded = x.copy()
        // The upper 16 bits, as in bfloat16.
        rounded.values = x.values.map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
        return Self.add(rounded, isTransposed, w, to: out)
      default: break
      }
      Self.add(x, isTransposed, w, to: out)
      switch fault {
      case .lastBit: out[lastRow, lastColumn] = out[lastRow, lastColumn].nextUp
      case .notANumber: out[lastRow, 0] = .nan
      case .lastColumn: for row in 0..<out.rows { out[row, lastColumn] = before[row, lastColumn] }
      case .lastRow:
        for column in 0..<out.columns { out[lastRow, column] = before[lastRow, column] }
      case .neverTransposes: if isTransposed { out.assign(before) }
      case .onlyTransposed: if isTransposed { out[0, 0] += 1 }
      case .onlyLarge: if out.rows * out.columns * w.rows > 1_000_000 { out[1, 1] += 1 }
      default: break
      }
    }
    #expect(!passes)
  }

  /// OpenBLAS's kernels here agree with the lab's own, or the lab would do without them.
  @Test func `the kernels in use are checked, and the check is not counted as work`() async {
    await #expect(processExitsWith: .success) {
      ProductCount.isOn.store(true, ordering: .relaxed)
      let width = KernelCheck.hasPassed ? 64 : Int.max
      precondition(widestStripProduct == width)
      precondition(ProductCount.operations.load(ordering: .relaxed) == 0)
      precondition(ProductCount.isOn.load(ordering: .relaxed))
    }
  }

  @Test(
    arguments: ProductTests.shapes + [.init(n: 9, k: 70, m: 130), .init(n: 65, k: 33, m: 200)],
    [ProductKernel.openBLAS, .own])
  func `each kernel computes every product`(shape: ProductTests.Shape, kernel: ProductKernel) {
    var draws = Draws(9)
    let x = Framed(rows: shape.n, columns: shape.k, .columns, draws: &draws)
    let w = Framed(rows: shape.k, columns: shape.m, .rows, draws: &draws)
    let bias = Framed(rows: 1, columns: shape.m, .whole, draws: &draws)
    let out = Framed(rows: shape.n, columns: shape.m, .columns, draws: &draws)
    kernel.multiply(x.matrix, w.matrix, plus: bias.matrix, into: out.matrix)
    let wanted = Matrix(rows: shape.n, columns: shape.m)
    wanted.assign(toEveryRow: bias.matrix)
    Self.add(x.matrix, false, w.matrix, to: wanted)
    #expect(largestDifference(out.matrix, wanted) <= 1e-6 * Float(shape.k + 1) * 20)
    let sum = Framed(rows: shape.k, columns: shape.m, .rows, draws: &draws)
    let total = sum.matrix.copy()
    kernel.addProduct(ofTransposed: x.matrix, out.matrix, to: sum.matrix)
    Self.add(x.matrix, true, out.matrix, to: total)
    #expect(
      largestDifference(sum.matrix, total)
        <= 1e-6 * Float(shape.n + 1) * 20 * (out.matrix.values.map(abs).max() ?? 0))
    #expect(out.isFrameIntact && sum.isFrameIntact)
  }

  private func largestDifference(_ a: Matrix, _ b: Matrix) -> Float {
    zip(a.values, b.values).map { abs($0 - $1) }.max() ?? 0
  }
}
