public import Records

/// What the trials of an estimate cost.
public struct EstimateCosts: Codable, Hashable, Sendable {
  /// The search and the first seeds at the first batch.
  public var pilot = StudyCost.Part()
  /// The searches at the other batches.
  public var search = StudyCost.Part()
  /// All other measuring seeds.
  public var measurement = StudyCost.Part()
  /// Evaluations of all trials.
  public var evaluation = StudyCost.Part()

  /// - Parameters:
  ///   - trials: of one task.
  ///   - pilot: the first batch.
  public init(of trials: [TrialRecord], pilot batch: Int) {
    let isPilot = { (trial: TrialRecord) in
      trial.settings.batch.value == batch
        && (trial.settings.role == .tuning || trial.settings.seed < EstimateState.firstSeeds)
    }
    if let cost = StudyCost.costs(of: trials.filter(isPilot)).first {
      pilot = cost.search
      pilot.add(cost.measurement)
    }
    if let cost = StudyCost.costs(of: trials.filter { !isPilot($0) }).first {
      (search, measurement) = (cost.search, cost.measurement)
    }
    evaluation = StudyCost.costs(of: trials).first?.evaluation ?? evaluation
  }
}
