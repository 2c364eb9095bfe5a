public import Records

/// What the rows of a study say: the document `fits.json` beside them.
public struct Conclusions: Encodable, Sendable {
  /// The digest of the rows; `nil` of a study that is not sealed.
  @Nullable public var digest: String?
  public var fits: [AdvisedFit]
  /// The study's tasks against each other.
  public var comparison: Comparison

  /// The law for each task and target that has measured runs, and the comparison of all.
  public init(
    of rows: [TrialRow], study: String, digest: String?, traits: [String: TaskTraits],
    seed: Int = 1, resamples: Int = 2000
  ) {
    let fitted = FittedGroup.fits(of: rows, study: study, seed: seed, resamples: resamples)
    self.digest = digest
    fits = fitted.filter { $0.report.batches > 0 }.map { AdvisedFit($0.report, rows: rows) }
    comparison = Comparison(fitted, traits: traits, seed: seed, resamples: resamples)
  }
}
