public import Archive
internal import Formats
internal import Foundation
internal import Learning
public import Records

/// A trial's metrics for TensorBoard, under CleanRL's names and `noise/…`. The step is the number
/// of observations.
///
/// The first hundred updates are all written. After that the distance between written updates is a
/// hundredth of the updates so far, so that a long run of small updates gives a small file.
public struct TrialScalars: ~Copyable {
  private let file: EventFile
  private let start = ContinuousClock.now
  private let before: Observations
  private var next = 0
  private var written: EpisodeTally?

  /// - Parameters:
  ///   - folder: of the run.
  ///   - observations: those of the trial before this process continued it.
  public init(folder: String, after observations: Observations = .zero) throws(ArchiveError) {
    file = try EventFile(
      folder: folder, time: Date().timeIntervalSince1970,
      start: observations > .zero ? observations.value + 1 : nil)
    before = observations
  }

  public mutating func add(_ progress: TrialProgress) throws(ArchiveError) {
    guard progress.updates.value >= next else { return }
    next = max(progress.updates.value + 1, progress.updates.value * 101 / 100)
    let report = progress.report
    let seconds = start.duration(to: .now).seconds
    var scalars: [(tag: String, value: Double)] = [
      ("charts/SPS", Double(progress.observations.value - before.value) / max(seconds, 1e-9)),
      ("charts/learning_rate", progress.learningRate),
      ("charts/batch", Double(progress.batch.value)),
      ("charts/evaluated_return", progress.score),
      ("losses/policy_loss", report.policyLoss), ("losses/value_loss", report.valueLoss),
      ("losses/entropy", report.entropy), ("losses/approx_kl", report.approximateKL),
      ("losses/old_approx_kl", report.oldApproximateKL),
      ("losses/clipfrac", report.clipFraction),
      ("losses/explained_variance", report.explainedVariance ?? .nan),
      ("losses/gradient_norm", report.gradientNorm ?? .nan),
      ("noise/scale", progress.noiseScale ?? .nan),
      ("noise/gradient_square", progress.noise?.gradientSquare ?? .nan),
      ("noise/covariance_trace", progress.noise?.covarianceTrace ?? .nan),
    ]
    let episodes = progress.episodes
    let count = episodes.count - (written?.count ?? 0)
    if count > 0 {
      let returns = episodes.returns - (written?.returns ?? 0)
      let lengths = episodes.lengths - (written?.lengths ?? 0)
      scalars.append(("charts/episodic_return", returns / Double(count)))
      scalars.append(("charts/episodic_length", Double(lengths) / Double(count)))
      written = episodes
    }
    try file.add(
      scalars, step: progress.observations.value, time: Date().timeIntervalSince1970)
  }
}
