extension Matrix {
  /// Replaces every number by its hyperbolic tangent; relative error below 5·10⁻⁷ everywhere,
  /// NaN stays NaN, ±∞ become ±1.
  public func applyTanh() {
    unsafe forEachRun { start, count in
      var index = 0
      while index + Lanes.scalarCount <= count {
        unsafe store(hyperbolicTangent(load(Lanes.self, start + index)), to: start + index)
        index += Lanes.scalarCount
      }
      guard index < count else { return }
      var rest = Lanes()
      for lane in 0..<count - index { rest[lane] = unsafe start[index + lane] }
      rest = hyperbolicTangent(rest)
      for lane in 0..<count - index { unsafe start[index + lane] = rest[lane] }
    }
  }

  /// Replaces negative numbers by 0; NaN stays NaN.
  public func applyReLU() {
    unsafe forEachRun { start, count in
      for index in 0..<count where unsafe start[index] < 0 { unsafe start[index] = 0 }
    }
  }

  /// Multiplies by 1 − y², the slope of tanh where its value is y.
  public func multiplyByTanhSlope(at values: Matrix) {
    unsafe forEachRun(with: values) { slope, y, count in
      for index in 0..<count { unsafe slope[index] *= 1 - y[index] * y[index] }
    }
  }

  /// Multiplies by the slope of ReLU, which is 0 where its value is 0.
  public func multiplyByReLUSlope(at values: Matrix) {
    unsafe forEachRun(with: values) { slope, y, count in
      for index in 0..<count where unsafe y[index] == 0 { unsafe slope[index] = 0 }
    }
  }
}

/// tanh x as x·P(x²)/Q(x²), both of degree 4, with the smallest maximum relative error on |x| ≤
/// 9.02 (2.2·10⁻⁸ in exact arithmetic). Beyond that, tanh is ±1 in single precision.
@inline(__always)
func hyperbolicTangent(_ argument: Lanes) -> Lanes {
  var x = argument
  x.replace(with: Lanes(repeating: 9.02), where: x .> 9.02)
  x.replace(with: Lanes(repeating: -9.02), where: x .< -9.02)
  let z = x * x
  var p = Lanes(repeating: 1.331898083e-8)
  p = Lanes(repeating: 2.05834731586e-5).addingProduct(p, z)
  p = Lanes(repeating: 3.49403727433e-3).addingProduct(p, z)
  p = Lanes(repeating: 0.133797216824).addingProduct(p, z)
  p = Lanes(repeating: 0.999999979451).addingProduct(p, z)
  var q = Lanes(repeating: 7.76199820539e-7)
  q = Lanes(repeating: 3.28309484388e-4).addingProduct(q, z)
  q = Lanes(repeating: 2.58710877176e-2).addingProduct(q, z)
  q = Lanes(repeating: 0.467130370877).addingProduct(q, z)
  q = Lanes(repeating: 1).addingProduct(q, z)
  var y = x * p / q
  y.replace(with: Lanes(repeating: 1), where: y .> 1)
  y.replace(with: Lanes(repeating: -1), where: y .< -1)
  return y
}
