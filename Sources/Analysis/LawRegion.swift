import Foundation

/// All laws that the batches don't exclude at 95 %: those whose weighted squares are below
/// Q (1 + t²/ν), where Q is the least, ν the degrees of freedom (batches less two), and t Student's
/// quantile. For a straight line this is the interval of Hartung and Knapp (2001); along the bend
/// it is not symmetric, and it is open where the batches don't reach.
struct LawRegion {
  /// Whether B_crit may be as small, or as large, as one likes.
  private(set) var isOpenBelow = false
  private(set) var isOpenAbove = false
  /// Values of ln B_crit, and the ln S_min that are possible with each.
  private var nodes: [(logCritical: Double, level: Double, half: Double)] = []
  private let fit: WeightedFit

  init(_ law: LawFit) {
    let quantile = studentDeviations(freedom: law.freedom)
    self.init(law.fit, limit: law.fit.squares * (1 + quantile * quantile / law.freedom))
  }

  /// The laws whose weighted squares are at most `limit`.
  init(_ fit: WeightedFit, limit: Double) {
    self.fit = fit
    let (lower, upper) = (edge(-1, limit), edge(1, limit))
    isOpenBelow = lower < fit.shape.ends.lowerBound
    isOpenAbove = upper > fit.shape.ends.upperBound
    let total = fit.weights.reduce(0, +)
    // Denser towards the ends, where the possible levels shrink like a root.
    let count = 256
    let places = (0...count).map { index in
      (lower + upper) / 2 - (upper - lower) / 2 * cos(.pi * Double(index) / Double(count))
    }
    nodes = (places + [fit.logCritical]).map { logCritical in
      let profile = fit.shape.profile(fit.values, fit.weights, logCritical: logCritical)
      let half = (max(limit - profile.squares, 0) / total).squareRoot()
      return (logCritical, profile.level, half)
    }
  }

  /// Where the squares first exceed the limit, going up or down from the fit; the end of the grid
  /// if they don't.
  private func edge(_ direction: Double, _ limit: Double) -> Double {
    let shape = fit.shape
    func squares(_ logCritical: Double) -> Double {
      shape.profile(fit.values, fit.weights, logCritical: logCritical).squares
    }
    var (inside, outside) = (fit.logCritical, fit.logCritical + 0.1 * direction)
    while squares(outside) <= limit {
      (inside, outside) = (outside, outside + 0.1 * direction)
      guard (shape.grid[0]...shape.grid[shape.grid.count - 1]).contains(outside) else {
        return inside
      }
    }
    for _ in 0..<50 {
      let middle = (inside + outside) / 2
      if squares(middle) <= limit { inside = middle } else { outside = middle }
    }
    return inside
  }

  /// The least and the greatest value of ln S_min + a function of ln B_crit over the region.
  func range(_ function: (Double) -> Double) -> ClosedRange<Double> {
    var (low, high) = (Double.infinity, -Double.infinity)
    for node in nodes {
      let value = node.level + function(node.logCritical)
      (low, high) = (min(low, value - node.half), max(high, value + node.half))
    }
    // Numbers near the ends of a Double may have no squares.
    return low <= high ? low...high : -Double.infinity...Double.infinity
  }

  /// The least and the greatest ln B_crit.
  var logCritical: ClosedRange<Double> {
    let all = nodes.map(\.logCritical)
    return (all.min() ?? 0)...(all.max() ?? 0)
  }

  /// The 95 % band of S, at batches evenly spaced in their logarithm.
  func band(from first: Double, to last: Double) -> [LawBand] {
    let steps = 24
    return (0...steps).compactMap { step in
      band(at: first * pow(last / first, Double(step) / Double(steps)))
    }
  }

  /// The 95 % interval of S at a batch; `nil` if it has no upper end.
  func band(at batch: Double) -> LawBand? {
    let range = range { softplus($0 - log(batch)) }
    guard exp(range.upperBound).isFinite else { return nil }
    return LawBand(batch: batch, low: exp(range.lowerBound), high: exp(range.upperBound))
  }
}
