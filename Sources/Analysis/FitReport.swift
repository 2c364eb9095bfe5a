public import Records

/// The law fitted to one group of runs, with what the data do and do not identify.
///
/// Encoded as JSON it is one object of `batchlab fit --json`; every key is always there.
public struct FitReport: Codable, Hashable, Sendable {
  @Nullable public var task: String?
  /// The target as its source writes it.
  @Nullable public var target: String?
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
  @Nullable public var algorithm: String?
  @Nullable public var horizon: Int?
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
  /// What the target costs in operations; `nil` where they were not counted. Not encoded.
  public var compute: ComputeToTarget? = nil
  /// Adaptive batches against the front of the fixed ones. Not encoded.
  public var adaptive = AdaptiveReport(results: [])

  private enum CodingKeys: String, CodingKey {
    case task, target, verdict, algorithm, horizon, bootstrap, batches, seeds, censored, reason
    case minimumUpdates = "minimum_updates"
    case minimumObservations = "minimum_observations"
    case criticalBatch = "critical_batch"
    case rmsLogResidual = "rms_log_residual"
    case linearFit = "linear_fit"
    case setAside = "set_aside"
    case noiseScale = "noise_scale"
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
