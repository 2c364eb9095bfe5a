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
  /// Expected observations of a run to the target, near the critical batch and at the pilot.
  private let effort, pilotEffort: Double
  private let facts: EnvironmentFacts

  /// Batches that may be measured, ascending: those of the list, with at least one environment, or
  /// one for each minibatch. If the request lists none, the task's own list is extended by halving
  /// down to that, and by doubling up to 8 times its largest batch. They don't depend on the
  /// machine, so that an estimate goes the same way everywhere.
  public var candidates: [Int] { all.tasks[0].batches }
  public var task: TaskPlan { all.tasks[0] }
  /// Steps of an environment in a rollout.
  public var horizon: Int { task.horizon }

  /// There must be at least this many candidates, and they must span this factor.
  private static let fewestCandidates = 3
  private static let smallestRange = 5.0
  /// Larger rollouts, in bytes, are no candidates unless they are requested.
  private static let largestRollout = 0x1p32

  /// - Parameters:
  ///   - request: names one task, and one target or none, which means the task's hardest.
  public init(_ request: Plan, with catalogue: Catalogue) throws(PlanProblem) {
    var plan = try request.resolved(with: catalogue)
    var task = plan.tasks[0]
    task.targets = Array(task.targets.suffix(1))
    let fewest = task.hyperparameters.numMinibatches
    let smallest = fewest * task.horizon
    if request.batches != nil, let batch = task.batches.first(where: { $0 < smallest }) {
      throw PlanProblem(
        description: "batch \(batch) is too small for an estimate, which takes at least"
          + " \(Format.counted(smallest, "observation"))"
          + " (\(Format.counted(fewest, "environment")) × \(task.horizon) steps)")
    }
    var environments = task.batches.filter { $0.isMultiple(of: task.horizon) }.map {
      $0 / task.horizon
    }.filter { $0 >= fewest }
    let facts: EnvironmentFacts
    do { facts = try catalogue.task(named: task.task).facts } catch {
      throw PlanProblem(description: error.description)
    }
    let middle = environments.isEmpty ? 0 : environments[environments.count / 2]
    if request.batches == nil {
      environments = Self.extended(environments, fewest: fewest).filter {
        $0 <= environments.max() ?? 1
          || rolloutBytes(batch: $0 * task.horizon, facts, task.hyperparameters)
            <= Self.largestRollout
      }
    }
    let range = Double(environments.last ?? 0) / Double(environments.first ?? 1)
    guard environments.count >= Self.fewestCandidates, range >= Self.smallestRange else {
      let found =
        environments.count < Self.fewestCandidates
        ? "here there are \(environments.count)"
        : "these \(environments.count) span only \(Format.brief(range))"
      throw PlanProblem(
        description: "an estimate needs at least \(Self.fewestCandidates) batches that span"
          + " a factor of \(Format.brief(Self.smallestRange)); \(found)")
    }
    let defaults = TaskDefaults.of(task.task)
    func effort(at batch: Int) -> Double {
      defaults.expectedObservations(
        to: task.targets[0], at: batch, Double(task.budget.value), facts)
    }
    let middleBatch = middle * task.horizon
    (pilot, pilotEffort) = (middleBatch, effort(at: middleBatch))
    self.effort = effort(at: defaults.effort?.batch ?? middleBatch)
    self.facts = facts
    task.batches = environments.map { $0 * task.horizon }
    plan.tasks = [task]
    all = plan
  }

  /// Expected training observations of the first batch, with this many measuring seeds.
  public func pilotCost(seeds: Int) -> Double {
    CellEstimate.observations(
      tuning: Forecast.usualRounds * all.tuningSeeds, measuring: seeds, needed: pilotEffort,
      budget: Double(task.budget.value))
  }

  /// Refuses a batch whose rollout does not fit into this machine's memory.
  public func checkMemory(for batches: [Int]) throws(PlanProblem) {
    for batch in batches {
      if let sentence = memoryObjection(batch: batch, facts, task.hyperparameters) {
        throw PlanProblem(description: sentence)
      }
    }
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

  /// The batches and measuring seeds of the study in a folder; `nil` if there is none or it has
  /// several tasks. A sweep of that step resumes it, or says what else differs.
  public func stored(in folder: String) throws(ArchiveError) -> (batches: [Int], seeds: Int)? {
    guard let plan = try Study.plan(in: folder), plan.tasks.count == 1 else { return nil }
    return (plan.tasks[0].batches, plan.measuringSeeds)
  }
}
