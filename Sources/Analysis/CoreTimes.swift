internal import Records

/// What is asked of `CoreTimes` beyond what the rows of a study say.
public struct CoreRequest: Hashable, Sendable {
  /// The number of cores to show besides the usual ones.
  public var cores: Int
  /// Updates that were timed, by question without its target.
  public var timed: [Question: [TimedUpdate]]
  /// The processor on which they were.
  public var processor: String

  public init(cores: Int, processor: String, timed: [Question: [TimedUpdate]] = [:]) {
    (self.cores, self.processor, self.timed) = (cores, processor, timed)
  }
}

/// How long a run to the target takes at each batch on several cores, and which batch is best.
///
/// The time is S(B) of the law × t(B, N). On one core, t is the training time of the rows, as in
/// `Advice`. On as many cores as updates were timed with, it is that time × (timed with N threads)
/// / (timed with one); on others it is that of `UpdateModel`.
public struct CoreTimes: Codable, Hashable, Sendable {
  /// The numbers of cores that are always shown.
  public static let usual = [1, 2, 16, 128]

  public enum Origin: String, Codable, Sendable { case measured, modelled }

  /// The time to the target on a number of cores.
  public struct Time: Codable, Hashable, Sendable {
    public var cores: Int
    /// With the 95 % interval that S has by the law.
    public var seconds: Estimate
    /// Where the time of an update is from.
    public var origin: Origin
  }

  public struct AtBatch: Codable, Hashable, Sendable {
    /// Observations per update.
    public var batch: Int
    /// P: how many cores can work on an update at the same time.
    public var parts: Int
    /// S by the law.
    public var updates: Estimate
    /// Of an update on one core, by the rows.
    public var secondsPerUpdate: Double
    /// One for each number of cores, ascending.
    public var times: [Time]
    /// What was timed at this batch, by threads.
    public var timed: [TimedUpdate]

    private enum CodingKeys: String, CodingKey {
      case batch, parts, updates, times, timed
      case secondsPerUpdate = "seconds_per_update"
    }
  }

  /// The batch that reaches the target first on a number of cores.
  public struct Best: Codable, Hashable, Sendable {
    public var batch: Int
    public var time: Time
  }

  /// The processor on which the rows' seconds were measured.
  public var cpu: String
  public var model: UpdateModel
  /// All measured batches, ascending.
  public var batches: [AtBatch]
  /// One for each number of cores, ascending; of equal batches the smallest.
  public var best: [Best]

  /// `nil` unless the report gives advice, see `FitReport.missingAdvice`.
  ///
  /// - Parameter request: Without one, f and o are assumed. What was timed on another processor is
  ///   ignored.
  public init?(_ report: FitReport, _ request: CoreRequest? = nil) {
    guard let advice = report.advice, let horizon = report.question.horizon else { return nil }
    let question = report.question
    func parts(_ batch: Int) -> Int {
      WorkDivision(
        environments: batch / max(horizon, 1), horizon: horizon,
        minibatches: question.algorithm == .ppo ? question.minibatches : nil
      ).parallelParts
    }
    let timed =
      request.flatMap { $0.processor == advice.cpu ? $0.timed[report.question.atAnyTarget] : nil }
      ?? []
    let cores = Set(Self.usual + (request.map { [$0.cores] } ?? []) + timed.map(\.threads))
    let model = UpdateModel(timed, parts: parts) ?? .assumed
    (cpu, self.model) = (advice.cpu, model)
    var batches = advice.batches.map { cost in
      let band = report.lawAtBatches.first { $0.batch == Double(cost.batch) }
      let updates = Estimate(
        value: cost.observations / Double(cost.batch), low: band?.low, high: band?.high)
      return AtBatch(
        batch: cost.batch, parts: parts(cost.batch), updates: updates,
        secondsPerUpdate: Double(cost.batch) / cost.observationsPerSecond, times: [],
        timed: timed.filter { $0.batch == cost.batch }.sorted { $0.threads < $1.threads })
    }
    for index in batches.indices {
      batches[index].times = cores.sorted().map { batches[index].time(cores: $0, model) }
    }
    self.batches = batches
    let all = batches.flatMap { batch in batch.times.map { Best(batch: batch.batch, time: $0) } }
    best = cores.sorted().compactMap { cores in
      all.filter { $0.time.cores == cores }.min {
        ($0.time.seconds.value ?? .infinity) < ($1.time.seconds.value ?? .infinity)
      }
    }
  }
}

extension CoreTimes.AtBatch {
  /// Seconds to the target by the model alone.
  public func modelledSeconds(cores: Int, _ model: UpdateModel) -> Double {
    (updates.value ?? .nan)
      * model.seconds(oneCore: secondsPerUpdate, parts: parts, cores: cores)
  }

  fileprivate func time(cores: Int, _ model: UpdateModel) -> CoreTimes.Time {
    let alone = timed.oneThread[batch]
    let timed = timed.first { $0.threads == cores && $0.seconds > 0 }?.seconds
    let ratio = cores == 1 ? 1 : alone.flatMap { alone in timed.map { $0 / alone } }
    let seconds =
      ratio.map { secondsPerUpdate * $0 }
      ?? model.seconds(oneCore: secondsPerUpdate, parts: parts, cores: cores)
    return CoreTimes.Time(
      cores: cores, seconds: updates.times(seconds), origin: ratio == nil ? .modelled : .measured)
  }
}

extension FitReport {
  /// Adds the times on several cores, if the report gives advice.
  public func timed(with request: CoreRequest?) -> FitReport {
    var report = self
    report.cores = request.flatMap { CoreTimes(self, $0) }
    return report
  }

  /// Why there is no advice, and so no time; `nil` if there is.
  public var missingAdvice: String? {
    guard advice == nil else { return nil }
    if verdict != .fitted { return "the law is not fitted here" }
    let processors = Set(runs.filter { $0.seconds != nil }.compactMap(\.processor))
    return processors.isEmpty
      ? "the runs have no seconds" : "the runs don't come from one kind of processor"
  }
}
