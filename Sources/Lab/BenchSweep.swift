public import Environments
internal import Glibc
public import Records

extension Bench {
  /// Runs a whole sweep once, into a folder of its own, and measures the observations trained per
  /// second of wall-clock time. Time is split into training, evaluation and the rest: the archive,
  /// and idle threads.
  public static func sweep(
    _ plan: StudyPlan, with catalogue: Catalogue, named name: String, folder: String, lanes: Int
  ) async throws -> BenchResult {
    var (observations, training, evaluation) = (0, 0.0, 0.0)
    let start = ContinuousClock.now
    let sweep = try Sweep(plan: plan, with: catalogue, folder: folder, lanes: lanes)
    _ = try await sweep.run { event in
      guard case .finished(let trial) = event else { return }
      observations += trial.outcome.observations.value
      training += trial.outcome.seconds - trial.outcome.evaluationSeconds
      evaluation += trial.outcome.evaluationSeconds
    }
    let seconds = start.duration(to: .now).seconds
    let share = 1 / Double(lanes)
    let parts = ["training": training * share, "evaluation": evaluation * share]
    let rate = Double(observations) / seconds
    return BenchResult(
      name: name, observationsPerSecond: rate, low: rate, high: rate, shareOfLimit: nil,
      limitGflops: nil,
      split: parts.merging(["rest": seconds - parts.values.reduce(0, +)]) { $1 },
      allocationsPerUpdate: nil, peakMemoryBytes: peakMemory())
  }
}
