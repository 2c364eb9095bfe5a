import Foundation

/// Log-normal likelihood of runs of which some were stopped before the target.
///
/// ln S is normal about the law with one spread σ; a run that reached the target contributes
/// its density, a censored one P(S > limit). Every run weighs one over the number of runs of
/// its batch, so that batches count equally; without censored runs the maximum is then the
/// least-squares fit of the batches' mean ln S. At a given B_crit the log-likelihood is concave
/// in (ln S_min/σ, 1/σ) (Olsen 1978), so Newton's method finds its maximum.
struct CensoredLikelihood {
  /// σ is never taken to be smaller: runs without any spread would send it to 0.
  static let smallestSpread = 0.01

  private struct Observation {
    var stratum: Int
    var value: Double
    var isLimit: Bool
    var weight: Double
  }

  /// The point of the concave problem, δ = ln S_min/σ (about a centre) and γ = 1/σ.
  private struct Point {
    var delta = 0.0
    var gamma = 2.0
  }

  private let shape: LawShape
  private let observations: [Observation]

  init(_ strata: [Stratum], shape: LawShape) {
    self.shape = shape
    observations = strata.enumerated().flatMap { index, stratum in
      let weight = 1 / Double(max(stratum.count, 1))
      return stratum.reached.map {
        Observation(stratum: index, value: $0, isLimit: false, weight: weight)
      } + stratum.limits.map {
        Observation(stratum: index, value: $0, isLimit: true, weight: weight)
      }
    }
  }

  /// The law and the spread of greatest likelihood. At least one run has to have reached the
  /// target.
  func fit() -> (logCritical: Double, level: Double, spread: Double) {
    var point = Point()
    var best = (index: 0, value: Double.infinity)
    for (index, logCritical) in shape.grid.enumerated() {
      let value = -maximize(logCritical: logCritical, from: &point).logLikelihood
      if value < best.value { best = (index, value) }
    }
    let logCritical = minimum(in: shape.bracket(best.index)) {
      -maximize(logCritical: $0, from: &point).logLikelihood
    }
    let found = maximize(logCritical: logCritical, from: &point)
    return (logCritical, found.level, found.spread)
  }

  /// Newton's method with halved steps from a point that is close, which moves to the maximum.
  private func maximize(
    logCritical: Double, from point: inout Point
  ) -> (logLikelihood: Double, level: Double, spread: Double) {
    var heights = observations.map { $0.value - shape.rise($0.stratum, logCritical: logCritical) }
    let centre = mean(heights)
    for index in heights.indices { heights[index] -= centre }
    let largest = 1 / Self.smallestSpread
    var value = logLikelihood(heights, point)
    for _ in 0..<60 {
      let (gradient, curvature) = derivatives(heights, point)
      var step = (delta: gradient.delta / curvature.delta, gamma: 0.0)
      if point.gamma < largest || gradient.gamma < 0 {
        let determinant = curvature.delta * curvature.gamma - curvature.mixed * curvature.mixed
        if determinant > 1e-12 * curvature.delta * curvature.gamma {
          step.delta =
            (curvature.gamma * gradient.delta + curvature.mixed * gradient.gamma) / determinant
          step.gamma =
            (curvature.mixed * gradient.delta + curvature.delta * gradient.gamma) / determinant
        } else {
          step.gamma = gradient.gamma / curvature.gamma
        }
      }
      var scale = 1.0
      if step.gamma > 0 { scale = min(1, (largest - point.gamma) / step.gamma) }
      if step.gamma < 0 { scale = min(1, 0.9 * point.gamma / -step.gamma) }
      var moved = false
      for _ in 0..<40 where !moved {
        let next = Point(
          delta: point.delta + scale * step.delta, gamma: point.gamma + scale * step.gamma)
        let nextValue = logLikelihood(heights, next)
        if nextValue >= value {
          moved = nextValue > value + 1e-14 * value.magnitude
          (point, value) = (next, nextValue)
          break
        }
        scale /= 2
      }
      if !moved { break }
    }
    return (value, centre + point.delta / point.gamma, 1 / point.gamma)
  }

  private func logLikelihood(_ heights: [Double], _ point: Point) -> Double {
    var sum = 0.0
    for (observation, height) in zip(observations, heights) {
      let u = point.gamma * height - point.delta
      sum += observation.weight * (observation.isLimit ? logTail(u) : log(point.gamma) - u * u / 2)
    }
    return sum
  }

  /// First derivatives, and second derivatives with the sign that makes the diagonal positive;
  /// `mixed` is +∂²/∂δ∂γ.
  private func derivatives(
    _ heights: [Double], _ point: Point
  ) -> (
    gradient: (delta: Double, gamma: Double),
    curvature: (delta: Double, gamma: Double, mixed: Double)
  ) {
    var gradient = (delta: 0.0, gamma: 0.0)
    var curvature = (delta: 0.0, gamma: 0.0, mixed: 0.0)
    for (observation, height) in zip(observations, heights) {
      let u = point.gamma * height - point.delta
      let weight = observation.weight
      if observation.isLimit {
        let hazard = tailHazard(u)
        let bend = max(hazard * (hazard - u), 0)
        gradient.delta += weight * hazard
        gradient.gamma -= weight * hazard * height
        curvature.delta += weight * bend
        curvature.gamma += weight * bend * height * height
        curvature.mixed += weight * bend * height
      } else {
        let inverse = 1 / point.gamma
        gradient.delta += weight * u
        gradient.gamma += weight * (inverse - u * height)
        curvature.delta += weight
        curvature.gamma += weight * (inverse * inverse + height * height)
        curvature.mixed += weight * height
      }
    }
    return (gradient, curvature)
  }
}

/// ln P(Z > x) of a standard normal Z; far out by the first terms of its asymptotic series.
func logTail(_ x: Double) -> Double {
  if x < 20 { return log(erfc(x / 2.0.squareRoot()) / 2) }
  let inverse = 1 / (x * x)
  return -x * x / 2 - log(x * (2 * Double.pi).squareRoot()) + log1p(-inverse + 3 * inverse * inverse)
}

/// φ(x)/P(Z > x), which is also the mean of Z given Z > x.
func tailHazard(_ x: Double) -> Double {
  exp(-x * x / 2 - logTail(x)) / (2 * Double.pi).squareRoot()
}
