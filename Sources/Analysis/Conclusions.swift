public import Records

/// Everything that is concluded from a study's trials: the document `fits.json`.
public struct Conclusions: Encodable, Sendable {
  /// The digest of the rows; `nil` if the study is not sealed.
  @Nullable var digest: String?
  /// One for each question that has measured runs.
  public var fits: [FitReport]
  /// The comparison of the study's tasks.
  var comparison: Comparison

  public init(
    of trials: [TrialRecord], study: String, digest: String?, traits: [String: TaskTraits],
    mean: SeedMean = .geometric, seed: Int = 1, resamples: Int = 2000
  ) {
    let all = Analysis.fits(of: trials, mean: mean, seed: seed, resamples: resamples)
    self.digest = digest
    fits = all.filter { $0.batches > 0 }.map { $0.inGame(by: traits) }
    comparison = Comparison([(study, all)], traits: traits, seed: seed, resamples: resamples)
  }
}
