import Foundation
import Records

/// The logarithm of a positive quantity, with its uncertainty.
struct UncertainLogarithm {
  var centre: Double
  /// Standard deviations to either side; 0 if unknown.
  var below = 0.0
  var above = 0.0

  init(exact value: Double) { centre = log(value) }

  /// The deviations come from the ends of the 95% interval. `nil` without a positive value.
  init?(_ estimate: Estimate?) {
    guard let estimate, let value = estimate.value, value > 0 else { return nil }
    centre = log(value)
    if let low = estimate.low, low > 0 { below = max(centre - log(low), 0) / 1.96 }
    if let high = estimate.high { above = max(log(high) - centre, 0) / 1.96 }
  }

  var variance: Double {
    let deviation = (below + above) / 2
    return deviation * deviation
  }

  func drawn(_ random: inout SplitMix) -> Double {
    let normal = random.normal()
    return centre + normal * (normal < 0 ? below : above)
  }
}

/// Two quantities of one task.
struct UncertainPair {
  /// The game of the task; `nil` if it is a game of its own.
  var game: String? = nil
  var x: UncertainLogarithm
  var y: UncertainLogarithm
  /// The covariance of their errors, if one contains the other.
  var covariance = 0.0
}

/// A straight line through pairs with errors in both coordinates: a random-effects regression as in
/// `LawFit`, with the slope in the weights.
///
/// Of y = level + slope · x + u, u ~ N(0, τ²), a pair weighs 1/(τ² + s_y² + slope² s_x² − 2 slope
/// s_xy) (York 1966). τ² makes the weighted squares equal to their degrees of freedom, n − 2 (Paule
/// and Mandel 1982), or is 0. The 95 % interval holds the slopes whose weighted squares are at most
/// Q (1 + t²/(n − 2)).
struct UncertainLine {
  private let pairs: [UncertainPair]
  private let freedom: Double
  private(set) var slope: Double
  private(set) var level: Double
  /// τ: what the pairs are off the line beyond their errors.
  private(set) var scatter: Double

  /// `nil` for fewer than three pairs, or if either coordinate has no spread.
  init?(_ pairs: [UncertainPair]) {
    guard pairs.count > 2, let plain = straightLine(pairs.map(\.x.centre), pairs.map(\.y.centre))
    else { return nil }
    self.pairs = pairs
    freedom = Double(pairs.count - 2)
    (slope, level, scatter) = (plain.slope, plain.level, 0)
    // A slope far from the plain one and from its inverse regression would be no line through these
    // pairs.
    let farthest = 10 * (1 + plain.slope.magnitude / max(plain.correlation.magnitude, 0.1))
    let grid = (-200...200).map { farthest * pow(Double($0) / 200, 3) }
    func best(_ scatter: Double) -> (slope: Double, squares: Double) {
      let coarse = grid.map { profile($0, scatter).squares }
      let place = coarse.indices.min { coarse[$0] < coarse[$1] } ?? 200
      let slope = minimum(
        in: grid[max(place - 1, 0)]...grid[min(place + 1, grid.count - 1)], tolerance: 1e-9
      ) { profile($0, scatter).squares }
      return (slope, profile(slope, scatter).squares)
    }
    var (low, high) = (0.0, 1.0)
    if pairs.contains(where: { $0.x.variance + $0.y.variance == 0 }) { low = 1e-6 }
    if best(low).squares > freedom {
      while best(high).squares > freedom, high < 1e6 { (low, high) = (high, 2 * high) }
      for _ in 0..<40 {
        let middle = (low + high) / 2
        if best(middle).squares > freedom { low = middle } else { high = middle }
      }
    }
    scatter = low
    slope = best(scatter).slope
    level = profile(slope, scatter).level
  }

  /// The 95 % interval of the slope; an end that the pairs leave open is infinite.
  var slopeInterval: ClosedRange<Double> {
    let quantile = studentDeviations(freedom: freedom)
    let limit = profile(slope, scatter).squares * (1 + quantile * quantile / freedom)
    func edge(_ direction: Double) -> Double {
      var (inside, step) = (slope, 1e-3 * (1 + slope.magnitude))
      while profile(inside + direction * step, scatter).squares <= limit {
        inside += direction * step
        step *= 2
        if step > 1e6 { return direction * .infinity }
      }
      var outside = inside + direction * step
      for _ in 0..<60 {
        let middle = (inside + outside) / 2
        if profile(middle, scatter).squares <= limit { inside = middle } else { outside = middle }
      }
      return inside
    }
    return edge(-1)...edge(1)
  }

  private func profile(_ slope: Double, _ scatter: Double) -> (level: Double, squares: Double) {
    var (sum, total) = (0.0, 0.0)
    let rests = pairs.map { pair in
      let variance =
        scatter * scatter + pair.y.variance + slope * slope * pair.x.variance
        - 2 * slope * pair.covariance
      // Errors that cancel don't make a pair infinitely heavy.
      let weight = 1 / max(variance, 1e-12)
      let rest = pair.y.centre - slope * pair.x.centre
      sum += weight * rest
      total += weight
      return (rest, weight)
    }
    let level = sum / total
    return (level, rests.reduce(0) { $0 + $1.1 * ($1.0 - level) * ($1.0 - level) })
  }
}
