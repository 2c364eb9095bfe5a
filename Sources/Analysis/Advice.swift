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
  /// - Parameter runs: of the report's question; those at fixed batches are used.
  init?(_ report: FitReport, _ runs: [Run]) {
    guard report.verdict == .fitted, let law = report.law else { return nil }
    var sums: [Int: (observations: Double, seconds: Double, runs: Int)] = [:]
    var processors: Set<String> = []
    for run in runs where run.exchangeRate == nil && !run.isCensored {
      guard let seconds = run.seconds, let processor = run.processor else { continue }
      processors.insert(processor)
      let sum = sums[Int(run.batch)] ?? (0, 0, 0)
      sums[Int(run.batch)] = (
        sum.observations + run.observations, sum.seconds + seconds, sum.runs + 1
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
