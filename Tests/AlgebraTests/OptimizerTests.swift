import Foundation
import TestSupport
import Testing

@testable import Algebra

/// Steps of the optimizers against their formulas in double precision, one number at a time.
struct OptimizerTests {
  private static let count = 37
  private let start: [Float]
  private let gradients: [[Float]]

  init() {
    var draws = Draws(10)
    start = draws.numbers(Self.count)
    // Sizes from 10⁻⁴ to 1, and zeros.
    gradients = (0..<12).map { step in
      (0..<Self.count).map { index in
        index == 5 ? 0 : Float(draws.real(from: -1, to: 1) * pow(10, -Double(index % 5)))
      }
    }
  }

  private static func row(_ numbers: [Float] = Array(repeating: 0, count: count)) -> Matrix {
    let row = Matrix(rows: 1, columns: count)
    row.values = numbers
    return row
  }

  private func expect(_ p: Matrix, near exact: [Double], moved: Double) {
    for (got, want) in zip(p.values, exact) {
      #expect(abs(Double(got) - want) < 2e-6 * (abs(want) + moved))
    }
  }

  @Test(arguments: [(0.9, 0.999, 1e-8), (0.5, 0.9, 1e-3)])
  func `Adam`(beta1: Double, beta2: Double, epsilon: Double) {
    let (p, mean, square) = (Self.row(start), Self.row(), Self.row())
    var exact = start.map { Double($0) }
    var (m, v) = (exact.map { _ in 0.0 }, exact.map { _ in 0.0 })
    for (index, gradient) in gradients.enumerated() {
      let t = Double(index + 1)
      p.stepAdam(
        gradient: Self.row(gradient), firstMoment: mean, secondMoment: square, step: index + 1,
        learningRate: 0.01, beta1: beta1, beta2: beta2, epsilon: epsilon)
      for (i, number) in gradient.enumerated() {
        let g = Double(number)
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        let corrected = (m[i] / (1 - pow(beta1, t)), v[i] / (1 - pow(beta2, t)))
        exact[i] -= 0.01 * corrected.0 / (corrected.1.squareRoot() + epsilon)
      }
    }
    expect(p, near: exact, moved: 0.1)
  }

  @Test func `Adam's first step is the learning rate, whatever the gradient`() {
    let p = Self.row()
    p.stepAdam(
      gradient: Self.row(gradients[0]), firstMoment: Self.row(), secondMoment: Self.row(), step: 1,
      learningRate: 0.25, beta1: 0.9, beta2: 0.999, epsilon: 1e-12)
    for (moved, slope) in zip(p.values, gradients[0]) {
      #expect(abs(moved + 0.25 * (slope == 0 ? 0 : slope > 0 ? 1 : -1)) < 1e-5)
    }
  }

  @Test(arguments: [0, 0.9])
  func `gradient descent with momentum`(momentum: Double) {
    let (p, mean) = (Self.row(start), Self.row())
    var exact = start.map { Double($0) }
    var m = exact.map { _ in 0.0 }
    for gradient in gradients {
      p.stepSGD(
        gradient: Self.row(gradient), velocity: mean, learningRate: 0.05, momentum: momentum)
      for (i, number) in gradient.enumerated() {
        m[i] = momentum * m[i] + Double(number)
        exact[i] -= 0.05 * m[i]
      }
    }
    expect(p, near: exact, moved: 1)
  }

  @Test(arguments: [(0, 0.99), (0.9, 0.95)])
  func `RMSProp`(momentum: Double, smoothing: Double) {
    let (p, mean, square) = (Self.row(start), Self.row(), Self.row())
    var exact = start.map { Double($0) }
    var (m, v) = (exact.map { _ in 0.0 }, exact.map { _ in 0.0 })
    for gradient in gradients {
      p.stepRMSProp(
        gradient: Self.row(gradient), velocity: mean, secondMoment: square, learningRate: 0.01,
        momentum: momentum, smoothing: smoothing, epsilon: 1e-5)
      for (i, number) in gradient.enumerated() {
        let g = Double(number)
        v[i] = smoothing * v[i] + (1 - smoothing) * g * g
        m[i] = momentum * m[i] + g / (v[i].squareRoot() + 1e-5)
        exact[i] -= 0.01 * m[i]
      }
    }
    expect(p, near: exact, moved: 1)
  }

  @Test(arguments: Rule.allCases)
  func `Decaying moments end at zero and move parameters as if they were kept`(rule: Rule) {
    let (p, mean, square) = (Self.row(start), Self.row(), Self.row())
    var twin = start
    var (m, v) = (twin.map { _ in Float(0) }, twin.map { _ in Float(0) })
    for step in 1...3_000 {
      let gradient = step == 1 ? gradients[0] : m.map { _ in 0 }
      switch rule {
      case .adam:
        p.stepAdam(
          gradient: Self.row(gradient), firstMoment: mean, secondMoment: square, step: step,
          learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-8)
      case .sgd:
        p.stepSGD(gradient: Self.row(gradient), velocity: mean, learningRate: 0.01, momentum: 0.9)
      case .rmsProp:
        p.stepRMSProp(
          gradient: Self.row(gradient), velocity: mean, secondMoment: square, learningRate: 0.01,
          momentum: 0.9, smoothing: 0.95, epsilon: 1e-8)
      }
      for (index, slope) in gradient.enumerated() {
        (m[index], v[index], twin[index]) = rule.step(
          m[index], v[index], twin[index], slope, number: step)
      }
    }
    #expect(m.contains { $0.isSubnormal } && (rule == .sgd || v.contains { $0.isSubnormal }))
    #expect(mean.values.allSatisfy { $0 == 0 } && square.values.allSatisfy { $0 == 0 })
    #expect(p.values == twin)
  }

  @Test func `Moments are kept as long as they have their full precision`() {
    let (p, mean, square) = (Self.row(), Self.row(), Self.row())
    mean.values = (0..<Self.count).map { [1.5e-38, -1.5e-38, 1.2e-38, -1.2e-38, .nan][$0 % 5] }
    square.values = (0..<Self.count).map { $0.isMultiple(of: 2) ? 2.6e-38 : 2e-38 }
    p.stepAdam(
      gradient: Self.row(), firstMoment: mean, secondMoment: square, step: 1, learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.5, epsilon: 1e-8)
    for (index, moment) in mean.values.enumerated() {
      switch index % 5 {
      case 0: #expect((1.34e-38...1.36e-38).contains(moment))
      case 1: #expect((1.34e-38...1.36e-38).contains(-moment))
      case 4: #expect(moment.isNaN)
      default: #expect(moment == 0)
      }
    }
    for (index, moment) in square.values.enumerated() {
      #expect(moment == (index.isMultiple(of: 2) ? 1.3e-38 : 0))
    }
  }

  /// As a gradient that was and is no more.
  @Test(arguments: [Rule.adam, .rmsProp])
  func `Without ε a zero gradient moves nothing`(rule: Rule) {
    let (p, mean, square) = (Self.row(start), Self.row(), Self.row())
    switch rule {
    case .rmsProp:
      p.stepRMSProp(
        gradient: Self.row(), velocity: mean, secondMoment: square, learningRate: 0.01,
        momentum: 0.9,
        smoothing: 0.95, epsilon: 0)
    default:
      p.stepAdam(
        gradient: Self.row(), firstMoment: mean, secondMoment: square, step: 1, learningRate: 0.01,
        beta1: 0.9,
        beta2: 0.95, epsilon: 0)
    }
    #expect(p.values == start)
  }

  /// One number's step in single precision, at the settings of the first test above.
  enum Rule: CaseIterable {
    case adam, sgd, rmsProp

    func step(
      _ m: Float, _ v: Float, _ p: Float, _ slope: Float, number: Int
    ) -> (m: Float, v: Float, p: Float) {
      let second = Float(0.95) * v + Float(1 - 0.95) * slope * slope
      switch self {
      case .adam:
        let first = Float(0.9) * m + Float(1 - 0.9) * slope
        let rate = Float(0.01 / (1 - pow(0.9, Double(number))))
        let corrected = second * Float(1 / (1 - pow(0.95, Double(number))))
        return (first, second, p - rate * first / (corrected.squareRoot() + 1e-8))
      case .sgd:
        let first = Float(0.9) * m + slope
        return (first, v, p - Float(0.01) * first)
      case .rmsProp:
        let first = Float(0.9) * m + slope / (second.squareRoot() + 1e-8)
        return (first, second, p - Float(0.01) * first)
      }
    }
  }
}
