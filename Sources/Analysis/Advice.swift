internal import Records

/// Which batch to train with on the machine where the runs were measured.
///
/// The time to the target at a batch is E(B) of the law, divided by the measured observations per
/// second at that batch, ΣE/Σseconds, from the runs on one thread. Where there are none, seconds
/// are multiplied by the threads. It is training time, without evaluation. If something else
/// ran on the machine, the seconds include the delay.
public struct Advice: Codable, Hashable, Sendable {
  /// The cheapest batch may take this many times as long as the soonest.
  static let patience = 2.0

  /// What a batch costs.
  public struct Cost: Codable, Hashable, Sendable {
    /// Observations per update.
    public var batch: Int
    /// Time of training to the target, from the law and the measured speed.
    public var seconds: Double
    /// E(B) by the law.
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
  /// The measured batch that reaches the target first.
  public var soonest: Cost
  /// The measured batch that needs the fewest observations and at most twice the time of the
  /// soonest.
  public var cheapest: Cost
  /// All measured batches, ascending.
  public var batches: [Cost]

  /// `nil` unless the law was fitted or estimated and all runs come from one kind of processor.
  ///
  /// - Parameter runs: those of the report's question; adaptive batches are ignored.
  init?(_ report: FitReport, _ runs: [Run]) {
    guard [.fitted, .estimated].contains(report.verdict), let law = report.law else { return nil }
    var sums: [Int: (observations: Double, seconds: Double, runs: Int)] = [:]
    var processors: Set<String> = []
    let onOneThread = Set(runs.filter { $0.seconds != nil && $0.threads == 1 }.map(\.batch))
    for run in runs where run.exchangeRate == nil && !run.isCensored {
      guard let time = run.seconds, let processor = run.processor else { continue }
      processors.insert(processor)
      if run.threads > 1 && onOneThread.contains(run.batch) { continue }
      let seconds = time * run.threads
      let sum = sums[Int(clamping: run.batch)] ?? (0, 0, 0)
      sums[Int(clamping: run.batch)] = (
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
      // By the law, observations rise with the batch, so the first one is the cheapest.
      let cheapest = batches.first(where: { $0.seconds <= Self.patience * soonest.seconds })
    else { return nil }
    self.cpu = cpu
    self.soonest = soonest
    self.cheapest = cheapest
  }
}
