import Foundation

/// A batch that follows the noise scale: B = √(r·B_noise), where an update is worth r observations
/// (McCandlish et al. 2018, appendix D).
///
/// At noise scale N an update at batch B makes 1/(1 + N/B) of the progress of an infinite one, so
/// progress costs (B + r)(1 + N/B), the least at that B. It is taken to the nearest power of two
/// times the first number of environments and moves by at most a factor of two at a time, at the
/// points at which the run is judged.
public struct AdaptiveBatch: Hashable, Sendable {
  /// r, in observations.
  public var exchangeRate: Double
  /// Steps per environment and rollout.
  public var horizon: Int

  public init(exchangeRate: Double, horizon: Int) {
    self.exchangeRate = exchangeRate
    self.horizon = horizon
  }

  /// Fewer make no two shards of several copies.
  private static let fewestEnvironments = 4
  /// Updates whose noise a decision takes at least.
  public static let fewestUpdates = 4

  /// Environments of the first update, and the fewest: an eighth of r, at which the noise scale of
  /// a young run mostly begins, as a power of two.
  public var firstEnvironments: Int {
    let eighth = exchangeRate / 8 / Double(horizon)
    let power = Int(log2(min(max(eighth, 1), 0x1p40)).rounded())
    return max(1 << power, Self.fewestEnvironments)
  }

  public var firstBatch: Int { firstEnvironments * horizon }
  /// As large as the batch may grow: √(r·B_noise) up to B_noise = 64·r.
  public var largestBatch: Int { 64 * firstBatch }

  /// Environments of the updates to come.
  ///
  /// - Parameters:
  ///   - present: those so far.
  ///   - noise: sums of the updates with them; where they show no gradient at all, the noise scale
  ///     lies above what they can tell, and the batch grows.
  public func environments(after present: Int, noise: NoiseMoments) -> Int {
    guard let square = noise.gradientSquare, let trace = noise.covarianceTrace else {
      return present
    }
    let best =
      square > 0
      ? (exchangeRate * max(trace, 0) / square).squareRoot() / Double(horizon) : .infinity
    // Half-way between two powers of two, in logarithms.
    let half = Double(2).squareRoot()
    if best > Double(present) * half { return min(2 * present, 64 * firstEnvironments) }
    if best < Double(present) / half { return max(present / 2, firstEnvironments) }
    return present
  }
}
