public import Records

/// What the trials of a study say: the document `fits.json` beside them.
public struct Conclusions: Encodable, Sendable {
  /// The digest of the rows; `nil` of a study that is not sealed.
  @Nullable public var digest: String?
  /// The law for each question that has measured runs.
  public var fits: [FitReport]
  /// The study's tasks against each other.
  public var comparison: Comparison

  public init(
    of trials: [TrialRecord], study: String, digest: String?, traits: [String: TaskTraits],
    seed: Int = 1, resamples: Int = 2000
  ) {
    let all = Analysis.fits(of: trials, seed: seed, resamples: resamples)
    self.digest = digest
    fits = all.filter { $0.batches > 0 }
    comparison = Comparison([(study, all)], traits: traits, seed: seed, resamples: resamples)
  }
}
