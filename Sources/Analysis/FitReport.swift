public import Records

/// The law fitted to one group of runs, with what the data do and do not identify.
///
/// Encoded as JSON it is one object of `batchlab fit --json`; every key is always there, but for
/// `advice`, `compute` and `adaptive`, which a table has nothing to say of.
public struct FitReport: Hashable, Sendable {
  public var question: Question
  public var verdict: Verdict
  /// S_min in updates; a bound or `nil` where the verdict leaves it open.
  @Nullable public var minimumUpdates: Estimate?
  /// E_min in observations; a bound or `nil` where the verdict leaves it open.
  @Nullable public var minimumObservations: Estimate?
  /// B_crit in observations; a bound or `nil` where the verdict leaves it open.
  @Nullable public var criticalBatch: Estimate?
  /// Root of the mean over batches of (ln S − fitted ln S)²; `nil` with fewer than 3 batches,
  /// through which the law always passes.
  @Nullable public var rmsLogResidual: Double?
  /// The fit in linear space, whatever the verdict; `nil` with fewer than 4 batches.
  @Nullable public var linearFit: LinearFit?
  /// Runs that were left out of the fit as outliers.
  public var setAside: [SetAside]
  public var bootstrap: BootstrapSettings
  /// Law-weighted noise scale up to the target in observations, pooled over the runs that
  /// reached it.
  @Nullable public var noiseScale: Estimate?
  /// Distinct batches.
  public var batches: Int
  /// The smallest number of seeds of any batch.
  public var seeds: Int
  /// Runs that did not reach the target.
  public var censored: Int
  /// Why the verdict is not `fitted`.
  @Nullable public var reason: String?

  /// The fitted curve for figures, whatever the verdict: where the verdict is not `fitted` its
  /// numbers are not results. `nil` with fewer than 3 batches. Not encoded.
  public var law: ParetoLaw? = nil
  /// The values of the batches that any seed reached the target at. Not encoded.
  public var points: [BatchPoint] = []
  /// 95% of the resampled laws, from a quarter of the smallest batch to four times the largest;
  /// empty without resamples. Not encoded.
  public var band: [LawBand] = []
  /// The runs at fixed batches that were not set aside, by batch and seed. Not encoded.
  public var runs: [Run] = []
  /// Which batch to train with; `nil` where the verdict does not allow any advice.
  @Nullable public var advice: Advice?
  /// What the target costs in operations; `nil` where they were not counted.
  @Nullable public var compute: ComputeToTarget?
  /// Adaptive batches against the front of the fixed ones.
  public var adaptive = AdaptiveReport()
}

extension FitReport {
  /// The B_crit that the noise scale predicts, in observations: the noise scale is that of an
  /// optimizer step, of which a rollout makes as many as it has minibatches.
  public var predictedCriticalBatch: Estimate? {
    noiseScale?.ofRollout(minibatches: question.minibatches)
  }
}

extension Estimate {
  /// The critical batch that a noise scale of single optimizer steps predicts.
  public func ofRollout(minibatches: Int) -> Estimate { times(Double(minibatches)) }
}

extension FitReport: Encodable {
  private enum CodingKeys: String, CodingKey {
    case verdict, bootstrap, batches, seeds, censored, reason, advice, compute, adaptive
    case minimumUpdates = "minimum_updates"
    case minimumObservations = "minimum_observations"
    case criticalBatch = "critical_batch"
    case rmsLogResidual = "rms_log_residual"
    case linearFit = "linear_fit"
    case setAside = "set_aside"
    case noiseScale = "noise_scale"
  }

  public func encode(to encoder: any Encoder) throws {
    try question.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(verdict, forKey: .verdict)
    try keys.encode(_minimumUpdates, forKey: .minimumUpdates)
    try keys.encode(_minimumObservations, forKey: .minimumObservations)
    try keys.encode(_criticalBatch, forKey: .criticalBatch)
    try keys.encode(_rmsLogResidual, forKey: .rmsLogResidual)
    try keys.encode(_linearFit, forKey: .linearFit)
    try keys.encode(setAside, forKey: .setAside)
    try keys.encode(bootstrap, forKey: .bootstrap)
    try keys.encode(_noiseScale, forKey: .noiseScale)
    try keys.encode(batches, forKey: .batches)
    try keys.encode(seeds, forKey: .seeds)
    try keys.encode(censored, forKey: .censored)
    try keys.encode(_reason, forKey: .reason)
    // A question that names no algorithm is that of a table.
    guard question.algorithm != nil else { return }
    try keys.encode(_advice, forKey: .advice)
    try keys.encode(_compute, forKey: .compute)
    try keys.encode(adaptive, forKey: .adaptive)
  }
}

/// A run that was left out of a fit.
public struct SetAside: Codable, Hashable, Sendable {
  /// In observations.
  public var batch: Double
  @Nullable public var seed: Int?
  public var updates: Double

  init(_ run: Run) {
    batch = run.batch
    updates = run.updates
    seed = run.seed
  }
}

/// What makes intervals reproducible.
public struct BootstrapSettings: Codable, Hashable, Sendable {
  public var seed: Int
  public var resamples: Int
}

/// The value of one batch: the geometric mean of its seeds.
public struct BatchPoint: Hashable, Sendable {
  /// In observations.
  public var batch: Double
  /// Geometric mean of updates to the target over the seeds in the fit, a censored one counting
  /// with its expected value; where there is no law, over those that reached it.
  public var updates: Double
  /// Its 95% interval, from the spread of seeds pooled over batches; `nil` where no batch has two.
  public var low: Double?
  public var high: Double?
  /// Seeds in the fit, and how many of them are censored.
  public var seeds: Int
  public var censored: Int
}

/// What the resampled laws say of S at one batch.
public struct LawBand: Hashable, Sendable {
  /// In observations.
  public var batch: Double
  /// Ends of the central 95% of S(B), in updates.
  public var low: Double
  public var high: Double
}
