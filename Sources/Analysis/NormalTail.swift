import Foundation

/// ln P(Z > x) of a standard normal Z; in the far tail by the first terms of its asymptotic series.
func logTail(_ x: Double) -> Double {
  if x < 20 { return log(erfc(x / 2.0.squareRoot()) / 2) }
  let inverse = 1 / (x * x)
  let series = log1p(-inverse + 3 * inverse * inverse)
  return -x * x / 2 - log(x * (2 * Double.pi).squareRoot()) + series
}

/// φ(x)/P(Z > x), which is also the mean of Z given Z > x.
func tailHazard(_ x: Double) -> Double {
  exp(-x * x / 2 - logTail(x)) / (2 * Double.pi).squareRoot()
}

/// The quantile of Student's t for a 95 % interval: exact below four degrees of freedom, then
/// Cornish and Fisher's expansion to the second order, which is within half a percent.
func studentDeviations(freedom: Double) -> Double {
  if freedom < 4 { return [12.7062, 12.7062, 4.30265, 3.18245][max(Int(freedom), 0)] }
  return 1.959964 + 2.37227 / freedom + 2.82250 / (freedom * freedom)
}
