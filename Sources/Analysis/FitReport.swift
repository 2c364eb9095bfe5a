public import Records

/// The law fitted to the runs of one question, and what follows from it.
///
/// Its JSON is one object of `batchlab fit --json`. Every key is always present, except that fits
/// of a CSV table have no `likely_critical_batch`, `untuned`, noise scales of parts, `advice`,
/// `compute`, `cores` and `adaptive`.
public struct FitReport: Hashable, Sendable {
  public var question: Question
  /// The game of the task; `nil` if it isn't known. Not encoded.
  public var game: String?
  /// How the runs of a study were trained; `nil` for those of a table. Not encoded.
  public var hyperparameters: Hyperparameters?
  /// What S of a batch is.
  public var mean = SeedMean.geometric
  public var verdict: Verdict
  /// S_min in updates; a bound or `nil` if the verdict does not allow a number.
  @Nullable public var minimumUpdates: Estimate?
  /// E_min in observations; a bound or `nil` if the verdict does not allow a number.
  @Nullable public var minimumObservations: Estimate?
  /// B_crit in observations; a bound or `nil` if the verdict does not allow a number.
  @Nullable public var criticalBatch: Estimate?
  /// Root of the mean over batches of (ln S − fitted ln S)²; `nil` with fewer than 3 batches,
  /// through which the law always passes.
  @Nullable public var rmsLogResidual: Double?
  /// σ of ln S over the seeds of a batch, pooled over batches; `nil` if no batch has two runs that
  /// reached the target. With arithmetic means, the standard deviation of S divided by its mean.
  @Nullable public var seedDeviation: Double?
  /// τ of ln S: what batches are off the law beyond their seeds. Without `seedDeviation` it holds
  /// both.
  @Nullable public var batchDeviation: Double?
  /// a of S_min (1 + (B_crit/B)^a), which the law has at 1; `nil` with fewer than 4 batches.
  @Nullable public var exponent: Estimate?
  /// B_crit, with the range that it takes if one batch is left out, whatever the verdict; `nil`
  /// with fewer than 4 batches.
  @Nullable public var withoutOneBatch: Estimate?
  /// Extra seeds a batch until the interval of B_crit is expected within ±25 %: 0 if it is, `nil`
  /// if seeds alone don't get there.
  @Nullable public var seedsNeeded: Int?
  /// The fit in linear space, whatever the verdict; `nil` with fewer than 4 batches.
  @Nullable public var linearFit: LinearFit?
  /// Runs that were left out of the fit as broken.
  public var setAside: [SetAside]
  /// Law-weighted noise scale of a rollout's gradient up to the target, in observations, pooled
  /// over the runs that reached it. It predicts B_crit, also with PPO: the minibatches of an epoch
  /// partition a rollout, so their summed noise is that of the whole batch.
  @Nullable public var noiseScale: Estimate?
  /// Distinct batches at which it was measured.
  var noiseBatches = 0
  /// Those of parts of the gradient.
  public var parts = PartScales()
  /// Distinct batches.
  public var batches: Int
  /// The smallest number of seeds of any batch.
  public var seeds: Int
  /// Runs that did not reach the target.
  public var censored: Int
  /// Batches whose mean is only a lower bound. Only arithmetic means are.
  public var lowerBounds: [BoundedMean] = []
  /// Why the verdict is not `fitted`.
  @Nullable public var reason: String?
  /// Whether the learning rate was fixed, so that the numbers are those of this rate.
  public var isUntuned = false

  /// The expected cost, in addition to the typical run; `nil` if it was not asked for. Not encoded.
  public var expected: ExpectedCost?

  /// The fitted curve for figures, whatever the verdict. Unless that is `fitted`, its numbers are
  /// not results. `nil` with fewer than 3 batches. Not encoded.
  public var law: ParetoLaw? = nil
  /// The batches at which any seed reached the target. Not encoded.
  public var points: [BatchPoint] = []
  /// The 95 % band of S, from a quarter of the smallest batch to four times the largest;
  /// empty without a law. Not encoded.
  public var band: [LawBand] = []
  /// The 95 % interval of S by the law at the batches of `points`; empty without a law. Not encoded.
  public var lawAtBatches: [LawBand] = []
  /// The runs with fixed batches that were not set aside, by batch and seed. Not encoded.
  public var runs: [Run] = []
  /// Which batch to train with; `nil` unless the law was fitted.
  @Nullable public var advice: Advice?
  /// What the target costs in operations; `nil` if no run counted them.
  @Nullable public var compute: ComputeToTarget?
  /// Times on several cores; `nil` unless they were asked for and there is advice.
  @Nullable public var cores: CoreTimes?
  /// Adaptive batches compared with fixed ones.
  public var adaptive = AdaptiveReport()
}

extension FitReport {
  /// What an untuned learning rate means for the numbers; `nil` if it was tuned.
  public var untunedSentence: String? {
    isUntuned
      ? "the learning rate was fixed, not tuned: the critical batch holds only for this rate" : nil
  }

  /// What would bring the interval of B_crit to ±25 %; `nil` if it is there, or if the verdict
  /// gives no interval.
  public var need: String? {
    guard [.fitted, .tooNoisy].contains(verdict) else { return nil }
    switch seedsNeeded {
    case 0?: return nil
    case let seeds?:
      return
        "about \(Format.counted(seeds, "more seed")) per batch would narrow the interval of B_crit to ±25 %"
    case nil where runs.contains { $0.logStandardError != nil }:
      return "smaller standard errors or more batches would narrow the interval of B_crit"
    case nil where seedDeviation == nil:
      return """
        with one seed per batch, fit can't tell the scatter of seeds from that of batches; with two per batch, it \
        can say how many would narrow the interval of B_crit to ±25 %
        """
    case nil:
      return
        "more seeds alone won't narrow the interval of B_crit to ±25 %: add batches between or beyond these"
    }
  }

  /// How far the runs are off the law, in words; empty without a law.
  public var residualWords: String {
    guard let batchDeviation else { return "" }
    let parts = [
      seedDeviation.map {
        "seeds scatter by σ = \(Format.number($0)) "
          + (mean == .arithmetic ? "of their mean S" : "in ln S")
      },
      seedDeviation == nil
        ? "runs scatter about the law by \(Format.number(batchDeviation)) in ln S"
        : "batches scatter about the law by a further τ = \(Format.number(batchDeviation))",
      exponent.map { "fitted exponent a = \(Format.interval($0)) (the law has 1)" },
      withoutOneBatch.map { "B_crit without one batch \(Format.range($0))" },
    ].compactMap { $0 }
    let sentence = parts.joined(separator: "; ")
    return sentence.prefix(1).uppercased() + sentence.dropFirst() + ". "
      + (need.map { $0.prefix(1).uppercased() + $0.dropFirst() + ". " } ?? "")
  }
}

extension FitReport: Encodable {
  private enum CodingKeys: String, CodingKey {
    case mean, verdict, bootstrap, batches, seeds, censored, reason, exponent, advice, compute,
      cores
    case adaptive
    case isUntuned = "untuned"
    case minimumUpdates = "minimum_updates"
    case minimumObservations = "minimum_observations"
    case criticalBatch = "critical_batch"
    case rmsLogResidual = "rms_log_residual"
    case linearFit = "linear_fit"
    case setAside = "set_aside"
    case noiseScale = "noise_scale"
    case likelyBatch = "likely_critical_batch"
    case seedDeviation = "seed_deviation"
    case batchDeviation = "batch_deviation"
    case withoutOneBatch = "without_one_batch"
    case seedsNeeded = "seeds_needed"
    case lowerBounds = "lower_bounds"
  }

  public func encode(to encoder: any Encoder) throws {
    try question.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(mean, forKey: .mean)
    try keys.encode(verdict, forKey: .verdict)
    try keys.encode(_minimumUpdates, forKey: .minimumUpdates)
    try keys.encode(_minimumObservations, forKey: .minimumObservations)
    try keys.encode(_criticalBatch, forKey: .criticalBatch)
    try keys.encode(_rmsLogResidual, forKey: .rmsLogResidual)
    try keys.encode(_seedDeviation, forKey: .seedDeviation)
    try keys.encode(_batchDeviation, forKey: .batchDeviation)
    try keys.encode(_exponent, forKey: .exponent)
    try keys.encode(_withoutOneBatch, forKey: .withoutOneBatch)
    try keys.encode(_seedsNeeded, forKey: .seedsNeeded)
    try keys.encode(_linearFit, forKey: .linearFit)
    try keys.encode(setAside, forKey: .setAside)
    // Documents used to say how intervals were resampled.
    try keys.encodeNil(forKey: .bootstrap)
    try keys.encode(_noiseScale, forKey: .noiseScale)
    try keys.encode(batches, forKey: .batches)
    try keys.encode(seeds, forKey: .seeds)
    try keys.encode(censored, forKey: .censored)
    try keys.encode(lowerBounds, forKey: .lowerBounds)
    try keys.encode(_reason, forKey: .reason)
    // Only questions of a study name an algorithm.
    guard !question.isOfTable else { return }
    try keys.encode(likelyBatch, forKey: .likelyBatch)
    try keys.encode(isUntuned, forKey: .isUntuned)
    try parts.encode(to: encoder)
    try keys.encode(_advice, forKey: .advice)
    try keys.encode(_compute, forKey: .compute)
    try keys.encode(_cores, forKey: .cores)
    try keys.encode(adaptive, forKey: .adaptive)
  }
}

/// A run that was left out of a fit.
public struct SetAside: Codable, Hashable, Sendable {
  /// In observations.
  public var batch: Double
  @Nullable public var seed: Int?
  public var updates: Double
  /// Whether it never reached the target.
  public var isCensored: Bool

  private enum CodingKeys: String, CodingKey {
    case batch, seed, updates
    case isCensored = "censored"
  }

  init(_ run: Run) {
    batch = run.batch
    updates = run.updates
    seed = run.seed
    isCensored = run.isCensored
  }

  /// How far it got, in words.
  public var length: String {
    "\(Format.number(updates)) updates" + (isCensored ? " without reaching the target" : "")
  }
}

/// The settings that make intervals reproducible.
public struct BootstrapSettings: Codable, Hashable, Sendable {
  public var seed: Int
  public var resamples: Int
}

/// The mean of the runs at one batch.
public struct BatchPoint: Hashable, Sendable {
  /// In observations.
  public var batch: Double
  /// Mean of updates to the target over the seeds in the fit, by default geometric. There a
  /// censored seed counts with its expected value, or not at all if there is no law; in an
  /// arithmetic mean it counts with its limit.
  public var updates: Double
  /// Its 95% interval, from the spread of seeds pooled over batches; `nil` if no batch has two.
  public var low: Double?
  public var high: Double?
  /// Seeds in the fit, and how many of them are censored.
  public var seeds: Int
  public var censored: Int
}

/// S at one batch by all laws that the runs don't exclude.
public struct LawBand: Hashable, Sendable {
  /// In observations.
  public var batch: Double
  /// Ends of the 95% interval of S(B), in updates.
  public var low: Double
  public var high: Double
}
