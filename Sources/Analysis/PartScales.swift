public import Records

/// A part of the gradient whose noise scale stands beside that of the total.
public enum GradientPart: String, CaseIterable, Codable, Sendable {
  case policy, value, preconditioned
}

/// Law-weighted noise scales of parts of the gradient up to a target, in observations, pooled over
/// the runs that reached it. `nil` where they were measured at fewer than three batches: short runs
/// end before an update is measured, and few batches don't show how much noise scales scatter.
///
/// The noise scale of the total predicts B_crit. These are only shown beside it: the choice of
/// gradient matters more than that of the average, and one chosen on some tasks does worse on
/// others.
public struct PartScales: Codable, Hashable, Sendable {
  /// Of the policy term: surrogate and entropy bonus.
  @Nullable public var policy: Estimate?
  @Nullable public var value: Estimate?
  /// Of the total preconditioned by the optimizer, gᵀPg; with SGD that of the total.
  @Nullable public var preconditioned: Estimate?

  private enum CodingKeys: String, CodingKey {
    case policy = "policy_noise_scale"
    case value = "value_noise_scale"
    case preconditioned = "preconditioned_noise_scale"
  }

  init(of runs: [Run] = []) {
    func scale(_ part: (PartColumns) -> LawWeightedNoise?) -> Estimate? {
      let batches = Set(runs.filter { $0.parts.flatMap(part) != nil }.map(\.batch))
      guard batches.count >= PooledNoise.fewestBatches else { return nil }
      return .noiseScale(of: runs) { $0.parts.flatMap(part) }
    }
    policy = scale(\.policy)
    value = scale(\.value)
    preconditioned = scale(\.preconditioned)
  }

  public subscript(part: GradientPart) -> Estimate? {
    switch part {
    case .policy: policy
    case .value: value
    case .preconditioned: preconditioned
    }
  }

  /// The available ones with their names, as in "policy 300 [250, 400]".
  public var words: [String] {
    GradientPart.allCases.compactMap { part in
      self[part].map { "\(part.rawValue) \(Format.interval($0))" }
    }
  }
}
