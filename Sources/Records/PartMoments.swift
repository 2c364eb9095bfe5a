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

  /// The moments added since an earlier copy of the same sums.
  func since(_ earlier: PartMoments) -> PartMoments {
    var copy = self
    copy.policy = policy.since(earlier.policy)
    copy.value = value.since(earlier.value)
    copy.preconditioned = preconditioned.since(earlier.preconditioned)
    return copy
  }

  /// Whether parts are measured at an update, counted from 1: at one in the middle of each k.
  public static func isMeasured(_ update: Int, interval k: Int) -> Bool { update % k == k / 2 }

  /// Whether no count is larger than one that a run can come to.
  public var arePlausible: Bool {
    [policy, value, preconditioned].allSatisfy { (0...Int.largestCount).contains($0.updates) }
  }
}

/// Law-weighted sums of parts of a gradient, up to a crossing; `nil` if no update was measured or
/// the target was not reached.
public struct PartNoise: Codable, Hashable, Sendable {
  /// k of `PartMoments.isMeasured`.
  public var interval: Int
  public var policy: LawWeightedNoise?
  public var value: LawWeightedNoise?
  public var preconditioned: LawWeightedNoise?

  /// Moments of parts up to the end of an update.
  public struct Mark {
    var updates: Int
    var sums: PartMoments

    public init(updates: Int, sums: PartMoments) { (self.updates, self.sums) = (updates, sums) }
  }

  public init(interval: Int) { self.interval = interval }

  /// Neighbouring blocks are joined until at least 2(1 + N/B) of their updates are measured, with N
  /// the noise scale of the total: |g_B|² is 1 + N/B times |G|², so with fewer updates |G|² would
  /// hardly be known, and the estimate would be far too high. Updates at the end belong to the last
  /// block.
  ///
  /// - Parameters:
  ///   - marks: at the ends of blocks, the last one at the crossing.
  ///   - total: of the same run; without an estimate, all updates are one block.
  public init(interval: Int, marks: [Mark], total: LawWeightedNoise?) {
    self.init(interval: interval)
    guard let last = marks.last else { return }
    let batch = Double(last.sums.policy.batchSize)
    let fewest = total?.estimate.map { 2 * (1 + max($0, 0) / batch) } ?? .infinity
    var ends: [Mark] = []
    for mark in marks {
      let before = ends.last?.sums.policy.updates ?? 0
      if Double(mark.sums.policy.updates &- before) >= fewest { ends.append(mark) }
    }
    ends = ends.dropLast() + [last]
    let blocks = ends.indices.map { index -> (parts: PartMoments, updates: Int) in
      guard index > 0 else { return (ends[0].sums, ends[0].updates) }
      let before = ends[index - 1]
      return (ends[index].sums.since(before.sums), ends[index].updates &- before.updates)
    }
    func sums(_ part: KeyPath<PartMoments, NoiseMoments>) -> LawWeightedNoise? {
      LawWeightedNoise(blocks: blocks.map { ($0.parts[keyPath: part], $0.updates) })
    }
    policy = sums(\.policy)
    value = sums(\.value)
    preconditioned = sums(\.preconditioned)
  }
}
