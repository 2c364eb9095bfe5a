/// One line of `curves.jsonl.zst`: an evaluated point of a trial. The plan determines everything
/// but `seconds`, and the digest covers it.
public struct CurveRow: Codable, Hashable, Sendable {
  public var determined: CurvePointRow
  /// Seconds of training since the trial's start, evaluation not counted.
  public var seconds: Double

  init(trial: String, settings: TrialSettings, point: CurvePoint) {
    determined = CurvePointRow(trial: trial, settings: settings, point: point)
    seconds = point.seconds
  }

  private enum CodingKeys: String, CodingKey { case seconds }

  public init(from decoder: any Decoder) throws {
    determined = try CurvePointRow(from: decoder)
    seconds = try decoder.container(keyedBy: CodingKeys.self).decode(Double.self, forKey: .seconds)
  }

  public func encode(to encoder: any Encoder) throws {
    try determined.encode(to: encoder)
    var columns = encoder.container(keyedBy: CodingKeys.self)
    try columns.encode(seconds, forKey: .seconds)
  }
}

/// The columns of a curve point that the plan determines.
public struct CurvePointRow: Codable, Hashable, Sendable {
  public var trial: String
  public var task: String
  public var batch: Observations
  public var updates: Updates
  public var observations: Observations
  public var optimizerSteps: OptimizerSteps
  public var score: Double
  var scoreError: Double
  var scoreEpisodes: Int
  /// Raw noise sums since the previous point (see `NoiseMoments`).
  @Nullable var noiseUpdates: Int?
  @Nullable var noiseShardSize: Int?
  @Nullable var noiseShardSquares: Double?
  @Nullable var noiseBatchSquares: Double?

  private enum CodingKeys: String, CodingKey {
    case trial, task, batch, updates, observations, score
    case optimizerSteps = "optimizer_steps"
    case scoreError = "score_error"
    case scoreEpisodes = "score_episodes"
    case noiseUpdates = "noise_updates"
    case noiseShardSize = "noise_shard_size"
    case noiseShardSquares = "noise_shard_squares"
    case noiseBatchSquares = "noise_batch_squares"
  }

  init(trial: String, settings: TrialSettings, point: CurvePoint) {
    self.trial = trial
    task = settings.task
    batch = point.batch
    updates = point.updates
    observations = point.observations
    optimizerSteps = point.optimizerSteps
    score = point.score
    scoreError = point.scoreError
    scoreEpisodes = point.scoreEpisodes
    noiseUpdates = point.noise?.updates
    noiseShardSize = point.noise?.shardSize
    noiseShardSquares = point.noise?.shardSquares
    noiseBatchSquares = point.noise?.batchSquares
  }

  /// Raw noise sums since the previous point; `nil` if they were not measured.
  public var noise: NoiseMoments? {
    guard let noiseUpdates, let noiseShardSize, let noiseShardSquares, let noiseBatchSquares
    else { return nil }
    return NoiseMoments(
      shardSize: noiseShardSize, batchSize: batch.value, updates: noiseUpdates,
      shardSquares: noiseShardSquares, batchSquares: noiseBatchSquares)
  }
}
