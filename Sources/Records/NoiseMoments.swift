/// Raw sums from which the gradient noise scale of a stretch of training is computed.
///
/// An update splits its batch into equal shards of whole environments. With g the gradient of
/// the whole batch B and gₛ that of a shard of b observations, the sums over updates are
/// Σ|g|² and Σ meanₛ|gₛ|² (unit: squared gradient). They are stored raw, so that runs can be pooled
/// before dividing (McCandlish et al. 2018, appendix A.1). Consecutive updates are treated as
/// independent.
public struct NoiseMoments: Codable, Hashable, Sendable {
  /// Updates that entered the sums.
  public var updates: Int
  /// Observations in a shard, b.
  public var shardSize: Int
  /// Observations in a batch, B.
  public var batchSize: Int
  /// Σ over updates of the mean over shards of |gₛ|².
  public var shardSquares: Double
  /// Σ over updates of |g|².
  public var batchSquares: Double

  public init(
    shardSize: Int, batchSize: Int, updates: Int = 0, shardSquares: Double = 0,
    batchSquares: Double = 0
  ) {
    self.updates = updates
    self.shardSize = shardSize
    self.batchSize = batchSize
    self.shardSquares = shardSquares
    self.batchSquares = batchSquares
  }

  public mutating func add(meanShardSquare: Double, batchSquare: Double) {
    updates += 1
    shardSquares += meanShardSquare
    batchSquares += batchSquare
  }

  /// End of the next block of updates over which moments are pooled. Blocks end after updates 1, 2,
  /// 3, 4, 6, 9, …
  ///
  /// On a run whose law is known, the average over such blocks is correct to a fifth at batches
  /// from a twentieth to fifty times the critical batch. Blocks of single updates overestimate
  /// wildly at small batches. One block for all updates finds a fifth of the true value at large
  /// batches, because the large gradients of the start outweigh the rest.
  public static func nextBlockEnd(after update: Int) -> Int {
    max(update + 1, Int(Double(update) * 1.6))
  }

  /// The moments added since an earlier copy of the same sums; all of them if the sums were reset
  /// for another batch in between.
  public func since(_ earlier: NoiseMoments) -> NoiseMoments {
    guard earlier.batchSize == batchSize else { return self }
    return NoiseMoments(
      shardSize: shardSize, batchSize: batchSize, updates: updates &- earlier.updates,
      shardSquares: shardSquares - earlier.shardSquares,
      batchSquares: batchSquares - earlier.batchSquares)
  }

  /// Unbiased estimate of |G|², the squared norm of the true gradient; may be negative if the batch
  /// is far below the noise scale. `nil` without updates or with a single shard.
  public var gradientSquare: Double? {
    guard updates > 0, shardSize < batchSize else { return nil }
    let (b, B) = (Double(shardSize), Double(batchSize))
    return (B * batchSquares - b * shardSquares) / (B - b) / Double(updates)
  }

  /// Unbiased estimate of tr Σ, the trace of the covariance of one observation's gradient.
  public var covarianceTrace: Double? {
    guard updates > 0, shardSize < batchSize else { return nil }
    let (b, B) = (Double(shardSize), Double(batchSize))
    return (shardSquares - batchSquares) / (1 / b - 1 / B) / Double(updates)
  }
}

/// The two sums whose quotient is the law-weighted noise scale of a run.
///
/// The critical batch of the law equals the noise scale averaged over infinite-batch steps, so a
/// step at batch B has the weight |G|²/⟨|G_B|²⟩: B̂ = Σ (tr Σ/⟨|G_B|²⟩) / Σ (|G|²/⟨|G_B|²⟩), summed
/// over blocks without clamping. Unit of the quotient: observations. The denominator is about the
/// number of updates that an infinite batch would have needed, whatever the batch of the run, so
/// the sums of several runs can be added.
public struct LawWeightedNoise: Codable, Hashable, Sendable {
  public var numerator: Double = 0
  public var denominator: Double = 0
  /// Σ √(numerator·denominator) over blocks; blocks where either is negative count as 0.
  var root: Double = 0

  public init(numerator: Double = 0, denominator: Double = 0, root: Double = 0) {
    self.numerator = numerator
    self.denominator = denominator
    self.root = root
  }

  /// Sums over blocks; `nil` if none has moments.
  public init?(blocks: some Sequence<NoiseMoments>) {
    self.init(blocks: blocks.map { ($0, $0.updates) })
  }

  /// Sums over blocks of which not every update was measured; `nil` if none has moments.
  ///
  /// - Parameter blocks: moments of the measured updates of a block, and the number of all its
  ///   updates.
  init?(blocks: [(moments: NoiseMoments, updates: Int)]) {
    var any = false
    for (block, count) in blocks {
      guard let square = block.gradientSquare, let trace = block.covarianceTrace,
        block.batchSquares > 0
      else { continue }
      let updates = Double(count)
      let measured = block.batchSquares / Double(block.updates)
      let (own, steps) = (updates * trace / measured, updates * square / measured)
      guard own.isFinite, steps.isFinite else { continue }
      numerator += own
      denominator += steps
      root += max(own, 0).squareRoot() * max(steps, 0).squareRoot()
      any = true
    }
    if !any { return nil }
  }

  public static func += (left: inout Self, right: Self) {
    left.numerator += right.numerator
    left.denominator += right.denominator
    left.root += right.root
  }

  /// B̂ in observations; `nil` if the denominator is not positive.
  public var estimate: Double? { denominator > 0 ? numerator / denominator : nil }

  /// γ = (∫√B_noise ds)²/(∫ds·∫B_noise ds) over infinite-batch steps s: the value of
  /// (S/S_min − 1)(E/E_min − 1) for a batch that follows √(r·B_noise), 1 for a fixed batch
  /// (McCandlish et al. 2018, appendix D). `nil` if a sum is not positive.
  public var adaptiveGain: Double? {
    numerator > 0 && denominator > 0 ? root * root / (numerator * denominator) : nil
  }
}
