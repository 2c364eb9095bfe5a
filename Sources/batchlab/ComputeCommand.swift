internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Lab
internal import Records

/// `batchlab compute`
struct ComputeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compute",
    abstract: "Show the operations of targets and studies, counted and estimated from seconds.",
    discussion: """
      The networks' operations are counted by convention (2·inputs·outputs per layer forward, \
      twice that backward) and as executed. The estimate is seconds × peak × utilization. \
      Peak and utilization are measured now with one workload, so there is an estimate only on the \
      processor that ran the study.

      Example: batchlab compute Results/quick
      """)

  @Argument(help: "A study's folder.")
  var study: String
  @Flag(help: "Print one JSON document to standard output.")
  var json = false
  @Option(help: "Seconds to spend on measuring the utilization; 0 to skip it.")
  var seconds = 1.0

  func run() throws {
    try check("--seconds", seconds, 0...600)
    let account = try ComputeAccount(Reading.study(study, json: json), seconds: seconds)
    if json { try printJSON(account) } else { account.show() }
  }
}

/// The operations of a study's targets and cells.
struct ComputeAccount: Encodable {
  struct Target: Encodable {
    @Nullable var task: String?
    @Nullable var variant: String?
    @Nullable var target: String?
    var compute: ComputeToTarget
  }

  struct Cell: Encodable {
    var task: String
    @Nullable var variant: String?
    /// The first batch, if the batch follows the noise scale at the exchange rate.
    var batch: Int
    @Nullable var exchangeRate: Double?
    var observations: Int
    var operations: Int
    var operationsExecuted: Int
    var evaluationOperations: Int
    var evaluationOperationsExecuted: Int
    var petaflopSDays: Double
    /// Seconds of training.
    var seconds: Double
    /// seconds × peak × utilization, to compare with `operationsExecuted`.
    @Nullable var operationsFromSeconds: Double?
  }

  var targets: [Target]
  var cells: [Cell]
  /// Measured now on this machine; `nil` if the study ran on another processor or `--seconds` is 0.
  @Nullable var peakGflops: Double?
  @Nullable var utilization: Double?
  private var unmeasured: String?

  init(_ study: Study, seconds: Double) throws {
    targets = fits(of: study.trials).compactMap { fit in
      fit.compute.map {
        Target(
          task: fit.question.task, variant: fit.question.variant, target: fit.question.target?.text,
          compute: $0)
      }
    }
    let all = CellCompute.cells(of: study.trials)
    let isHere = !all.isEmpty && all.allSatisfy { $0.processors == [Utilization.cpu] }
    let measured =
      isHere && seconds > 0 ? try Utilization(seconds: seconds, with: BatchLab.catalogue) : nil
    peakGflops = measured.map { $0.peak / 1e9 }
    utilization = measured?.share
    unmeasured =
      measured != nil
      ? nil
      : isHere
        ? "not measured, because of --seconds 0"
        : "not measured, because the study ran on another processor"
    cells = all.map { cell in
      var own = Cell(cell)
      own.operationsFromSeconds = measured.map {
        cell.operations(peak: $0.peak, utilization: $0.share)
      }
      return own
    }
  }

  private enum CodingKeys: CodingKey { case targets, cells, peakGflops, utilization }

  func show() {
    if !targets.isEmpty {
      Table.show(
        [
          "task", "target", "operations/observation", "executed", "C_min, operations",
          "petaflop/s-days",
        ],
        targets.map { target in
          let compute = target.compute
          return [
            target.task.map { TaskVariant($0, target.variant).description } ?? "",
            target.target ?? "",
            Format.number(compute.operationsPerObservation),
            Format.number(compute.executedPerObservation),
            Format.interval(compute.minimumOperations),
            Format.interval(compute.minimumPetaflopDays),
          ]
        }, left: [0, 1])
    }
    standardOutput("")
    Table.show(
      [
        "training", "batch", "operations", "executed", "seconds", "from seconds", "/executed",
      ], (cells.map(\.row) + [total]), left: [0])
    standardOutput(
      "evaluation: \(Format.number(Double(sum(\.evaluationOperations)))) operations,"
        + " \(Format.number(Double(sum(\.evaluationOperationsExecuted)))) executed; training:"
        + " \(Format.number(Double(sum(\.operations)) / operationsPerPetaflopDay)) petaflop/s-days")
    if let peakGflops, let utilization {
      standardOutput(
        "from seconds: seconds × a peak of \(Format.number(peakGflops)) · 10⁹ operations/s per"
          + " core × a utilization of \(Format.number(utilization)), measured just now on"
          + " grid-goal-8")
    }
    if let unmeasured { standardOutput("from seconds: \(unmeasured)") }
  }

  private func sum(_ count: (Cell) -> Int) -> Int { cells.reduce(0) { $0.adding(count($1)) } }

  private var total: [any TableCell] {
    let fromSeconds = cells.compactMap(\.operationsFromSeconds)
    let sumFromSeconds = fromSeconds.isEmpty ? nil : fromSeconds.reduce(0, +)
    let executed = Double(sum(\.operationsExecuted))
    return [
      "all", "", Format.number(Double(sum(\.operations))), Format.number(executed),
      Format.number(cells.reduce(0) { $0 + $1.seconds }), Format.number(sumFromSeconds),
      Format.number(executed > 0 ? sumFromSeconds.map { $0 / executed } : nil),
    ]
  }
}

extension ComputeAccount.Cell {
  init(_ cell: CellCompute) {
    (task, variant) = (cell.task, cell.variant)
    batch = cell.size.batch
    exchangeRate = cell.size.exchangeRate
    observations = cell.observations
    operations = cell.training.conventional
    operationsExecuted = cell.training.executed
    evaluationOperations = cell.evaluation.conventional
    evaluationOperationsExecuted = cell.evaluation.executed
    petaflopSDays = Double(cell.training.conventional) / operationsPerPetaflopDay
    seconds = cell.seconds
  }

  var row: [any TableCell] {
    [
      TaskVariant(task, variant).description, CellSize(batch: batch, exchangeRate: exchangeRate),
      Format.number(Double(operations)),
      Format.number(Double(operationsExecuted)), Format.number(seconds),
      Format.number(operationsFromSeconds),
      Format.number(
        operationsExecuted > 0
          ? operationsFromSeconds.map { $0 / Double(operationsExecuted) } : nil),
    ]
  }
}
