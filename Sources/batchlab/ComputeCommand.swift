internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Lab
internal import Records

/// `batchlab compute`
struct ComputeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compute",
    abstract: "What targets and studies cost in operations, counted and from their seconds.",
    discussion: """
      Counted: what the trials' networks computed, by convention (2·inputs·outputs per layer \
      forward, twice that backward) and as it was executed. From the seconds: seconds × peak × \
      utilization, both of which it measures now, so only on the processor of the study. \
      Example: batchlab compute Results/quick
      """)

  @Argument(help: "A study's folder.")
  var study: String
  @Flag(help: "One JSON document on standard output.")
  var json = false
  @Option(help: "Seconds for which the utilization at each batch is measured; 0: not at all.")
  var seconds = 0.2

  func run() throws {
    try check("--seconds", seconds, 0...600)
    let study = try refusing(Refusal.failure) { () throws(ArchiveError) in
      try Study(folder: self.study)
    }
    let account = try ComputeAccount(study, seconds: seconds)
    if json { try printJSON(account) } else { account.show() }
  }
}

/// The operations of a study's targets and cells, under the names of their JSON.
struct ComputeAccount: Encodable {
  struct Target: Encodable {
    @Nullable var task: String?
    @Nullable var target: String?
    var compute: ComputeToTarget
  }

  struct Cell: Encodable {
    var task: String
    var batch: Int
    var observations: Int
    var operations: Int
    var operations_executed: Int
    var evaluation_operations: Int
    var evaluation_operations_executed: Int
    var petaflop_s_days: Double
    /// Of training.
    var seconds: Double
    /// The machine's, measured now; `null` where the study ran on another one.
    @Nullable var peak_gflops: Double?
    @Nullable var utilization: Double?
    /// seconds × peak × utilization, to be held against `operations_executed`.
    @Nullable var operations_from_seconds: Double?
  }

  var targets: [Target]
  var cells: [Cell]

  init(_ study: Study, seconds: Double) throws {
    targets = FittedGroup.fits(of: study.rows, study: study.folder, resamples: 2000).compactMap {
      fit in
      fit.report.compute.map {
        Target(task: fit.report.task, target: fit.report.target, compute: $0)
      }
    }
    cells = try CellCompute.cells(of: study.rows).map { cell in
      var own = Cell(cell)
      let task = study.plan.tasks.first { $0.task == cell.task }
      guard let task, seconds > 0, cell.processors == [Utilization.cpu] else { return own }
      let measured = try Utilization(
        of: study.plan, task: task, batch: cell.batch, seconds: seconds)
      own.peak_gflops = measured.peak / 1e9
      own.utilization = measured.share
      own.operations_from_seconds = cell.operations(
        peak: measured.peak, utilization: measured.share)
      return own
    }
  }

  func show() {
    if !targets.isEmpty {
      print(
        Text.table(
          [
            "task", "target", "operations/observation", "executed", "C_min, operations",
            "petaflop/s-days",
          ],
          targets.map { target in
            let compute = target.compute
            return [
              target.task ?? "", target.target ?? "",
              Text.number(compute.operationsPerObservation),
              Text.number(compute.executedPerObservation),
              Text.interval(compute.minimumOperations),
              Text.interval(compute.minimumPetaflopDays),
            ]
          }, left: [0, 1]))
    }
    print("")
    print(
      Text.table(
        [
          "training", "batch", "operations", "executed", "seconds", "peak, 10⁹/s", "utilization",
          "from seconds", "/executed",
        ], (cells.map(\.row) + [total]), left: [0]))
    print(
      "evaluation \(Text.number(Double(sum(\.evaluation_operations)))) operations, executed"
        + " \(Text.number(Double(sum(\.evaluation_operations_executed)))); training"
        + " \(Text.number(Double(sum(\.operations)) / operationsPerPetaflopDay)) petaflop/s-days")
    if cells.contains(where: { $0.utilization == nil }) {
      print("no utilization where the study ran on another processor than this one")
    }
  }

  private func sum(_ count: (Cell) -> Int) -> Int { cells.reduce(0) { $0 + count($1) } }

  /// All cells, with the ratio of those whose utilization is known.
  private var total: [String] {
    let known = cells.filter { $0.operations_from_seconds != nil }
    let fromSeconds = known.reduce(0) { $0 + ($1.operations_from_seconds ?? 0) }
    let executed = known.reduce(0) { $0 + $1.operations_executed }
    return [
      "all", "", Text.number(Double(sum(\.operations))),
      Text.number(Double(sum(\.operations_executed))),
      Text.number(cells.reduce(0) { $0 + $1.seconds }), "", "",
      Text.number(known.isEmpty ? nil : fromSeconds),
      Text.number(executed > 0 ? fromSeconds / Double(executed) : nil),
    ]
  }
}

extension ComputeAccount.Cell {
  init(_ cell: CellCompute) {
    task = cell.task
    batch = cell.batch
    observations = cell.observations
    operations = cell.training.conventional
    operations_executed = cell.training.executed
    evaluation_operations = cell.evaluation.conventional
    evaluation_operations_executed = cell.evaluation.executed
    petaflop_s_days = Double(cell.training.conventional) / operationsPerPetaflopDay
    seconds = cell.seconds
  }

  var row: [String] {
    [
      task, Text.grouped(batch), Text.number(Double(operations)),
      Text.number(Double(operations_executed)), Text.number(seconds), Text.number(peak_gflops),
      Text.number(utilization), Text.number(operations_from_seconds),
      Text.number(operations_from_seconds.map { $0 / Double(operations_executed) }),
    ]
  }
}
