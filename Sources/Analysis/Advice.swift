public import Records

/// Which batch to train with on the machine where the runs were measured.
///
/// Time to the target at a batch is what the law says of its observations, over the observations
/// a second that were measured there: E(B)/(ΣE/Σseconds). Training alone; evaluation and whatever
/// else ran on the machine are not taken out of the seconds.
public struct Advice: Codable, Hashable, Sendable {
  /// The cheapest batch may take this many times the time of the soonest.
  public static let patience = 2.0

  /// What a batch costs.
  public struct Cost: Codable, Hashable, Sendable {
    /// Observations per update.
    public var batch: Int
    /// Training to the target, by the law and the measured speed.
    public var seconds: Double
    /// E(B) of the law.
    public var observations: Double
    /// Measured, over the runs that reached the target.
    public var observationsPerSecond: Double
    public var runs: Int

    private enum CodingKeys: String, CodingKey {
      case batch, seconds, observations, runs
      case observationsPerSecond = "observations_per_second"
    }
  }

  /// The processor on which the seconds were measured.
  public var cpu: String
  /// Of the batches that were measured, the one that reaches the target first.
  public var soonest: Cost
  /// The one with the fewest observations that takes at most twice the time of the soonest.
  public var cheapest: Cost
  /// All that were measured, ascending.
  public var batches: [Cost]

  /// `nil` unless the law was fitted, and on runs of one kind of processor alone.
  ///
  /// - Parameter rows: of the study; those of the report's group are used.
  public init?(_ report: FitReport, rows: [TrialRow]) {
    guard report.verdict == .fitted, let law = report.law else { return nil }
    var sums: [Int: (observations: Double, seconds: Double, runs: Int)] = [:]
    var seen: Set<String> = []
    var processors: Set<String> = []
    for row in rows where row.isMeasurement && report.isAbout(row) {
      guard let observations = row.result.observations, let seconds = row.measured.seconds,
        seen.insert(row.result.trial).inserted
      else { continue }
      processors.insert(row.measured.provenance.cpu)
      let sum = sums[row.settings.batch.value] ?? (0, 0, 0)
      sums[row.settings.batch.value] = (
        sum.observations + observations, sum.seconds + seconds, sum.runs + 1
      )
    }
    batches = sums.sorted { $0.key < $1.key }.compactMap { batch, sum in
      guard sum.seconds > 0, sum.observations > 0 else { return nil }
      let speed = sum.observations / sum.seconds
      let observations = law.observations(atBatch: Double(batch))
      return Cost(
        batch: batch, seconds: observations / speed, observations: observations,
        observationsPerSecond: speed, runs: sum.runs)
    }
    guard processors.count == 1, let cpu = processors.first,
      let soonest = batches.min(by: { $0.seconds < $1.seconds }),
      // The law's observations rise with the batch: the first is the cheapest.
      let cheapest = batches.first(where: { $0.seconds <= Self.patience * soonest.seconds })
    else { return nil }
    self.cpu = cpu
    self.soonest = soonest
    self.cheapest = cheapest
  }
}

extension FitReport {
  /// Whether a row of its study belongs to its group.
  func isAbout(_ row: TrialRow) -> Bool {
    hasTarget(of: row) && row.settings.numSteps == horizon
  }

  /// Whether a row is about the same target of the same task at a fixed batch, whatever its
  /// horizon.
  func hasTarget(of row: TrialRow) -> Bool {
    row.settings.task == task && shortestDecimal(row.result.target) == target
      && row.settings.hyperparameters.algorithm.rawValue == algorithm
      && row.settings.exchangeRate == nil
  }
}

/// A fit of a study as `batchlab fit --json` gives it: the report with the keys `compute`,
/// `adaptive` and `advice` beside.
public struct AdvisedFit: Encodable, Sendable {
  public var report: FitReport
  /// `nil` where the verdict does not allow any.
  @Nullable public var advice: Advice?

  public init(_ report: FitReport, rows: [TrialRow]) {
    self.report = report
    advice = Advice(report, rows: rows)
  }

  private enum CodingKeys: String, CodingKey { case advice, compute, adaptive }

  public func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(_advice, forKey: .advice)
    try keys.encode(Nullable(wrappedValue: report.compute), forKey: .compute)
    try keys.encode(report.adaptive, forKey: .adaptive)
  }
}
