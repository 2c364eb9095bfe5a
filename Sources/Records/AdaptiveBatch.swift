import Foundation

/// A batch that follows the noise scale: B = √(r·B_noise) if an update is worth r observations
/// (McCandlish et al. 2018, appendix D).
///
/// At noise scale N an update at batch B makes 1/(1 + N/B) of the progress of an infinite batch, so
/// progress costs (B + r)(1 + N/B), which is minimal at B = √(r·N). The batch is rounded to a power
/// of two times the first number of environments. It changes by at most a factor of two at a time,
/// at evaluation points of the run.
public struct AdaptiveBatch: Hashable, Sendable {
  /// r, in observations.
  var exchangeRate: Double
  /// Steps per environment and rollout.
  public var horizon: Int
  /// Minibatches of a rollout, each of at least one environment; 1 for policy gradient.
  var minibatches: Int

  public init(exchangeRate: Double, horizon: Int, minibatches: Int) {
    self.exchangeRate = exchangeRate
    self.horizon = horizon
    self.minibatches = minibatches
  }

  /// With fewer environments, an update has fewer than four shards.
  private static let fewestEnvironments = 4
  /// Fewest updates whose noise a decision may be based on.
  public static let fewestUpdates = 4

  /// Environments of the first update, which is also the minimum: a power of two for about r/8
  /// observations, where the noise scale of a run usually starts, and at least one environment for
  /// each minibatch.
  var firstEnvironments: Int {
    let eighth = exchangeRate / 8 / Double(horizon)
    let power = Int(log2(min(max(eighth, 1), 0x1p40)).rounded())
    let fewest = max(Self.fewestEnvironments, minibatches)
    return max(1 << power, 1 << Int(log2(Double(fewest)).rounded(.up)))
  }

  public var firstBatch: Int { firstEnvironments * horizon }
  /// The maximum batch, √(r·B_noise) at B_noise = 64·r.
  public var largestBatch: Int { 64 * firstBatch }

  /// Number of environments for the following updates.
  ///
  /// - Parameters:
  ///   - present: the current number.
  ///   - noise: sums over updates with that number. If they show no gradient, the noise scale is
  ///     too large to be measured with it, and the batch grows.
  public func environments(after present: Int, noise: NoiseMoments) -> Int {
    guard let square = noise.gradientSquare, let trace = noise.covarianceTrace else {
      return present
    }
    let scale = square > 0 ? max(trace, 0) / square : .infinity
    let best = (exchangeRate * scale).squareRoot() / Double(horizon)
    // Half-way between two powers of two, in logarithms.
    let half = Double(2).squareRoot()
    if best > Double(present) * half { return min(2 * present, 64 * firstEnvironments) }
    if best < Double(present) / half { return max(present / 2, firstEnvironments) }
    return present
  }
}
