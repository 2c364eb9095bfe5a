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

/// The quantile of Student's t for a 95 % interval. Fewer than one degree of freedom counts as one.
func studentDeviations(freedom: Double) -> Double {
  guard freedom < 1e6 else { return 1.959964 }
  var (low, high) = (1.95, 12.8)
  while high - low > 1e-9 {
    let middle = (low + high) / 2
    // T² is Fisher's F with one degree of freedom above.
    if fisherTail(middle * middle, 1, max(freedom, 1)) > 0.05 {
      low = middle
    } else {
      high = middle
    }
  }
  return high
}

/// P(F > x) of Fisher's F with the given degrees of freedom; an infinite second one means that the
/// variance in the denominator is known.
func fisherTail(_ x: Double, _ above: Double, _ below: Double) -> Double {
  guard x > 0 else { return 1 }
  guard x.isFinite else { return 0 }
  // Beyond 10⁶ the two differ by less than 10⁻⁵.
  let below = min(below, 1e6)
  return incompleteBeta(below / (below + above * x), below / 2, above / 2)
}

/// The regularized incomplete beta function I_x(a, b), by its continued fraction (Abramowitz and
/// Stegun 1964, 26.5.8) to about 1e-12.
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  // The fraction converges quickly below the mean.
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
  let front =
    exp(
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
  // Lentz's method, with the fraction's coefficients in pairs.
  let tiny = 1e-300
  func away(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
  var (numerator, denominator) = (1.0, 1 / away(1 - (a + b) * x / (a + 1)))
  var fraction = denominator
  for step in 1...500 {
    let m = Double(step)
    var factor = 1.0
    for coefficient in [
      m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
      -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
    ] {
      denominator = 1 / away(1 + coefficient * denominator)
      numerator = away(1 + coefficient / numerator)
      factor = numerator * denominator
      fraction *= factor
    }
    if (factor - 1).magnitude < 1e-13 { break }
  }
  return front * fraction
}
