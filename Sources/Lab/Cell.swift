public import Archive
internal import Glibc
public import Records

/// The unit of work: one task at one batch, or at one exchange rate if the batch is adaptive. Cells
/// are independent of each other.
///
/// A cell works in rounds. Each round of the search runs the tuning seeds at one learning rate, until
/// every target has a rate; the last round runs the measuring seeds of every chosen rate. If the
/// plan fixes the rate, that is the only round.
///
/// A round of the search has stages. A stage begins when all trials of the one before have ended,
/// and has only the targets for which the rate is not clearly worse yet; without any, the round ends.
/// Only finished trials advance a cell, whether they ran just now or are in the archive, so an
/// interrupted cell resumes where it was.
struct Cell {
  struct Assignment {
    var id: String
    var settings: TrialSettings
    /// The verdict for each target that chose this rate; empty for tuning trials.
    var verdicts: [Double: RateVerdict] = [:]
  }

  enum Stage: Equatable {
    case tuning(rate: Int)
    case measuring
    case done
  }

  let plan: StudyPlan
  let task: TaskPlan
  let size: CellSize
  /// Observations per update, at first if the batch is adaptive.
  var batch: Int { size.batch }
  private(set) var search: RateSearch
  private(set) var stage = Stage.tuning(rate: 0)
  /// The trials of this round that have no result yet, by id.
  private(set) var open: [Assignment] = []
  /// All trials that the cell has asked for.
  private(set) var asked: [Assignment] = []
  /// All trials of this round so far, in the order of their seeds.
  private var round: [Assignment] = []
  private var results: [String: TrialRecord] = [:]
  /// Trials of this round that have ended.
  var ended: Int { round.count - open.count }

  init(plan: StudyPlan, task: TaskPlan, size: CellSize) throws(ArchiveError) {
    self.plan = plan
    self.task = task
    self.size = size
    search = RateSearch(targets: task.targets.count, seeds: plan.seeds(of: task, .tuning))
    try begin(task.fixedRate == nil ? .tuning(rate: 0) : .measuring)
  }

  /// Takes a finished trial of this round. After the last one the next stage or round starts.
  ///
  /// - Returns: whether the cell had requested the trial.
  mutating func receive(_ trial: TrialRecord) throws(ArchiveError) -> Bool {
    guard let index = open.firstIndex(where: { $0.id == trial.id }) else { return false }
    open.remove(at: index)
    results[trial.id] = trial
    if open.isEmpty { try advance() }
    return true
  }

  private mutating func advance() throws(ArchiveError) {
    switch stage {
    case .tuning(let rate):
      let trials = RateTrials(runs: round.map(summary))
      let targets = search.openTargets(of: trials, at: rate)
      if targets > 0 { return try addStage(rate, targets: targets) }
      search.receive(trials, at: rate)
      switch search.next {
      case .tryRate(let rate): try begin(.tuning(rate: rate))
      case .done: try begin(.measuring)
      }
    case .measuring, .done: stage = .done
    }
  }

  private func summary(of assignment: Assignment) -> RateTrials.Run {
    let trial = results[assignment.id]
    return RateTrials.Run(
      updates: assignment.settings.targets.map {
        trial?.row(of: $0).flatMap { cost(of: $0.result) }
      },
      limit: Double(assignment.settings.limit.value) / unit,
      hasDiverged: trial?.rows.first?.result.ending == .diverged)
  }

  /// The cost that the search minimizes: updates to a target, and if the batch is adaptive also the
  /// observations, each worth 1/r of an update.
  private func cost(of result: TrialResult) -> Double? {
    guard let rate = size.exchangeRate else { return result.updates }
    guard let updates = result.updates, let observations = result.observations else { return nil }
    return updates + observations / rate
  }

  /// Observations per unit of cost.
  private var unit: Double { size.exchangeRate ?? Double(batch) }

  private mutating func begin(_ next: Stage) throws(ArchiveError) {
    stage = next
    round = []
    switch next {
    case .tuning(let rate): try addStage(rate, targets: task.targets.count)
    case .measuring:
      try addMeasuringTrials()
      if round.isEmpty { stage = .done }
    case .done: break
    }
  }

  /// Adds the trials of the next stage at a rate, up to the hardest target that is open there.
  private mutating func addStage(_ rate: Int, targets: Int) throws(ArchiveError) {
    let bound = pruningBound
    try add(
      settings(
        role: .tuning, seed: 0, rate: Double(rate), targets: Array(task.targets.prefix(targets)),
        limit: bound ?? task.budget, isPruned: bound != nil),
      seeds: search.stage(after: round.count))
  }

  /// Adds the measuring seeds of each chosen rate, up to the hardest target that chose it.
  private mutating func addMeasuringTrials() throws(ArchiveError) {
    let choices = task.targets.indices.map {
      task.fixedRate == nil
        ? search.choice(for: $0) : RateSearch.Choice(rate: 0, verdict: .untuned)
    }
    for rate in Set(choices.compactMap(\.rate)).sorted() {
      let own = choices.indices.filter { choices[$0].rate == rate }
      let targets = Array(task.targets[...(own.max() ?? 0)])
      let verdicts = own.map { (task.targets[$0], choices[$0].verdict) }
      try add(
        settings(
          role: .measuring, seed: 0, rate: rate, targets: targets, limit: task.budget,
          isPruned: false),
        seeds: 0..<plan.seeds(of: task, .measuring),
        verdicts: Dictionary(uniqueKeysWithValues: verdicts))
    }
  }

  /// Adds the trials of some seeds with these settings.
  private mutating func add(
    _ settings: TrialSettings, seeds: Range<Int>, verdicts: [Double: RateVerdict] = [:]
  ) throws(ArchiveError) {
    let ids = try trialIDs(of: settings, seeds: seeds)
    let added = zip(seeds, ids).map { seed, id in
      var own = settings
      own.seed = seed
      return Assignment(id: id, settings: own, verdicts: verdicts)
    }
    round += added
    open += added
    asked += added
  }

  /// The observations after which a tuning trial is pruned: three times the smallest median to the
  /// hardest target in the earlier rounds, and at least four batches. `nil` if no rate has reached
  /// the target yet, or if the budget is smaller.
  private var pruningBound: Observations? {
    let hardest = task.targets.count - 1
    let best = search.tried.values.map { $0.median(hardest) }.min() ?? .infinity
    let bound = (max(3 * best, 4) * unit).rounded(.up)
    return bound < Double(task.budget.value) ? Observations(Int(bound)) : nil
  }

  func settings(
    role: TrialRole, seed: Int, rate: Double, targets: [Double], limit: Observations,
    isPruned: Bool
  ) -> TrialSettings {
    let shape = RolloutShape(batch: batch, horizon: task.horizon)
    return TrialSettings(
      task: task.task, variant: task.variant, rulesVersion: task.rulesVersion,
      studySeed: plan.seed, role: role, seed: seed, numEnvs: shape.numEnvs,
      numSteps: shape.numSteps,
      shortenedHorizon: shape.isShortened,
      exchangeRate: size.exchangeRate, learningRate: learningRate(rate),
      hyperparameters: task.hyperparameters, targets: targets,
      limit: limit, isPruned: isPruned, evaluationEpisodes: task.evaluationEpisodes)
  }

  /// The learning rate at an index of the grid, rounded to three significant digits for
  /// readability; or the fixed one.
  func learningRate(_ rate: Double) -> Double {
    if let fixed = task.fixedRate { return fixed }
    let exact = task.learningRate.at(batch: batch) * pow(plan.learningRateFactor, rate)
    let scale = pow(10, 2 - floor(log10(exact)))
    return (exact * scale).rounded() / scale
  }
}

extension LearningRateCentre {
  /// ε(B) = ε* / (1 + B*/B)^α.
  public func at(batch: Int) -> Double {
    rate / pow(1 + self.batch / Double(batch), exponent)
  }
}

extension Cell {
  /// Takes all trials that the cell requests and that are stored.
  ///
  /// - Returns: the number of trials taken.
  mutating func receive(from stored: [String: TrialRecord]) throws(ArchiveError) -> Int {
    var count = 0
    while let found = open.lazy.compactMap({ stored[$0.id] }).first {
      _ = try receive(found)
      count += 1
    }
    return count
  }
}

extension TrialRecord {
  /// A single run that has just ended here.
  public init(_ outcome: TrialOutcome, of settings: TrialSettings) throws(ArchiveError) {
    self.init(
      id: try trialID(of: settings), settings: settings, outcome: outcome, provenance: .current)
  }

  /// A trial of a cell that has just ended here.
  init(_ outcome: TrialOutcome, of assignment: Cell.Assignment) {
    self.init(
      id: assignment.id, settings: assignment.settings, outcome: outcome,
      verdicts: assignment.verdicts, provenance: .current)
  }
}
