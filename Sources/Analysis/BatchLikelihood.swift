import Foundation

/// The likelihood of one batch's runs, as a function of what the law expects there.
///
/// ln S of a run is μ + u + e: μ is the law's ln S, u ~ N(0, τ²) is what the batch as a whole is
/// off, and e ~ N(0, σ²) is its seed. A censored run enters by P(ln S > limit). Without censored
/// runs this is the normal density of the mean, whose variance is τ² + σ²/n. With them, u is
/// integrated by Gauss–Hermite quadrature about its most likely value.
struct BatchLikelihood {
  /// ln of the likelihood at μ, its slope, and its curvature with the sign changed, which is not
  /// negative: the likelihood is log-concave.
  struct Terms {
    var value: Double
    var slope: Double
    var information: Double
  }

  private let stratum: Stratum
  private let seedVariance: Double
  private let batchDeviation: Double

  /// - Parameters:
  ///   - seedDeviation: σ, positive.
  ///   - batchDeviation: τ, at least 0.
  init(_ stratum: Stratum, seedDeviation: Double, batchDeviation: Double) {
    self.stratum = stratum
    self.batchDeviation = batchDeviation
    seedVariance = seedDeviation * seedDeviation
  }

  /// A centre to search from: censored runs count as if they had arrived at their limits.
  var start: Double { mean(stratum.reached + stratum.limits) }

  /// Without constants that depend on neither μ nor τ.
  func at(_ expected: Double) -> Terms {
    guard !stratum.limits.isEmpty else {
      let mean = mean(stratum.reached)
      let variance =
        batchDeviation * batchDeviation
        + (stratum.knownVariance ?? seedVariance / Double(stratum.count))
      let distance = mean - expected
      return Terms(
        value: -(distance * distance / variance + log(variance)) / 2, slope: distance / variance,
        information: 1 / variance)
    }
    if batchDeviation == 0 { return given(expected) }
    return integrated(expected)
  }

  /// The terms if the batch's centre is known.
  private func given(_ centre: Double) -> Terms {
    let deviation = seedVariance.squareRoot()
    var terms = Terms(value: 0, slope: 0, information: 0)
    for value in stratum.reached {
      let distance = value - centre
      terms.value -= (distance * distance / seedVariance + log(seedVariance)) / 2
      terms.slope += distance / seedVariance
      terms.information += 1 / seedVariance
    }
    for limit in stratum.limits {
      let distance = (limit - centre) / deviation
      let hazard = tailHazard(distance)
      terms.value += logTail(distance)
      terms.slope += hazard / deviation
      terms.information += max(hazard * (hazard - distance), 0) / seedVariance
    }
    return terms
  }

  /// The terms after integration over u = τv, v ~ N(0, 1).
  private func integrated(_ expected: Double) -> Terms {
    let (centre, width) = peak(expected)
    var weights: [Double] = []
    var inner: [Terms] = []
    for (node, weight) in zip(Self.nodes, Self.logWeights) {
      let v = centre + width * node
      let terms = given(expected + batchDeviation * v)
      inner.append(terms)
      // The rule's own density is divided out.
      weights.append(weight + terms.value - v * v / 2 + node * node / 2)
    }
    let top = weights.max() ?? 0
    let shares = weights.map { exp($0 - top) }
    let sum = shares.reduce(0, +)
    var (slope, square, information) = (0.0, 0.0, 0.0)
    for (share, terms) in zip(shares, inner) {
      slope += share / sum * terms.slope
      square += share / sum * terms.slope * terms.slope
      information += share / sum * terms.information
    }
    return Terms(
      value: top + log(sum * width), slope: slope,
      information: max(information - (square - slope * slope), 0))
  }

  /// The most likely v, by Newton's method on a concave function, and the width of the peak.
  private func peak(_ expected: Double) -> (centre: Double, width: Double) {
    let scale = batchDeviation
    func height(_ v: Double, _ terms: Terms) -> Double { terms.value - v * v / 2 }
    var v = 0.0
    var terms = given(expected)
    for _ in 0..<30 {
      let slope = scale * terms.slope - v
      var step = slope / (scale * scale * terms.information + 1)
      var next = given(expected + scale * (v + step))
      while height(v + step, next) < height(v, terms), step.magnitude > 1e-9 {
        step /= 2
        next = given(expected + scale * (v + step))
      }
      (v, terms) = (v + step, next)
      if step.magnitude < 1e-6 { break }
    }
    return (v, 1 / (scale * scale * terms.information + 1).squareRoot())
  }

  /// Gauss–Hermite nodes and ln weights for ∫ f(x) φ(x) dx (probabilists' Hermite polynomials), by
  /// Newton's method from the largest root down.
  private static let (nodes, logWeights): ([Double], [Double]) = {
    let count = 21
    /// The orthonormal polynomials of the given and the next lower degree.
    func polynomials(_ x: Double) -> (last: Double, before: Double) {
      var (last, before) = (1.0, 0.0)
      for degree in 0..<count {
        let next =
          (x * last - Double(degree).squareRoot() * before) / Double(degree + 1).squareRoot()
        (last, before) = (next, last)
      }
      return (last, before)
    }
    var roots: [Double] = []
    // The roots lie further apart than this step.
    var x = 2 * Double(count).squareRoot()
    var sign = polynomials(x).last
    while roots.count < count {
      let next = x - 0.01
      let value = polynomials(next).last
      if value.sign != sign.sign {
        var root = next + 0.005
        for _ in 0..<20 {
          let (last, before) = polynomials(root)
          root -= last / (Double(count).squareRoot() * before)
        }
        roots.append(root)
      }
      (x, sign) = (next, value)
    }
    let logWeights = roots.map { root -> Double in
      let before = polynomials(root).before
      return -log(Double(count) * before * before)
    }
    return (roots, logWeights)
  }()
}
