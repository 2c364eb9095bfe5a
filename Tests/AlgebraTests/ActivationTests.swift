import Foundation
import Testing

@testable import Algebra

struct ActivationTests {
  private static func tanhs(of numbers: [Float]) -> [Float] {
    let matrix = Matrix(rows: 1, columns: numbers.count)
    matrix.values = numbers
    matrix.applyTanh()
    return matrix.values
  }

  @Test func `tanh is within 5·10⁻⁷ of the true one everywhere`() {
    var numbers = (0...400_000).map { Float(-12 + 24 * Double($0) / 400_000) }
    // Down to the smallest normal number, and up to the largest, ten steps an octave.
    for step in 0..<2_530 {
      let size = Float(1.2e-38 * Foundation.pow(2, Double(step) / 10))
      if size.isFinite { numbers += [size, -size] }
    }
    var (worst, where_) = (0.0, Float.zero)
    for (x, y) in zip(numbers, Self.tanhs(of: numbers)) where x != 0 {
      let exact = Foundation.tanh(Double(x))
      let error = abs(Double(y) - exact) / abs(exact)
      if !(error <= worst) { (worst, where_) = (error, x) }
    }
    #expect(worst < 5e-7, "\(worst) at \(where_)")
  }

  @Test func `tanh of what is no ordinary number`() {
    let infinity = Float.infinity
    let results = Self.tanhs(of: [infinity, -infinity, .nan, 0, -0.0, 1e30, -1e30])
    #expect(results[0] == 1 && results[1] == -1)
    #expect(results[2].isNaN)
    #expect(results[3] == 0 && results[3].sign == .plus)
    #expect(results[4] == 0 && results[4].sign == .minus)
    #expect(results[5] == 1 && results[6] == -1)
  }

  @Test(arguments: 1...40)
  func `tanh is the same in whole registers and in what is left over`(count: Int) {
    let numbers = (0..<count).map { Float($0) / 7 - 2 }
    #expect(Self.tanhs(of: numbers) == numbers.map { Self.tanhs(of: [$0])[0] })
    for (x, y) in zip(numbers, Self.tanhs(of: numbers)) {
      #expect(abs(Double(y) - Foundation.tanh(Double(x))) < 5e-7)
    }
  }

  @Test(arguments: Lie.allCases)
  func `functions and slopes leave their surroundings alone`(lie: Lie) {
    var draws = Draws(5)
    let x = Framed(rows: 6, columns: 21, lie, draws: &draws)
    let slopes = Framed(rows: 6, columns: 21, lie, draws: &draws)
    let (before, slopesBefore) = (x.matrix.values, slopes.matrix.values)
    x.matrix.applyTanh()
    slopes.matrix.multiplyByTanhSlope(at: x.matrix)
    for index in before.indices {
      let exact = Foundation.tanh(Double(before[index]))
      #expect(abs(Double(x.matrix.values[index]) - exact) < 5e-7)
      // The slope of tanh by differences.
      let (up, down) = (Double(before[index]) + 1e-5, Double(before[index]) - 1e-5)
      let slope = (Foundation.tanh(up) - Foundation.tanh(down)) / 2e-5
      let wanted = Double(slopesBefore[index]) * slope
      #expect(abs(Double(slopes.matrix.values[index]) - wanted) < 3e-6)
    }
    #expect(x.isFrameIntact && slopes.isFrameIntact)
  }

  private static func exponentials(of numbers: [Float]) -> [Float] {
    numbers.map { exponential(SIMD16(repeating: $0))[5] }
  }

  @Test func `exponentials are within 10⁻⁷ of the true ones`() {
    let numbers = (0...300_000).map { Float(-87.33 + 176.05 * Double($0) / 300_000) }
    var (worst, where_) = (0.0, Float.zero)
    for (x, y) in zip(numbers, Self.exponentials(of: numbers)) {
      let error = abs(Double(y) / Foundation.exp(Double(x)) - 1)
      if !(error <= worst) { (worst, where_) = (error, x) }
    }
    #expect(worst < 1e-7, "\(worst) at \(where_)")
  }

  @Test func `exponentials of what is no ordinary number`() {
    let infinity = Float.infinity
    let results = Self.exponentials(of: [infinity, -infinity, .nan, 0, 89, -88, 3e38, -3e38])
    #expect(results[0] == infinity && results[1] == 0 && results[2].isNaN && results[3] == 1)
    #expect(results[4] == infinity && results[5] == 0)
    #expect(results[6] == infinity && results[7] == 0)
  }

  @Test func `sums and maxima of lanes`() {
    let lanes = SIMD16<Float>(3, -1, 4, 1, -5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 93, 2)
    #expect(lanes.total == 150 && lanes.largest == 93)
    #expect((-lanes).largest == 5)
  }

  /// Units in the middle between two cumulative sums, with more actions than a register holds.
  @Test(arguments: [1, 3, 16, 21])
  func `a unit real draws the action in whose share it lies`(actions: Int) {
    let heads = Matrix(rows: 2, columns: actions + 1)
    let shares = (0..<actions).map { Double($0 % 3 + 1) }
    let whole = shares.reduce(0, +)
    heads.values = heads.values.indices.map { index in
      let column = index % (actions + 1)
      return column < actions ? Float(log(shares[column] / whole)) : 50
    }
    var sum = 0.0
    for action in 0..<actions {
      let unit = Float((sum + shares[action] / 2) / whole)
      #expect(heads.action(ofRow: 1, actions: actions, at: unit) == action)
      sum += shares[action]
    }
    #expect(heads.action(ofRow: 1, actions: actions, at: 1) == actions - 1)
  }

  @Test func `ReLU cuts negative numbers and keeps NaN`() {
    let x = Matrix(rows: 1, columns: 6)
    x.values = [-1, 2, 0, .nan, -.infinity, .infinity]
    x.applyReLU()
    #expect(Array(x.values[0..<3]) == [0, 2, 0])
    #expect(x.values[3].isNaN)
    #expect(x.values[4] == 0 && x.values[5] == .infinity)
    let slopes = Matrix(rows: 1, columns: 6)
    slopes.values = [3, 3, 3, 3, 3, 3]
    slopes.multiplyByReLUSlope(at: x)
    #expect(slopes.values == [0, 3, 0, 3, 0, 3])
  }

  @Test(arguments: [1, 2, 3, 9, 18], [1, 30, 1_000] as [Double])
  func `log-probabilities are those of exact arithmetic`(columns: Int, size: Double) {
    var draws = Draws(6)
    let frame = Framed(rows: 20, columns: columns, .columns, draws: &draws)
    frame.matrix.values = (0..<20 * columns).map { _ in
      Float(draws.real(from: -size, to: size))
    }
    let logits = frame.matrix.exact
    frame.matrix.applyLogSoftmax()
    for (row, got) in zip(logits, frame.matrix.exact) {
      let highest = row.max() ?? 0
      let sum = highest + log(row.reduce(0) { $0 + exp($1 - highest) })
      for (logit, value) in zip(row, got) {
        #expect(abs(value - (logit - sum)) < 4e-7 * (abs(logit) + abs(sum) + 1))
      }
      #expect(abs(got.reduce(0) { $0 + exp($1) } - 1) < 1e-6 * (1 + size))
    }
    #expect(frame.isFrameIntact)
  }

  @Test func `large logits give no infinity`() {
    let z = Matrix(rows: 1, columns: 3)
    z.values = [3e38, -3e38, 2.9e38]
    z.applyLogSoftmax()
    #expect(z.values[0] == 0)
    z.values = [-1e4, -1e4, -1e4]
    z.applyLogSoftmax()
    #expect(z.values.allSatisfy { abs($0 + Float(log(3.0))) < 2e-3 })
  }
}
