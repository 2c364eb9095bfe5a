public import Archive
internal import Environments
public import Records

/// Runs a study: every task at every batch, in lanes, each lane one trial at a time.
///
/// Lanes, order and interruptions change nothing but the time: cells are independent, and what
/// a cell does next depends on the results of its trials only. A trial that is in the archive
/// is never run again.
public struct Sweep: ~Copyable {
  /// What happened, for whoever watches.
  public enum Event: Sendable {
    case resumed(trials: Int, droppedBytes: Int)
    case finished(FinishedTrial)
    case sealed
  }

  public struct FinishedTrial: Sendable {
    public var settings: TrialSettings
    public var outcome: TrialOutcome
    /// Cells that are done, and all cells.
    public var cellsDone: Int
    public var cells: Int
    /// Estimate of the seconds until the end.
    public var secondsLeft: Double
  }

  public enum End: Sendable {
    case sealed
    /// All that was selected is done, but not the whole plan.
    case partial
  }

  private var archive: StudyArchive
  private var cells: [Cell]
  private var forecast: Forecast
  private let lanes: Int
  /// Tasks whose cells are run; `nil`: all.
  private let selection: Set<String>?
  private let provenance: Provenance

  /// Opens or begins the study in a folder.
  ///
  /// - Parameters:
  ///   - given: the plan as its user wrote it, for the study's `plan.yaml`.
  ///   - tasks: run only the cells of these; the study is sealed once all are done.
  public init(
    plan: StudyPlan, given: String = "", folder: String, lanes: Int, tasks: Set<String>? = nil
  ) throws(ArchiveError) {
    var cells: [Cell] = []
    for task in plan.tasks {
      for batch in task.batches { cells.append(try Cell(plan: plan, task: task, batch: batch)) }
    }
    archive = try StudyArchive(folder: folder, plan: plan, given: given)
    self.cells = cells
    self.lanes = max(lanes, 1)
    selection = tasks
    provenance = .current()
    forecast = Forecast(cells: cells, lanes: max(lanes, 1))
  }

  /// Hands a cell the trials that it asks for and that are in the archive.
  private mutating func replay(_ index: Int) throws(ArchiveError) {
    while let found = storedTrial(for: cells[index].open) {
      _ = try cells[index].receive(found)
      forecast.note(cell: index, seconds: found.rows.first?.measured.totalSeconds ?? 0)
    }
    if cells[index].stage == .done { forecast.close(cell: index) }
  }

  private func storedTrial(for assignments: [Cell.Assignment]) -> StoredTrial? {
    for assignment in assignments {
      if let trial = archive[assignment.id] { return trial }
    }
    return nil
  }

  /// Runs what is missing and seals the study.
  ///
  /// Cancelling the surrounding task ends it early with a `CancellationError`: what is running
  /// is dropped, what is done is kept, and the next sweep of the same plan and folder goes on
  /// from there.
  public consuming func run(onEvent: (Event) -> Void) async throws -> End {
    onEvent(.resumed(trials: archive.trials.count, droppedBytes: archive.droppedBytes))
    for index in cells.indices { try replay(index) }
    var running: Set<String> = []
    try await withThrowingTaskGroup(of: Result.self) { group in
      func start(_ job: Job) {
        running.insert(job.assignment.id)
        group.addTask { try Self.runTrial(job) }
      }
      while true {
        while running.count < lanes, !Task.isCancelled, let next = nextTrial(except: running) {
          start(next)
        }
        guard let result = try await group.next() else { break }
        // The lane goes on before its result is on the disk, where it needn't know it.
        if !Task.isCancelled, let next = nextTrial(except: running) { start(next) }
        running.remove(result.job.assignment.id)
        guard let outcome = result.outcome else { continue }
        onEvent(.finished(try store(outcome, of: result.job)))
      }
    }
    try Task.checkCancellation()
    guard cells.allSatisfy({ $0.stage == .done }) else { return .partial }
    try archive.seal()
    onEvent(.sealed)
    return .sealed
  }

  private struct Job: Sendable {
    var cell: Int
    var assignment: Cell.Assignment
    var task: CatalogueEntry
  }

  private struct Result: Sendable {
    var job: Job
    /// `nil`: interrupted.
    var outcome: TrialOutcome?
  }

  /// The next trial of the cell with the most work left.
  private func nextTrial(except running: Set<String>) -> Job? {
    let order = cells.indices.sorted { forecast.left(cell: $0) > forecast.left(cell: $1) }
    for index in order where selection?.contains(cells[index].task.task) != false {
      guard let assignment = cells[index].open.first(where: { !running.contains($0.id) }),
        let task = try? task(named: cells[index].task.task)
      else { continue }
      return Job(cell: index, assignment: assignment, task: task)
    }
    return nil
  }

  private static func runTrial(_ job: Job) throws -> Result {
    do throws(TrialInterrupted) {
      let outcome = try Trial(job.assignment.settings, task: job.task).run()
      return Result(job: job, outcome: outcome)
    } catch {
      return Result(job: job, outcome: nil)
    }
  }

  /// Makes a finished trial durable and tells its cell.
  private mutating func store(
    _ outcome: TrialOutcome, of job: Job
  ) throws(ArchiveError) -> FinishedTrial {
    let (id, settings) = (job.assignment.id, job.assignment.settings)
    let trial = try StoredTrial(
      rows: outcome.crossings.map { crossing in
        TrialRow(
          settings: settings,
          result: TrialResult(
            trial: id, settings: settings, crossing: crossing,
            rateVerdict: job.assignment.verdicts[crossing.target], outcome: outcome),
          measured: TrialMeasured(crossing: crossing, outcome: outcome, provenance: provenance))
      },
      curve: outcome.curve.map { CurveRow(trial: id, settings: settings, point: $0) })
    try archive.append(trial)
    _ = try cells[job.cell].receive(trial)
    forecast.note(cell: job.cell, seconds: outcome.seconds)
    try replay(job.cell)
    return FinishedTrial(
      settings: settings, outcome: outcome,
      cellsDone: cells.count { $0.stage == .done }, cells: cells.count,
      secondsLeft: forecast.secondsLeft)
  }
}

/// How long the rest of a sweep will take, from what has been measured so far. It orders the
/// work and feeds the display; results don't depend on it.
struct Forecast {
  private struct Entry {
    var task: String
    var expected: Int
    var finished = 0
    var seconds = 0.0
    var isDone = false
  }

  /// Rates that a search usually tries: 3 to 6, and 3.9 in the mean of 24 cells.
  static let usualRounds = 4

  private var entries: [Entry]
  private let lanes: Int

  init(cells: [Cell], lanes: Int) {
    entries = cells.map {
      Entry(
        task: $0.task.task,
        expected: Self.usualRounds * $0.plan.tuningSeeds + $0.plan.measuringSeeds)
    }
    self.lanes = lanes
  }

  mutating func note(cell: Int, seconds: Double) {
    entries[cell].finished += 1
    entries[cell].seconds += seconds
  }

  mutating func close(cell: Int) { entries[cell].isDone = true }

  /// Seconds of work that a cell probably still needs: from its own trials, else from those of
  /// its task, else a second each.
  func left(cell: Int) -> Double {
    let entry = entries[cell]
    guard !entry.isDone else { return 0 }
    let trials = Double(max(entry.expected - entry.finished, 1))
    if entry.finished > 0 { return trials * entry.seconds / Double(entry.finished) }
    let kin = entries.filter { $0.task == entry.task && $0.finished > 0 }
    let finished = kin.reduce(0) { $0 + $1.finished }
    guard finished > 0 else { return trials * Double(cell + 1) }
    return trials * kin.reduce(0) { $0 + $1.seconds } / Double(finished)
  }

  var secondsLeft: Double {
    entries.indices.reduce(0) { $0 + left(cell: $1) } / Double(lanes)
  }
}
