/// A ratio of two uncertain sums, such as that of a law-weighted noise scale.
struct NoiseQuotient {
  /// The covariance of two sums' errors: of the numerator with itself, of both, of the denominator
  /// with itself.
  struct Covariance {
    var nn = 0.0
    var nd = 0.0
    var dd = 0.0

    func times(_ factor: Double) -> Covariance {
      Covariance(nn: nn * factor, nd: nd * factor, dd: dd * factor)
    }

    static func += (left: inout Self, right: Self) {
      left.nn += right.nn
      left.nd += right.nd
      left.dd += right.dd
    }
  }

  var numerator = 0.0
  var denominator = 0.0
  var covariance = Covariance()

  /// Fieller's interval (1954): all θ for which numerator − θ·denominator is not significantly
  /// different from 0, by Student's t. If the denominator is not significantly positive, there is
  /// only a lower bound, or nothing. An end below 0 means no noise and becomes 0.
  func estimate(freedom: Double) -> Estimate? {
    let (n, d) = (numerator, denominator)
    let deviations = studentDeviations(freedom: freedom)
    let z2 = deviations * deviations
    let a = d * d - z2 * covariance.dd
    let b = n * d - z2 * covariance.nd
    let c = n * n - z2 * covariance.nn
    let root = max(b * b - a * c, 0).squareRoot()
    if d > 0, a > 0 {
      return Estimate(
        value: max(n / d, 0), low: max((b - root) / a, 0), high: max((b + root) / a, 0))
    }
    // θ lies beyond the positive root, if there is one.
    guard a < 0, c > 0 else { return nil }
    let low = max((b - root) / a, (b + root) / a)
    return low > 0 ? .bound(above: low) : nil
  }
}
