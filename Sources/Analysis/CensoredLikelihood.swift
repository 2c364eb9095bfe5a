import Foundation

/// Log-normal likelihood of runs, some of which ended before they reached the target.
///
/// ln S is normal about the law with one spread σ. A run that reached the target contributes its
/// density, a censored run P(S > limit). Runs are weighted by one over the number of runs of their
/// batch, so that all batches count equally; without censored runs the maximum is then the
/// least-squares fit of the batches' mean ln S. At a given B_crit the log-likelihood is concave
/// in (ln S_min/σ, 1/σ) (Olsen 1978), so Newton's method finds its maximum.
struct CensoredLikelihood {
  /// Lower limit of σ: runs without any spread would drive it to 0.
  static let smallestSpread = 0.01

  private struct Observation {
    var stratum: Int
    var value: Double
    var isLimit: Bool
    var weight: Double
  }

  /// A point of the concave problem: δ = ln S_min/σ (about a centre) and γ = 1/σ.
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
      let runs = stratum.reached.map { ($0, false) } + stratum.limits.map { ($0, true) }
      return runs.map {
        Observation(stratum: index, value: $0.0, isLimit: $0.1, weight: weight)
      }
    }
  }

  /// The law and the spread of maximum likelihood, over the whole grid, or downhill from a
  /// ln B_crit that is known to be close. At least one run must have reached the target.
  func fit(near start: Double? = nil) -> (logCritical: Double, level: Double, spread: Double) {
    var point = Point()
    func misfit(_ logCritical: Double) -> Double {
      -maximize(logCritical: logCritical, from: &point).logLikelihood
    }
    let index = start.map { descend(from: $0, misfit) } ?? lowest(misfit)
    let logCritical = minimum(in: shape.bracket(index), tolerance: 1e-6, of: misfit)
    let found = maximize(logCritical: logCritical, from: &point)
    return (logCritical, found.level, found.spread)
  }

  private func lowest(_ misfit: (Double) -> Double) -> Int {
    var best = (index: 0, value: Double.infinity)
    for (index, logCritical) in shape.grid.enumerated() {
      let value = misfit(logCritical)
      if value < best.value { best = (index, value) }
    }
    return best.index
  }

  private func descend(from start: Double, _ misfit: (Double) -> Double) -> Int {
    let grid = shape.grid
    var index = grid.firstIndex { $0 >= start } ?? grid.count - 1
    var value = misfit(grid[index])
    for direction in [1, -1] {
      var moved = false
      while grid.indices.contains(index + direction) {
        let next = misfit(grid[index + direction])
        guard next < value else { break }
        (index, value, moved) = (index + direction, next, true)
      }
      if moved { break }
    }
    return index
  }

  /// Moves a point close to the maximum to it, by Newton's method with step halving.
  private func maximize(
    logCritical: Double, from point: inout Point
  ) -> (logLikelihood: Double, level: Double, spread: Double) {
    var heights = observations.map { $0.value - shape.rise($0.stratum, logCritical: logCritical) }
    let centre = mean(heights)
    for index in heights.indices { heights[index] -= centre }
    var value = logLikelihood(heights, point)
    for _ in 0..<60 {
      let step = newtonStep(heights, point)
      var scale = 1.0
      var gain = 0.0
      for _ in 0..<40 {
        let next = Point(
          delta: point.delta + scale * step.delta, gamma: point.gamma + scale * step.gamma)
        let nextValue = logLikelihood(heights, next)
        if nextValue >= value {
          gain = nextValue - value
          (point, value) = (next, nextValue)
          break
        }
        scale /= 2
      }
      if gain <= 1e-14 * value.magnitude { break }
    }
    return (value, centre + point.delta / point.gamma, 1 / point.gamma)
  }

  /// Newton's step, shortened so that γ stays positive and at most 1/(smallest spread). At that
  /// limit, if the slope points beyond it, only δ moves.
  private func newtonStep(_ heights: [Double], _ point: Point) -> Point {
    let largest = 1 / Self.smallestSpread
    let (gradient, curvature) = derivatives(heights, point)
    if point.gamma >= largest, gradient.gamma >= 0 {
      return Point(delta: gradient.delta / curvature.delta, gamma: 0)
    }
    let (delta, gamma, mixed) = curvature
    let determinant = delta * gamma - mixed * mixed
    var step = Point(delta: gradient.delta / delta, gamma: gradient.gamma / gamma)
    if determinant > 1e-12 * delta * gamma {
      step.delta = (gamma * gradient.delta + mixed * gradient.gamma) / determinant
      step.gamma = (mixed * gradient.delta + delta * gradient.gamma) / determinant
    }
    var scale = 1.0
    if step.gamma > 0 { scale = min(1, (largest - point.gamma) / step.gamma) }
    if step.gamma < 0 { scale = min(1, 0.9 * point.gamma / -step.gamma) }
    return Point(delta: scale * step.delta, gamma: scale * step.gamma)
  }

  private func logLikelihood(_ heights: [Double], _ point: Point) -> Double {
    var sum = 0.0
    for (observation, height) in zip(observations, heights) {
      let u = point.gamma * height - point.delta
      sum += observation.weight * (observation.isLimit ? logTail(u) : log(point.gamma) - u * u / 2)
    }
    return sum
  }

  /// First derivatives, and second derivatives with the sign that makes the diagonal positive.
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
