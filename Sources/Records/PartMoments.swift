/// Raw sums from which the noise scales of parts of a gradient are computed: of the policy term
/// (surrogate and entropy bonus), of the value term, and of the total as preconditioned by the
/// optimizer.
///
/// Parts are measured at some updates only (`isMeasured`), so `updates` of their moments counts
/// these. With P the diagonal by which Adam or RMSProp multiplies the gradient, 1/(√v̂ + ε) from
/// before the update, the preconditioned moments are those of √P·g, whose squared norm is gᵀPg.
/// With SGD they are those of the total.
public struct PartMoments: Codable, Hashable, Sendable {
  public var policy: NoiseMoments
  public var value: NoiseMoments
  public var preconditioned: NoiseMoments

  public init(shardSize: Int, batchSize: Int) {
    policy = NoiseMoments(shardSize: shardSize, batchSize: batchSize)
    (value, preconditioned) = (policy, policy)
  }

  /// Adds an update: means over shards of squared norms, and those of the batch.
  public mutating func add(
    policy policySquares: (shards: Double, batch: Double),
    value valueSquares: (shards: Double, batch: Double),
    preconditioned preconditionedSquares: (shards: Double, batch: Double)
  ) {
    policy.add(meanShardSquare: policySquares.shards, batchSquare: policySquares.batch)
    value.add(meanShardSquare: valueSquares.shards, batchSquare: valueSquares.batch)
    preconditioned.add(
      meanShardSquare: preconditionedSquares.shards, batchSquare: preconditionedSquares.batch)
  }

  /// The moments added since an earlier copy of the same sums; all of them if the sums were reset
  /// for another batch in between.
  public func since(_ earlier: PartMoments) -> PartMoments {
    var copy = self
    copy.policy = policy.since(earlier.policy)
    copy.value = value.since(earlier.value)
    copy.preconditioned = preconditioned.since(earlier.preconditioned)
    return copy
  }

  /// Whether parts are measured at an update, counted from 1: at each of the first 2k, and then at
  /// every k-th. So every block over which moments are pooled has one, except the last, which a
  /// crossing may cut short.
  public static func isMeasured(_ update: Int, interval k: Int) -> Bool {
    update <= 2 * k || update.isMultiple(of: k)
  }
}

/// Law-weighted sums of parts of a gradient, up to a crossing.
public struct PartNoise: Codable, Hashable, Sendable {
  /// k of `PartMoments.isMeasured`, at first if the batch is adaptive.
  public var interval: Int
  public var policy: LawWeightedNoise?
  public var value: LawWeightedNoise?
  public var preconditioned: LawWeightedNoise?

  /// - Parameter blocks: moments of parts, and the number of updates that they stand for.
  public init(interval: Int, blocks: [(parts: PartMoments, updates: Int)]) {
    self.interval = interval
    func sums(_ part: KeyPath<PartMoments, NoiseMoments>) -> LawWeightedNoise? {
      LawWeightedNoise(blocks: blocks.map { ($0.parts[keyPath: part], $0.updates) })
    }
    policy = sums(\.policy)
    value = sums(\.value)
    preconditioned = sums(\.preconditioned)
  }
}
