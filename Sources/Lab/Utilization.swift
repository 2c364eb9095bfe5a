public import Environments
internal import Learning
internal import Records

/// How much of a core's peak training reaches on this machine, by one workload for all: policy
/// gradient on `grid-goal-8` at 4,096 observations an update.
///
/// What it says of a study is therefore no echo of what the study counted.
public struct Utilization: Sendable {
  /// Operations per second of the products of a hidden layer of 64 units alone.
  public var peak: Double
  /// Share of it that updates reach, rollouts included, in operations that they execute.
  public var share: Double

  /// Trains for about so many seconds, in memory.
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
    peak = Bench.productRate(of: NetworkShape(settings.hyperparameters, for: entry))
    share = perObservation * rate / peak
  }

  /// The processor that it holds for, as provenance names it.
  public static var cpu: String { Provenance.current.cpu }
}
