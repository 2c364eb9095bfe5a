public import Archive
public import Environments
internal import Learning
public import Records

/// What a sweep will probably cost, cell by cell.
///
/// Observations come from what the task's hardest target took when it was measured, by the law
/// E(B) = E_min (1 + B/B_crit) with that batch for B_crit, and in proportion to how far the plan's
/// hardest target lies above a random policy. A search tries 4 rates, a tuning trial takes 1.8 E
/// and a measuring trial 1.3 E, as in the 24 cells of `make run`. The speed is measured on this
/// machine while the estimate is made.
public struct SweepEstimate: Sendable {
  /// Over or under, the estimates of observations and time of a task are off by at most about this.
  public static let uncertainty = 3.0

  /// The cells in the order of the plan: a task's batches, ascending, then the next task's. A
  /// shard's cells are those of these indices that it takes.
  public let cells: [CellEstimate]

  /// Estimates the cells of a plan with these indices.
  ///
  /// - Parameters:
  ///   - catalogue: has the tasks of the plan.
  ///   - indices: of the cells; `nil`: all.
  ///   - study: what is finished already.
  ///   - seconds: how long the speed of a task is measured.
  /// - Throws: `ArchiveError` if a trial's settings can't be hashed.
  public init(
    of plan: StudyPlan, with catalogue: Catalogue, cells indices: [Int]? = nil,
    study: Study? = nil, seconds: Double = 0.2
  ) throws(ArchiveError) {
    let stored = study?.trialsByID ?? [:]
    let all = plan.tasks.flatMap { task in task.cells.map { (task, $0) } }
    var chosen: [(index: Int, cell: Cell)] = []
    for index in indices ?? Array(all.indices) {
      chosen.append((index, try Cell(plan: plan, task: all[index].0, size: all[index].1)))
    }
    var cells: [CellEstimate] = []
    var speeds: [String: TaskSpeed] = [:]
    for (index, fresh) in chosen {
      let name = fresh.task.task
      guard let entry = catalogue[name] else { continue }
      let kin = chosen.filter { $0.cell.task.task == name }
      let speed =
        speeds[name]
        ?? TaskSpeed(kin.compactMap(\.cell.open.first?.settings), entry, seconds: seconds)
      speeds[name] = speed
      var (cell, done) = (fresh, 0)
      while let found = cell.open.lazy.compactMap({ stored[$0.id] }).first {
        _ = try cell.receive(found)
        done += 1
      }
      cells.append(
        CellEstimate(index: index, cell: cell, trialsDone: done, facts: entry.facts, speed: speed))
    }
    self.cells = cells
  }
}

/// What a cell will probably still cost. Encoded it has the names of the archive's columns.
public struct CellEstimate: Codable, Hashable, Sendable {
  /// Place in the plan, from 0.
  public var index: Int
  public var task: String
  /// Observations per update, environments × horizon.
  public var batch, numEnvs, numSteps: Int
  /// Of an adaptive batch, which begins with `batch`.
  @Nullable public var exchangeRate: Double?
  public var targets: [Double]
  /// Trials that are finished, and that are expected to follow.
  public var trialsDone, trialsLeft: Int
  /// Of the trials that are left; evaluation not counted.
  public var observations: Double
  /// On one lane, evaluation included.
  public var seconds: Double
  /// What the trials that are left take at most, while the study is sealed.
  public var bytes: Double

  private enum CodingKeys: String, CodingKey {
    case index, task, batch, targets, observations, seconds, bytes
    case exchangeRate = "exchange_rate"
    case numEnvs = "num_envs"
    case numSteps = "num_steps"
    case trialsDone = "trials_done"
    case trialsLeft = "trials_left"
  }

  /// A trial in a journal and, until that goes, in the sealed files: 2.0 and 0.7 kB, measured.
  private static let bytesPerTrial = 2_700.0

  init(index: Int, cell: Cell, trialsDone: Int, facts: EnvironmentFacts, speed: TaskSpeed) {
    let task = cell.task
    let isShortened = cell.batch < task.horizon
    self.index = index
    self.task = task.task
    batch = cell.batch
    numSteps = isShortened ? cell.batch : task.horizon
    numEnvs = cell.batch / numSteps
    exchangeRate = cell.size.exchangeRate
    targets = task.targets
    self.trialsDone = trialsDone
    let (tuning, measuring) = cell.trialsLeft
    trialsLeft = tuning + measuring
    let budget = Double(task.budget.value)
    // A batch that follows the noise at an exchange rate costs about what that batch costs.
    let typical = cell.size.exchangeRate.map { Int($0.rounded()) } ?? cell.batch
    let needed = TaskDefaults.of(task.task).expectedObservations(
      to: task.targets.last ?? 0, at: typical, budget, facts)
    observations =
      Double(tuning) * min(1.8 * needed, budget) + Double(measuring) * min(1.3 * needed, budget)
    // About 15 looks of 12 episodes, and the longest ones where a target is found and confirmed.
    let episodes = 180 + 3 * task.evaluationEpisodes * task.targets.count
    let evaluation = Double(trialsLeft * episodes * facts.typicalEpisodeLength)
    // Evaluation goes without gradients, at about twice the speed.
    seconds = observations / speed.rate(environments: numEnvs) + evaluation / (2 * speed.fastest)
    bytes = Double(trialsLeft) * Self.bytesPerTrial
  }
}

extension Cell {
  /// Measuring trials of a cell, as a rule: three targets of the reference study have two rates.
  var usualMeasuring: Int { plan.seeds(of: task, .measuring) * min(task.targets.count, 2) }

  /// Trials that probably follow.
  fileprivate var trialsLeft: (tuning: Int, measuring: Int) {
    switch stage {
    case .tuning:
      let rounds = max(Forecast.usualRounds - search.tried.count - 1, 0)
      return (rounds * plan.seeds(of: task, .tuning) + open.count, usualMeasuring)
    case .measuring: return (0, open.count)
    case .done: return (0, 0)
    }
  }
}

extension TaskDefaults {
  /// Observations to a target at a batch. Where nobody has measured, a tenth of the budget at the
  /// middle batch, as a budget is chosen; all of it where the task is out of reach.
  fileprivate func expectedObservations(
    to target: Double, at batch: Int, _ budget: Double, _ facts: EnvironmentFacts
  ) -> Double {
    guard outOfReach == nil else { return budget }
    let reference = effort?.batch ?? usualBatch ?? batch
    let measured = Double(effort?.observations ?? settings.value(\.budget) / 10)
    let hardest = targets.last ?? facts.bestScore
    let share = (target - facts.randomScore) / (hardest - facts.randomScore)
    return measured * share * (1 + Double(batch) / Double(reference)) / 2
  }
}

/// Observations per second of a task's training on one lane.
struct TaskSpeed {
  /// Beyond it, more environments don't change the speed by much.
  private static let largestProbe = 4_096

  private var rates: [Int: Double] = [:]

  /// Trains with each of these settings for a moment, in memory; large batches with fewer
  /// environments.
  init(_ settings: [TrialSettings], _ entry: CatalogueEntry, seconds: Double) {
    for each in settings {
      var probe = each
      probe.numEnvs = Self.probe(environments: each.numEnvs, horizon: each.numSteps)
      guard rates[probe.numEnvs] == nil else { continue }
      var trainer = Trainer(probe, task: entry, seed: Seed(1))
      rates[probe.numEnvs] = trainer.rate(seconds: seconds / Double(settings.count))
    }
  }

  private static func probe(environments: Int, horizon: Int) -> Int {
    min(environments, max(largestProbe / horizon, 1))
  }

  /// That of the most environments that were tried and are not more.
  func rate(environments: Int) -> Double {
    let below = rates.filter { $0.key <= environments }.max { $0.key < $1.key }
    return below?.value ?? fastest
  }

  var fastest: Double { rates.values.max() ?? 1 }
}
