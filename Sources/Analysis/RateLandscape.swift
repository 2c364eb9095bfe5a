public import Records

/// The learning rates that were tried at each batch, on tuning seeds.
public struct RateLandscape: Hashable, Sendable {
  /// A learning rate that was tried at a batch.
  public struct Rate: Hashable, Sendable {
    public var rate: Double
    /// Median updates to the target over seeds; `nil` if half of them or more did not reach it.
    public var updates: Double?
    /// The most updates that any of its seeds made.
    public var most: Double
    public var seeds: Int
    public var reached: Int
  }

  public struct AtBatch: Hashable, Sendable {
    /// Observations per update.
    public var batch: Int
    /// By rate, ascending.
    public var rates: [Rate]
    /// The rate that was chosen for the target, and how the search ended; `nil` without measuring
    /// seeds.
    public var chosen: Double?
    public var verdict: RateVerdict?
    /// Whether its horizon is shortened, so that the fit ignores it.
    public var isShortened: Bool
  }

  /// Ascending.
  public var batches: [AtBatch]

  /// The rates that a study tried for a question.
  public init(_ question: Question, _ trials: [TrialRecord]) {
    let cells = Dictionary(grouping: trials.rows(about: question), by: \.settings.batch.value)
    batches = cells.sorted { $0.key < $1.key }.map { batch, rows in
      let tuning = rows.filter { $0.settings.role == .tuning }
      let chosen = rows.filter { $0.result.rateVerdict != nil }
        .min { $0.settings.seed < $1.settings.seed }
      return AtBatch(
        batch: batch,
        rates: Dictionary(grouping: tuning, by: \.settings.learningRate)
          .sorted { $0.key < $1.key }.map { Rate($0.key, $0.value) },
        chosen: chosen?.settings.learningRate, verdict: chosen?.result.rateVerdict,
        isShortened: rows.contains { $0.settings.shortenedHorizon })
    }
  }
}

extension RateLandscape.Rate {
  fileprivate init(_ rate: Double, _ rows: [TrialRow]) {
    self.rate = rate
    let values = rows.map { row in
      row.result.status == .reached ? row.result.updates ?? .infinity : .infinity
    }
    let middle = median(values)
    updates = middle.isFinite ? middle : nil
    most = rows.map { Double($0.result.totalUpdates.value) }.max() ?? 0
    seeds = rows.count
    reached = values.count { $0.isFinite }
  }
}
