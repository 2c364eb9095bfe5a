public import Environments
internal import Learning
internal import Records

/// The share of a core's peak speed that training reaches on this machine, measured with one fixed
/// workload: policy gradient on `grid-goal-8` at 4,096 observations per update.
///
/// It is measured independently of any study's own counts.
public struct Utilization: Sendable {
  /// Operations per second of a hidden layer's matrix products alone, with 64 units, by the faster of
  /// OpenBLAS's kernels in use and the lab's own.
  public var peak: Double
  /// Share of the peak that updates reach, in executed operations and including rollouts.
  public var share: Double

  /// Trains in memory for about this many seconds.
  ///
  /// - Throws: `PlanProblem` if the workload's task is not in the catalogue.
  public init(seconds: Double, with catalogue: Catalogue) throws(PlanProblem) {
    let entry = try catalogue.task(named: "grid-goal-8")
    let settings = TrialSettings(
      task: entry.facts.name, rulesVersion: entry.facts.rulesVersion, studySeed: 1, role: .single,
      seed: 0, numEnvs: 256, numSteps: 16, shortenedHorizon: false, learningRate: 1e-4,
      hyperparameters: Hyperparameters(), targets: TaskDefaults.of(entry.facts.name).targets,
      limit: Observations(1 << 40), isPruned: false, evaluationEpisodes: 1)
    var trainer = Trainer(settings, task: entry, seed: Seed(1))
    let rate = trainer.rate(seconds: seconds)
    let before = trainer.operations.executed
    _ = try? trainer.update()
    let perObservation =
      Double(trainer.operations.executed - before) / Double(settings.batch.value)
    let width = NetworkShape(settings.hyperparameters, for: entry).widestLayer
    peak = CoreTypeRates().limit(width: width).rate
    share = perObservation * rate / peak
  }

  /// The processor's name, as in the provenance of rows.
  public static var cpu: String { Provenance.current.cpu }
}
