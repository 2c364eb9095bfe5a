internal import Environments
internal import Learning
public import Records

/// How much of a core's peak training reaches on this machine.
public struct Utilization: Sendable {
  /// Operations per second of the products of the network's hidden layers alone.
  public var peak: Double
  /// Share of it that updates reach, rollouts included, in operations that they execute.
  public var share: Double

  /// Trains at a cell of a plan for about so many seconds, in memory.
  ///
  /// - Throws: `PlanProblem` if the task is not in the catalogue.
  public init(of plan: StudyPlan, task: TaskPlan, batch: Int, seconds: Double) throws {
    let entry = try Lab.task(named: task.task)
    let settings = try Cell(plan: plan, task: task, batch: batch).settings(
      role: .measuring, seed: 0, rate: 0, targets: task.targets, limit: task.budget,
      isPruned: false)
    var loop = UpdateLoop(settings, task: entry)
    loop.update()
    let first = loop.operations.executed
    loop.update()
    let perObservation =
      Double(loop.operations.executed - first) / Double(settings.batch.value)
    peak = Bench.productRate(of: NetworkShape(settings.hyperparameters, for: entry))
    share = perObservation * loop.rate(seconds: seconds) / peak
  }

  /// The processor that it holds for, as provenance names it.
  public static var cpu: String { Provenance.current.cpu }
}
