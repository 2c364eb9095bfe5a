import Foundation
import TestSupport
import Testing

@testable import Algebra

struct ActivationTests {
  private static func tanhs(of numbers: [Float]) -> [Float] {
    let matrix = Matrix(rows: 1, columns: numbers.count)
    matrix.values = numbers
    matrix.apply(.tanh)
    return matrix.values
  }

  @Test func `tanh is within 5·10⁻⁷ of the true value everywhere`() {
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

  @Test func `tanh of special values`() {
    let infinity = Float.infinity
    let results = Self.tanhs(of: [infinity, -infinity, .nan, 0, -0.0, 1e30, -1e30])
    #expect(results[0] == 1 && results[1] == -1)
    #expect(results[2].isNaN)
    #expect(results[3] == 0 && results[3].sign == .plus)
    #expect(results[4] == 0 && results[4].sign == .minus)
    #expect(results[5] == 1 && results[6] == -1)
  }

  @Test(arguments: 1...40)
  func `tanh is the same in whole registers and in the remainder`(count: Int) {
    let numbers = (0..<count).map { Float($0) / 7 - 2 }
    #expect(Self.tanhs(of: numbers) == numbers.map { Self.tanhs(of: [$0])[0] })
    for (x, y) in zip(numbers, Self.tanhs(of: numbers)) {
      #expect(abs(Double(y) - Foundation.tanh(Double(x))) < 5e-7)
    }
  }

  @Test(arguments: Layout.allCases)
  func `functions and slopes leave their surroundings alone`(layout: Layout) {
    var draws = Draws(5)
    let x = Framed(rows: 6, columns: 21, layout, draws: &draws)
    let slopes = Framed(rows: 6, columns: 21, layout, draws: &draws)
    let (before, slopesBefore) = (x.matrix.values, slopes.matrix.values)
    x.matrix.apply(.tanh)
    slopes.matrix.multiplyBySlope(of: .tanh, at: x.matrix)
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

  @Test func `exponentials are within 10⁻⁷ of the true values`() {
    let numbers = (0...300_000).map { Float(-87.33 + 176.05 * Double($0) / 300_000) }
    var (worst, where_) = (0.0, Float.zero)
    for (x, y) in zip(numbers, Self.exponentials(of: numbers)) {
      let error = abs(Double(y) / Foundation.exp(Double(x)) - 1)
      if !(error <= worst) { (worst, where_) = (error, x) }
    }
    #expect(worst < 1e-7, "\(worst) at \(where_)")
  }

  @Test func `exponentials of special values`() {
    let infinity = Float.infinity
    let results = Self.exponentials(of: [infinity, -infinity, .nan, 0, 89, -88, 3e38, -3e38])
    #expect(results[0] == infinity && results[1] == 0 && results[2].isNaN && results[3] == 1)
    #expect(results[4] == infinity && results[5] == 0)
    #expect(results[6] == infinity && results[7] == 0)
  }

  @Test func `logarithms are within 2·10⁻⁷ of the true values`() {
    var (worst, where_) = (0.0, Float.zero)
    for step in 0..<300_000 {
      let x = Float(Foundation.exp(-80 + 160 * Double(step) / 300_000))
      let y = Double(logarithm(SIMD16(repeating: x))[3])
      let exact = Foundation.log(Double(x))
      let error = abs(y - exact) / (1 + abs(exact))
      if !(error <= worst) { (worst, where_) = (error, x) }
    }
    #expect(worst < 2e-7, "\(worst) at \(where_)")
    #expect(logarithm(SIMD16(repeating: 1))[0] == 0)
    #expect(logarithm(SIMD16(repeating: .nan))[0].isNaN)
  }

  /// Units in the middle between two cumulative sums, and one that no sum exceeds.
  @Test(arguments: [1, 3, 16, 21], Layout.allCases)
  func `a unit real draws the action whose interval contains it`(actions: Int, layout: Layout) {
    var draws = Draws(7)
    let shares = (0..<actions).map { Double($0 % 3 + 1) }
    let whole = shares.reduce(0, +)
    let heads = Framed(rows: actions + 1, columns: actions + 1, layout, draws: &draws)
    heads.matrix.values = (0...actions).flatMap { _ in
      shares.map { Float(log($0 / whole)) } + [50]
    }
    var sum = 0.0
    var units = shares.map { share in
      defer { sum += share }
      return Float((sum + share / 2) / whole)
    }
    units.append(1)
    var drawn = [Int32](repeating: -1, count: actions + 1)
    var logs = [Float](repeating: 1, count: actions + 1)
    heads.matrix.drawActions(actions, units: units, into: &drawn, logProbabilities: &logs)
    #expect(drawn == (0..<actions).map { Int32($0) } + [Int32(actions - 1)])
    #expect(logs == drawn.map { Float(log(shares[Int($0)] / whole)) })
    #expect(heads.isFrameIntact)
  }

  /// Slopes by differences of a·log π(chosen)·(−1) − e·H in double precision.
  @Test(arguments: [(1, 2), (3, 40), (6, 16), (18, 5)], Layout.allCases)
  func `gradients of the policy's loss agree with differences`(size: (Int, Int), layout: Layout) {
    var draws = Draws(8)
    let (actions, rows) = size
    let heads = Framed(rows: rows, columns: actions + 1, layout, draws: &draws)
    let gradients = Framed(rows: rows, columns: actions + 1, layout, draws: &draws)
    let logits = heads.matrix.exact.map { Array($0.prefix(actions)) }
    heads.matrix.columns(0..<actions).applyLogSoftmax()
    let chosen = (0..<rows).map { Int32($0 % actions) }
    let policyWeights = draws.numbers(rows)
    let last = gradients.matrix.exact.map { $0[actions] }
    let entropies = heads.matrix.writeLogitGradients(
      actions: actions, chosen: chosen, policyWeights: policyWeights, entropyWeight: 0.3,
      weight: 0.5, into: gradients.matrix)
    func parts(_ row: [Double]) -> (logs: [Double], entropy: Double) {
      let sum = log(row.reduce(0) { $0 + exp($1) })
      let logs = row.map { $0 - sum }
      return (logs, -logs.reduce(0) { $0 + exp($1) * $1 })
    }
    for (row, own) in logits.enumerated() {
      for action in 0..<actions {
        func loss(_ change: Double) -> Double {
          var moved = own
          moved[action] += change
          let (logs, entropy) = parts(moved)
          return 0.5 * (Double(policyWeights[row]) * logs[Int(chosen[row])] - 0.3 * entropy)
        }
        let wanted = (loss(1e-5) - loss(-1e-5)) / 2e-5
        #expect(abs(gradients.matrix.exact[row][action] - wanted) < 1e-5)
      }
    }
    #expect(abs(entropies - logits.reduce(0) { $0 + parts($1).entropy }) < 1e-5 * Double(rows))
    #expect(gradients.matrix.exact.map { $0[actions] } == last)
    #expect(heads.isFrameIntact && gradients.isFrameIntact)
  }

  @Test(arguments: [1, 15, 16, 17, 40], Layout.allCases)
  func `ratios are those of exact arithmetic, and 1 where nothing changed`(
    rows: Int, layout: Layout
  ) {
    var draws = Draws(21)
    let heads = Framed(rows: rows, columns: 4, layout, draws: &draws)
    let first = 3
    let chosen = (0..<first + rows).map { Int32($0 % 3) }
    let exact = heads.matrix.exact
    let before = (0..<first + rows).map { index -> Float in
      guard index >= first else { return .nan }
      let own = Float(exact[index - first][Int(chosen[index])])
      return index % 4 == 0 ? own : own + Float(draws.real(from: -2, to: 2))
    }
    var (logs, ratios) = ([Float](repeating: 9, count: rows + 1), [Float]())
    ratios = logs
    heads.matrix.writeRatios(
      chosen: chosen, before: before, from: first, logRatios: &logs, ratios: &ratios)
    for row in 0..<rows {
      let log = exact[row][Int(chosen[first + row])] - Double(before[first + row])
      #expect(abs(Double(logs[row]) - log) < 1e-6)
      #expect(abs(Double(ratios[row]) / Foundation.exp(Double(logs[row])) - 1) < 2e-7)
      if (first + row) % 4 == 0 { #expect(logs[row] == 0 && ratios[row] == 1) }
    }
    #expect(logs[rows] == 9 && ratios[rows] == 9 && heads.isFrameIntact)
  }

  @Test func `ReLU cuts negative numbers and keeps NaN`() {
    let x = Matrix(rows: 1, columns: 6)
    x.values = [-1, 2, 0, .nan, -.infinity, .infinity]
    x.apply(.relu)
    #expect(Array(x.values[0..<3]) == [0, 2, 0])
    #expect(x.values[3].isNaN)
    #expect(x.values[4] == 0 && x.values[5] == .infinity)
    let slopes = Matrix(rows: 1, columns: 6)
    slopes.values = [3, 3, 3, 3, 3, 3]
    slopes.multiplyBySlope(of: .relu, at: x)
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
