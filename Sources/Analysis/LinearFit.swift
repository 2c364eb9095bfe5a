public import Records

/// The same law fitted in linear space, for comparison: least squares of S on 1 and 1/B,
/// S = S_min + E_min/B, over the batches' geometric means. Small batches, which take the most
/// updates, dominate it. On published data the two fits differ in B_crit by up to 1.9 times.
public struct LinearFit: Codable, Hashable, Sendable {
  /// S_min in updates, at least 0.
  var minimumUpdates: Double
  /// E_min in observations, at least 0.
  var minimumObservations: Double
  /// E_min/S_min in observations; `nil` (infinite) if S_min is 0.
  @Nullable public var criticalBatch: Double?

  private enum CodingKeys: String, CodingKey {
    case minimumUpdates = "minimum_updates"
    case minimumObservations = "minimum_observations"
    case criticalBatch = "critical_batch"
  }

  /// Neither coefficient may be negative. If the plain solution has a negative one, that one is 0
  /// and the other is fitted alone; for two coefficients this is the constrained minimum. `nil` if
  /// the numbers overflow.
  init?(batches: [Double], updates: [Double]) {
    let inverses = batches.map { 1 / $0 }
    // Scaled to order one, so that squares don't overflow.
    guard let inverseUnit = inverses.max(), let updateUnit = updates.max() else { return nil }
    let x = inverses.map { $0 / inverseUnit }
    let y = updates.map { $0 / updateUnit }
    let (meanX, meanY) = (mean(x), mean(y))
    var (varianceX, covariance, squareX, productXY) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(x, y) {
      varianceX += (x - meanX) * (x - meanX)
      covariance += (x - meanX) * (y - meanY)
      squareX += x * x
      productXY += x * y
    }
    var slope = covariance / varianceX
    var level = meanY - slope * meanX
    if slope < 0 {
      (slope, level) = (0, meanY)
    } else if level < 0 {
      (slope, level) = (productXY / squareX, 0)
    }
    minimumUpdates = level * updateUnit
    minimumObservations = slope * updateUnit / inverseUnit
    let quotient = minimumObservations / minimumUpdates
    criticalBatch = quotient.isFinite ? quotient : nil
    guard minimumUpdates.isFinite, minimumObservations.isFinite else { return nil }
  }
}
