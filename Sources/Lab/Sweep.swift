public import Archive
public import Environments
public import Records

/// Runs the trials of a study: every task at every batch.
///
/// Trials run in parallel lanes, one trial at a time in each, on one thread; where fewer trials than
/// lanes are left, they get the threads of the others. The number of lanes and threads, the order
/// of trials and interruptions affect only the time, never the results: cells are independent, and the
/// next trials of a cell depend only on the results of its earlier ones. A trial in the archive is
/// never run again.
public struct Sweep: ~Copyable {
  /// An event of the sweep, for its observer.
  public enum Event: Sendable {
    /// The trials of the study so far. There is more to say about them if the study grows.
    case resumed(trials: Int, droppedBytes: Int)
    /// The study grows to a larger plan.
    case grows(GrowthForecast)
    case finished(FinishedTrial)
    case sealed
  }

  public struct FinishedTrial: Sendable {
    public var settings: TrialSettings
    public var outcome: TrialOutcome
    /// Finished cells and all cells, of those that this process runs.
    public var cellsDone: Int
    public var cells: Int
    /// Estimate of the seconds until the end; `nil` while too few trials are finished for one.
    public var secondsLeft: Double?
  }

  public enum End: Hashable, Sendable {
    /// The study is sealed: just now, or earlier with nothing to add.
    case sealed(justNow: Bool)
    /// The study is not sealed: cells are unfinished because other processes run them or the budget
    /// ended, or another process is still writing the study.
    case partial(cellsDone: Int, cells: Int)
  }

  /// An event from one of the lanes. It is reported on that lane's thread.
  public enum LaneNews: Sendable {
    /// A trial starts, or resumes after this many updates and observations.
    case began(TrialSettings, after: Updates, Observations)
    case progress(TrialProgress)
    /// A checkpoint was written, or the error that prevented it.
    case saved(ArchiveError?)
    /// The trial's checkpoint can't be used, so the trial starts from scratch.
    case discarded(ArchiveError)
    /// The lane has no trial to run at the moment.
    case rests
  }

  private var archive: StudyArchive
  private var cells: [Cell]
  /// Indices of the cells that this process runs.
  private let own: [Int]
  /// How many of them are done.
  private var ownDone = 0
  private var forecast: Forecast
  private let lanes: Int
  private let threads: Int?
  private let checkpointInterval: Duration
  private let catalogue: Catalogue
  /// Training observations, all trials together, after which no further trial starts.
  private let budget: Double
  /// Training observations of the trials so far.
  private var spent = 0.0

  /// Opens or creates the study in a folder.
  ///
  /// - Parameters:
  ///   - catalogue: has the tasks of the plan.
  ///   - given: the plan as its user wrote it, for the study's `plan.yaml`.
  ///   - cells: indices in the plan of the cells to run; other processes may run the others at the
  ///     same time, and the last process seals the study.
  ///   - threads: of every trial; if not given, one, and those of resting lanes.
  ///   - shard: number of the journal that this process writes.
  ///   - budget: training observations; once the trials of the study have taken as many, no further
  ///     one starts. Those that run then end.
  ///   - checkpointInterval: time between two checkpoints of a trial.
  public init(
    plan: StudyPlan, with catalogue: Catalogue, given: String = "", folder: String, lanes: Int,
    threads: Int? = nil, cells own: [Int]? = nil, shard: Int = 0, budget: Double = .infinity,
    checkpointInterval: Duration = .seconds(60)
  ) throws(ArchiveError) {
    var cells: [Cell] = []
    for task in plan.tasks {
      for size in task.cells { cells.append(try Cell(plan: plan, task: task, size: size)) }
    }
    archive = try StudyArchive(folder: folder, plan: plan, given: given, shard: shard)
    self.own = own ?? Array(cells.indices)
    self.cells = cells
    self.lanes = max(lanes, 1)
    self.threads = threads
    self.checkpointInterval = checkpointInterval
    self.catalogue = catalogue
    self.budget = budget
    forecast = Forecast(cells: cells, lanes: max(lanes, 1))
    for index in Set(cells.indices).subtracting(self.own) { _ = forecast.close(cell: index) }
  }

  /// Passes a cell the trials that it requests and that are in the archive.
  private mutating func replay(_ index: Int) throws(ArchiveError) {
    while let found = storedTrial(for: cells[index].open) {
      _ = try cells[index].receive(found)
      spent += found.observations
      forecast.note(cell: index, seconds: found.rows.first?.measured.totalSeconds ?? 0)
    }
    // Cells of other processes were closed at the start.
    if cells[index].stage == .done, forecast.close(cell: index) { ownDone += 1 }
    forecast.offer(cell: index)
  }

  private func storedTrial(for assignments: [Cell.Assignment]) -> TrialRecord? {
    for assignment in assignments {
      if let trial = archive[assignment.id] { return trial }
    }
    return nil
  }

  /// Runs the missing trials and seals the study.
  ///
  /// Cancelling the surrounding task ends it early with a `CancellationError`. Running trials are
  /// checkpointed and finished ones are kept; the next sweep of the same plan and folder resumes
  /// from there.
  public consuming func run(
    onEvent: (Event) -> Void, onLane: @escaping @Sendable (Int, LaneNews) -> Void = { _, _ in }
  ) async throws -> End {
    let stored = archive.trials
    let isGrowing = archive.growth != nil
    onEvent(
      .resumed(trials: isGrowing ? 0 : stored.count, droppedBytes: archive.droppedBytes))
    for index in cells.indices { try replay(index) }
    if let growth = archive.growth {
      onEvent(.grows(GrowthForecast(growth, cells, stored: Set(stored.map(\.id)))))
    }
    var running: Set<String> = []
    var free = Array((0..<lanes).reversed())
    var failure: ArchiveError?
    let (cores, fixed) = (SharedCores(lanes), threads)
    try await withThrowingTaskGroup(of: Result.self) { group in
      func start(_ job: Job) {
        running.insert(job.assignment.id)
        cores.begin(job.lane)
        group.addTask {
          defer { cores.end(job.lane) }
          let own = fixed.map(Threads.exactly) ?? .automatic { cores.share(of: job.lane) }
          return Self.runTrial(job, threads: own, report: onLane)
        }
      }
      while true {
        while !Task.isCancelled, let lane = free.last, let next = nextJob(lane, except: running) {
          free.removeLast()
          start(next)
        }
        guard let result = try await group.next() else { break }
        let lane = result.job.lane
        if case .success(let outcome) = result.end { spent += Double(outcome.observations.value) }
        // The lane starts its next trial before the result is on disk, unless the next trial
        // depends on it.
        if !Task.isCancelled, let next = nextJob(lane, except: running) {
          start(next)
        } else {
          free.append(lane)
          onLane(lane, .rests)
        }
        running.remove(result.job.assignment.id)
        switch result.end {
        case .success(let outcome): onEvent(.finished(try store(outcome, of: result.job)))
        case .failure(let interruption): failure = interruption.failure ?? failure
        }
      }
    }
    if let failure { throw failure }
    try Task.checkCancellation()
    let end = try finish()
    if case .sealed = end { onEvent(.sealed) }
    return end
  }

  /// Seals the study if all cells are done.
  private mutating func finish() throws(ArchiveError) -> End {
    if own.count < cells.count {
      try archive.refresh()
      for index in cells.indices { try replay(index) }
    }
    let done = cells.count { $0.stage == .done }
    let partial = End.partial(cellsDone: done, cells: cells.count)
    guard done == cells.count else { return partial }
    do {
      return .sealed(justNow: try archive.seal(asked: cells.asked))
    } catch {
      guard case .busy = error, own.count < cells.count else { throw error }
      return partial
    }
  }

  private struct Job: Sendable {
    var lane: Int
    var cell: Int
    var assignment: Cell.Assignment
    var task: CatalogueEntry
    var checkpoints: Checkpoints
  }

  private struct Result: Sendable {
    var job: Job
    var end: Swift.Result<TrialOutcome, TrialInterrupted>
  }

  /// The next trial of the cell with the most work left.
  private mutating func nextJob(_ lane: Int, except running: Set<String>) -> Job? {
    guard spent < budget else { return nil }
    let cells = cells
    func waiting(_ index: Int) -> Cell.Assignment? {
      cells[index].open.first { !running.contains($0.id) }
    }
    guard let index = forecast.next(where: { waiting($0) != nil }),
      let assignment = waiting(index), let task = catalogue[cells[index].task.task]
    else { return nil }
    return Job(
      lane: lane, cell: index, assignment: assignment, task: task,
      checkpoints: Checkpoints(
        file: archive.checkpoint(of: assignment.id), interval: checkpointInterval,
        // Repeating a run of less than a second is quicker than resuming it.
        shortestRun: min(checkpointInterval, .seconds(1))))
  }

  private static func runTrial(
    _ job: Job, threads: Threads, report: @Sendable (Int, LaneNews) -> Void
  ) -> Result {
    let trial = begin(job) { report(job.lane, .discarded($0)) }
    report(job.lane, .began(job.assignment.settings, after: trial.updates, trial.observations))
    do throws(TrialInterrupted) {
      let outcome = try trial.run(checkpoints: job.checkpoints, threads: threads) {
        report(job.lane, .progress($0))
      } onCheckpoint: {
        report(job.lane, .saved($0))
      }
      return Result(job: job, end: .success(outcome))
    } catch {
      return Result(job: job, end: .failure(error))
    }
  }

  /// The trial, resumed from its checkpoint or from scratch.
  private static func begin(_ job: Job, onDiscard: (ArchiveError) -> Void) -> Trial {
    let (settings, file) = (job.assignment.settings, job.checkpoints.file)
    do throws(ArchiveError) {
      if try CheckpointFile.exists(file) {
        return try Trial(settings, task: job.task, resuming: file)
      }
    } catch {
      onDiscard(error)
    }
    return Trial(settings, task: job.task)
  }

  /// Makes a finished trial durable and passes it to its cell.
  private mutating func store(
    _ outcome: TrialOutcome, of job: Job
  ) throws(ArchiveError) -> FinishedTrial {
    let settings = job.assignment.settings
    let trial = TrialRecord(outcome, of: job.assignment)
    try archive.append(trial)
    _ = try cells[job.cell].receive(trial)
    forecast.note(cell: job.cell, seconds: outcome.seconds)
    try replay(job.cell)
    return FinishedTrial(
      settings: settings, outcome: outcome,
      cellsDone: ownDone, cells: own.count,
      secondsLeft: forecast.secondsLeft)
  }
}
