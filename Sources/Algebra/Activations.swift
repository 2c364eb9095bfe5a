/// The function that a layer applies to its sums.
public enum Nonlinearity: Sendable {
  /// Relative error below 5·10⁻⁷ everywhere; NaN stays NaN, ±∞ become ±1.
  case tanh
  /// Replaces negative numbers by 0; NaN stays NaN.
  case relu
}

extension Matrix {
  /// Replaces every number by the value of the function.
  public func apply(_ function: Nonlinearity) {
    switch function {
    case .tanh: map(hyperbolicTangent)
    case .relu: map(rectified)
    }
  }

  /// Multiplies every number by the slope of the function where its value is the one in `values`.
  public func multiplyBySlope(of function: Nonlinearity, at values: Matrix) {
    switch function {
    case .tanh: map(with: values, timesTanhSlope)
    case .relu: map(with: values, timesReLUSlope)
    }
  }
}

extension Nonlinearity {
  /// The function, applied to the sums of a product.
  var finish: Finish {
    switch self {
    case .tanh: unsafe .tanh
    case .relu: unsafe .relu
    }
  }

  /// The product of sums with the slope of the function where its values are those in `values`.
  func slopeFinish(at values: Matrix) -> Finish {
    switch self {
    case .tanh: unsafe .tanhSlope(start: values.start(ofRow: 0), row: values.stride)
    case .relu: unsafe .reluSlope(start: values.start(ofRow: 0), row: values.stride)
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

@inline(__always)
func rectified(_ x: Lanes) -> Lanes { x.replacing(with: Lanes(), where: x .< 0) }

/// `slope · (1 − y²)`, with y a value of tanh.
@inline(__always)
func timesTanhSlope(_ slope: Lanes, _ y: Lanes) -> Lanes { slope * (1 - y * y) }

/// `slope`, or 0 where the value y of ReLU is 0.
@inline(__always)
func timesReLUSlope(_ slope: Lanes, _ y: Lanes) -> Lanes {
  slope.replacing(with: Lanes(), where: y .== 0)
}
