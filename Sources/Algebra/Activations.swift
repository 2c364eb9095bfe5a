extension Matrix {
  /// Replaces every number by its hyperbolic tangent; relative error below 5·10⁻⁷ everywhere,
  /// NaN stays NaN, ±∞ become ±1.
  public func applyTanh() {
    let width = Lanes.scalarCount
    unsafe forEachRun { start, count in
      var index = 0
      while index + 2 * width <= count {
        let first = unsafe start + index
        let second = unsafe first + width
        let values = unsafe hyperbolicTangents(load(Lanes.self, first), load(Lanes.self, second))
        unsafe store(values.0, to: first)
        unsafe store(values.1, to: second)
        index += 2 * width
      }
      while index < count {
        var rest = Lanes()
        let part = min(width, count - index)
        for lane in 0..<part { rest[lane] = unsafe start[index + lane] }
        rest = hyperbolicTangents(rest, Lanes()).0
        for lane in 0..<part { unsafe start[index + lane] = rest[lane] }
        index += part
      }
    }
  }

  /// Replaces negative numbers by 0; NaN stays NaN.
  public func applyReLU() {
    unsafe forEachRun { start, count in
      for index in 0..<count where unsafe start[index] < 0 { unsafe start[index] = 0 }
    }
  }

  /// Multiplies by 1 − y², the slope of tanh where it took the value y.
  public func multiplyByTanhSlope(at values: Matrix) {
    unsafe forEachRun(with: values) { slope, y, count in
      for index in 0..<count { unsafe slope[index] *= 1 - y[index] * y[index] }
    }
  }

  /// Zero where ReLU gave 0.
  public func multiplyByReLUSlope(at values: Matrix) {
    unsafe forEachRun(with: values) { slope, y, count in
      for index in 0..<count where unsafe y[index] == 0 { unsafe slope[index] = 0 }
    }
  }
}

/// tanh x as x·P(x²)/Q(x²), both of degree 4, fitted to the least largest relative error on
/// |x| ≤ 9.02 (2.2·10⁻⁸ in exact arithmetic); beyond, tanh is ±1 in single precision.
///
/// Two registers share one division, which costs as much as all the rest of one of them:
/// p/q = p·q′/(q·q′).
@inline(__always)
func hyperbolicTangents(_ x: Lanes, _ y: Lanes) -> (Lanes, Lanes) {
  let (a, b) = (tangentFraction(x), tangentFraction(y))
  let inverse = 1 / (a.denominator * b.denominator)
  return (
    limited(a.numerator * (b.denominator * inverse), at: x),
    limited(b.numerator * (a.denominator * inverse), at: y)
  )
}

/// NaN gives a number here, so that it can't reach the lanes that share its division.
@inline(__always)
private func tangentFraction(_ argument: Lanes) -> (numerator: Lanes, denominator: Lanes) {
  var x = Lanes(repeating: 9.02)
  x.replace(with: argument, where: argument .<= 9.02)
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
  return (x * p, q)
}

@inline(__always)
private func limited(_ value: Lanes, at x: Lanes) -> Lanes {
  var y = value
  y.replace(with: Lanes(repeating: 1), where: y .> 1)
  y.replace(with: Lanes(repeating: -1), where: y .< -1)
  y.replace(with: x, where: x .!= x)
  return y
}
