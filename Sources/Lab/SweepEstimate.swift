public import Archive
public import Environments
internal import Learning
public import Records

/// An estimate of the cost of a sweep, cell by cell.
///
/// Observations are estimated from a measured run to the task's hardest target, by the law
/// E(B) = E_min (1 + B/B_crit) with that run's batch for B_crit, scaled by how far the plan's
/// hardest target is above a random policy's score. A search tries 4 rates, a tuning trial takes
/// 1.8 E and a measuring trial 1.3 E, as in the 24 cells of `make run`. The speed is measured on
/// this machine while the estimate is made.
public struct SweepEstimate: Sendable {
  /// Approximate largest factor by which a task's estimated observations and time are too high or
  /// too low.
  public static let uncertainty = 3.0

  /// The cells in the order of the plan: a task's batches, ascending, then those of the next task.
  public let cells: [CellEstimate]

  /// Estimates some or all cells of a plan.
  ///
  /// - Parameters:
  ///   - catalogue: has the tasks of the plan.
  ///   - indices: the cells to estimate; `nil` for all.
  ///   - study: has the trials that are already finished.
  ///   - seconds: time for measuring the speed of a task.
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
    var speeds: [TaskVariant: TaskSpeed] = [:]
    for (index, fresh) in chosen {
      let name = fresh.task.name
      guard let entry = catalogue[name.task] else { continue }
      func measured() -> TaskSpeed {
        let kin = chosen.filter { $0.cell.task.name == name }
        return TaskSpeed(kin.compactMap(\.cell.open.first?.settings), entry, seconds: seconds)
      }
      let speed = speeds[name] ?? measured()
      speeds[name] = speed
      var cell = fresh
      let done = try cell.receive(from: stored)
      cells.append(
        CellEstimate(index: index, cell: cell, trialsDone: done, facts: entry.facts, speed: speed))
    }
    self.cells = cells
  }
}

/// The estimated remaining cost of a cell. It is encoded under the names of the archive's columns.
public struct CellEstimate: Codable, Hashable, Sendable {
  /// Index in the plan, from 0.
  public var index: Int
  public var task: String
  /// The name of the task's variant; `nil` if it has none.
  @Nullable public var variant: String?
  /// Observations per update, environments × horizon.
  public var batch, numEnvs, numSteps: Int
  /// Exchange rate of an adaptive batch, which starts at `batch`; `nil` for a fixed batch.
  @Nullable public var exchangeRate: Double?
  public var targets: [Double]
  /// Finished trials, and expected remaining ones.
  public var trialsDone, trialsLeft: Int
  /// Training observations of the remaining trials.
  public var observations: Double
  /// Seconds of the remaining trials one after another, including evaluation.
  public var seconds: Double
  /// Peak disk space of the remaining trials, reached while the study is being sealed.
  public var bytes: Double

  private enum CodingKeys: String, CodingKey {
    case index, task, variant, batch, targets, observations, seconds, bytes
    case exchangeRate = "exchange_rate"
    case numEnvs = "num_envs"
    case numSteps = "num_steps"
    case trialsDone = "trials_done"
    case trialsLeft = "trials_left"
  }

  /// Bytes of a trial in a journal and in the sealed files, which exist together for a moment: 2.0
  /// and 0.7 kB, measured.
  private static let bytesPerTrial = 2_700.0

  init(index: Int, cell: Cell, trialsDone: Int, facts: EnvironmentFacts, speed: TaskSpeed) {
    let task = cell.task
    let shape = RolloutShape(batch: cell.batch, horizon: task.horizon)
    self.index = index
    (self.task, variant) = (task.task, task.variant)
    batch = cell.batch
    (numEnvs, numSteps) = (shape.numEnvs, shape.numSteps)
    exchangeRate = cell.size.exchangeRate
    targets = task.targets
    self.trialsDone = trialsDone
    let (tuning, measuring) = cell.trialsLeft
    trialsLeft = tuning + measuring
    let budget = Double(task.budget.value)
    // An adaptive batch costs about as much as a fixed batch of the size of its exchange rate.
    let typical = cell.size.exchangeRate.map { Int($0.rounded()) } ?? cell.batch
    let needed = TaskDefaults.of(task.task).expectedObservations(
      to: task.targets.last ?? 0, at: typical, budget, facts)
    observations = Self.observations(
      tuning: tuning, measuring: measuring, needed: needed, budget: budget)
    // About 15 evaluations of 12 episodes, and full ones where a target is found and confirmed.
    let episodes = 180 + 3 * task.evaluationEpisodes * task.targets.count
    let evaluation = Double(trialsLeft * episodes * facts.typicalEpisodeLength)
    // Evaluation computes no gradients and is about twice as fast.
    seconds = observations / speed.rate(environments: numEnvs) + evaluation / (2 * speed.fastest)
    bytes = Double(trialsLeft) * Self.bytesPerTrial
  }

  /// Training observations of trials.
  ///
  /// - Parameters:
  ///   - needed: observations of a run to the target.
  ///   - budget: of a trial.
  static func observations(
    tuning: Int, measuring: Int, needed: Double, budget: Double
  ) -> Double {
    Double(tuning) * min(1.8 * needed, budget) + Double(measuring) * min(1.3 * needed, budget)
  }
}

extension Cell {
  /// Usual number of tuning trials of a cell, if no rate stops before its last seed: fewer than a
  /// tenth of the trials are saved so.
  var usualTuning: Int {
    task.fixedRate == nil ? Forecast.usualRounds * plan.seeds(of: task, .tuning) : 0
  }

  /// Usual number of measuring trials of a cell: three targets of the reference study share two
  /// rates.
  var usualMeasuring: Int {
    plan.seeds(of: task, .measuring) * (task.fixedRate == nil ? min(task.targets.count, 2) : 1)
  }

  /// Expected remaining trials, if no rate stops before its last seed.
  var trialsLeft: (tuning: Int, measuring: Int) {
    switch stage {
    case .tuning:
      let rounds = max(Forecast.usualRounds - search.tried.count, 1)
      return (rounds * plan.seeds(of: task, .tuning) - ended, usualMeasuring)
    case .measuring: return (0, open.count)
    case .done: return (0, 0)
    }
  }
}

extension TaskDefaults {
  /// Expected observations to a target at a batch. Without a measurement, it is a tenth of the
  /// task's default budget at the middle batch; for a task out of reach, it is the whole budget.
  func expectedObservations(
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

/// Training speed of a task on one thread, in observations per second.
struct TaskSpeed {
  /// Largest batch that is tried; larger ones have about the same speed.
  private static let largestProbe = 4_096

  private var rates: [Int: Double] = [:]

  /// The largest number of settings that are tried.
  private static let mostProbes = 10

  /// Trains briefly in memory with these settings, or with a sample of them if there are many. Large
  /// batches are tried with fewer environments.
  init(_ settings: [TrialSettings], _ entry: CatalogueEntry, seconds: Double) {
    let sorted = settings.sorted { $0.numEnvs < $1.numEnvs }
    let count = min(sorted.count, Self.mostProbes)
    for place in 0..<count {
      var probe = sorted[place * (sorted.count - 1) / max(count - 1, 1)]
      probe.numEnvs = Self.probe(environments: probe.numEnvs, horizon: probe.numSteps)
      guard rates[probe.numEnvs] == nil else { continue }
      var trainer = Trainer(probe, task: entry, seed: Seed(1))
      rates[probe.numEnvs] = trainer.rate(seconds: seconds / Double(count))
    }
  }

  private static func probe(environments: Int, horizon: Int) -> Int {
    min(environments, max(largestProbe / horizon, 1))
  }

  /// The speed at the largest number of environments that was tried and is at most this one.
  func rate(environments: Int) -> Double {
    let below = rates.filter { $0.key <= environments }.max { $0.key < $1.key }
    return below?.value ?? fastest
  }

  var fastest: Double { rates.values.max() ?? 1 }
}
