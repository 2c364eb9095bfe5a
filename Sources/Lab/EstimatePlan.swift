public import Archive
public import Environments
public import Records

/// The plans of an estimate of one critical batch. Each step is a study of one task and one target
/// with more batches or more measuring seeds than the step before; nothing else differs.
public struct EstimatePlan: Sendable {
  /// The plan with all candidates as batches.
  private let all: StudyPlan
  /// The batch that is measured first: the middle one of the plan's or the task's list.
  public let pilot: Int
  private let effort: Double

  /// Batches that may be measured, ascending: those of the list with at least one environment, or
  /// one for each minibatch. If the request lists none, the task's own list is extended by halving
  /// down to that, and by doubling up to 8 times its largest batch.
  public var candidates: [Int] { all.tasks[0].batches }
  public var task: TaskPlan { all.tasks[0] }
  /// Steps of an environment in a rollout.
  public var horizon: Int { task.horizon }

  /// There must be at least this many candidates, and they must span this factor.
  private static let fewestCandidates = 3
  private static let smallestRange = 5

  /// - Parameters:
  ///   - request: names one task, and one target or none, which means the task's hardest.
  public init(_ request: Plan, with catalogue: Catalogue) throws(PlanProblem) {
    var plan = try request.resolved(with: catalogue)
    var task = plan.tasks[0]
    task.targets = Array(task.targets.suffix(1))
    let fewest = task.hyperparameters.numMinibatches
    var environments = task.batches.filter { $0.isMultiple(of: task.horizon) }.map {
      $0 / task.horizon
    }.filter { $0 >= fewest }
    let facts: EnvironmentFacts
    do { facts = try catalogue.task(named: task.task).facts } catch {
      throw PlanProblem(description: error.description)
    }
    let middle = environments.isEmpty ? 0 : environments[environments.count / 2]
    if request.batches == nil {
      // What doesn't fit into this machine's memory can't be measured here.
      environments = Self.extended(environments, fewest: fewest).filter {
        $0 <= environments.max() ?? 1
          || rolloutBytes(batch: $0 * task.horizon, facts, task.hyperparameters)
            <= memoryForRollouts
      }
    }
    guard environments.count >= Self.fewestCandidates, let least = environments.first,
      let most = environments.last, most >= Self.smallestRange * least
    else {
      throw PlanProblem(
        description:
          "an estimate chooses from at least \(Self.fewestCandidates) batches that span a"
          + " factor of \(Self.smallestRange), each of at least"
          + " \(Format.counted(fewest * task.horizon, "observation")) (\(fewest) ×"
          + " \(task.horizon) steps); here there are \(environments.count)")
    }
    pilot = middle * task.horizon
    task.batches = environments.map { $0 * task.horizon }
    plan.tasks = [task]
    all = plan
    let defaults = TaskDefaults.of(task.task)
    effort = defaults.expectedObservations(
      to: task.targets[0], at: defaults.effort?.batch ?? pilot, Double(task.budget.value), facts)
  }

  private static func extended(_ environments: [Int], fewest: Int) -> [Int] {
    guard let least = environments.first, let most = environments.last else { return [] }
    var (smaller, half) = ([Int](), least / 2)
    while half >= fewest {
      smaller.insert(half, at: 0)
      half /= 2
    }
    return smaller + environments + [2, 4, 8].map { $0 * most }
  }

  /// The default budget of an estimate in observations: 400 times those that the catalogue expects
  /// of one run to the target.
  public var usualBudget: Double { 400 * effort }

  /// The plan of a step.
  public func step(batches: [Int], seeds: Int) -> StudyPlan {
    var plan = all
    plan.tasks[0].batches = batches
    plan.measuringSeeds = seeds
    return plan
  }

  /// The batches and measuring seeds that a study in a folder has; `nil` if there is none, or if it
  /// is no step of this estimate.
  public func stored(in folder: String) throws(ArchiveError) -> (batches: [Int], seeds: Int)? {
    guard let plan = try Study.plan(in: folder), plan.tasks.count == 1 else { return nil }
    let (batches, seeds) = (plan.tasks[0].batches, plan.measuringSeeds)
    return step(batches: batches, seeds: seeds) == plan ? (batches, seeds) : nil
  }
}
