import Foundation

/// A batch that follows the noise scale: B = √(r·B_noise), where an update is worth r observations
/// (McCandlish et al. 2018, appendix D).
///
/// At noise scale N an update at batch B makes 1/(1 + N/B) of the progress of an infinite one, so
/// progress costs (B + r)(1 + N/B), the least at that B. PPO's noise scale is that of a minibatch:
/// with M of them a rollout's is M times it. The batch is taken to the nearest power of two
/// times the first number of environments and moves by at most a factor of two at a time, at the
/// points at which the run is judged.
public struct AdaptiveBatch: Hashable, Sendable {
  /// r, in observations.
  public var exchangeRate: Double
  /// Steps per environment and rollout.
  public var horizon: Int
  /// Minibatches of a rollout; 1 of policy gradient.
  public var minibatches: Int

  public init(exchangeRate: Double, horizon: Int, minibatches: Int) {
    self.exchangeRate = exchangeRate
    self.horizon = horizon
    self.minibatches = minibatches
  }

  /// Fewer make no two shards of several copies.
  private static let fewestEnvironments = 4
  /// Updates whose noise a decision takes at least.
  public static let fewestUpdates = 4

  /// Environments of the first update, and the fewest: an eighth of r, at which the noise scale of
  /// a young run mostly begins, as a power of two; at least one for each minibatch.
  public var firstEnvironments: Int {
    let eighth = exchangeRate / 8 / Double(horizon)
    let power = Int(log2(min(max(eighth, 1), 0x1p40)).rounded())
    let fewest = max(Self.fewestEnvironments, minibatches)
    return max(1 << power, 1 << Int(log2(Double(fewest)).rounded(.up)))
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
    let scale = square > 0 ? Double(minibatches) * max(trace, 0) / square : .infinity
    let best = (exchangeRate * scale).squareRoot() / Double(horizon)
    // Half-way between two powers of two, in logarithms.
    let half = Double(2).squareRoot()
    if best > Double(present) * half { return min(2 * present, 64 * firstEnvironments) }
    if best < Double(present) / half { return max(present / 2, firstEnvironments) }
    return present
  }
}
