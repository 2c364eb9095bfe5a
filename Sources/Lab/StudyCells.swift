public import Archive
public import Records

extension [Cell] {
  /// The trials that the cells have asked for, by id, and the verdicts on their learning rates.
  var asked: [String: [Double: RateVerdict]] {
    var asked: [String: [Double: RateVerdict]] = [:]
    for assignment in lazy.flatMap(\.asked) { asked[assignment.id] = assignment.verdicts }
    return asked
  }
}

extension Study {
  /// The plan's cells, as far as the study's trials take them.
  func cells() throws(ArchiveError) -> [Cell] {
    let stored = trialsByID
    var cells: [Cell] = []
    for task in plan.tasks {
      for size in task.cells {
        var cell = try Cell(plan: plan, task: task, size: size)
        _ = try cell.receive(from: stored)
        cells.append(cell)
      }
    }
    return cells
  }

  /// Unfinished cells of each task or variant, by its name.
  public func openCells() throws(ArchiveError) -> [TaskVariant: [CellSize]] {
    let open = try cells().filter { $0.stage != .done }
    return Dictionary(grouping: open, by: \.task.name).mapValues { $0.map(\.size) }
  }

  /// Puts the studies to which a study has grown into its place, if all their cells are done. A
  /// sweep does so itself, unless other processes were writing when it ended.
  public static func finishGrowth(of folder: String) throws(ArchiveError) {
    for growth in try growths(of: folder) {
      let study = try Study(folder: growth)
      guard study.plan.numerics == numericsVersion else { continue }
      let cells = try study.cells()
      guard cells.allSatisfy({ $0.stage == .done }),
        (try? existing(in: folder, of: study.plan))?.growth != nil
      else { continue }
      var archive = try StudyArchive(folder: folder, plan: study.plan)
      try archive.seal(asked: cells.asked)
    }
  }

  /// Unfinished cells of each task or variant, by its name; `nil` for a study of another version of the
  /// numerics, whose learning-rate search may have tried other rates.
  public func knownOpenCells() throws(ArchiveError) -> [TaskVariant: [CellSize]]? {
    guard plan.numerics == numericsVersion else { return nil }
    return try openCells()
  }

  /// Number of unfinished cells; `nil` if it isn't known.
  public func openCellCount() throws(ArchiveError) -> Int? {
    try knownOpenCells()?.values.reduce(0) { $0 + $1.count }
  }

  var trialsByID: [String: TrialRecord] {
    Dictionary(uniqueKeysWithValues: trials.map { ($0.id, $0) })
  }

  /// Tasks and variants of the plan without a measured run, in the plan's order.
  public var unmeasuredTasks: [TaskVariant] {
    let measured = Set(
      trials.lazy.filter { $0.settings.role == .measuring }.map(\.settings.taskVariant))
    return plan.tasks.map(\.name).filter { !measured.contains($0) }
  }
}
