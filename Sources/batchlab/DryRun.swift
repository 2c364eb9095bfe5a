internal import Lab
internal import Records

/// The cells that a sweep would run, with estimates of their cost.
struct DryRun: Encodable {
  var lanes: Int
  /// Factor within which the estimates of observations and seconds are right.
  var uncertainty: Double
  var trialsDone, trialsLeft: Int
  var observations: Double
  /// Seconds with all lanes.
  var seconds: Double
  var bytes: Double
  var cells: [CellEstimate]
  /// If the study of a smaller plan grows: what that means.
  @Nullable var growth: GrowthForecast?
  /// Why a verdict or narrow intervals are unlikely.
  var doubts: [String]

  init(_ estimate: SweepEstimate, growth: GrowthForecast?, doubts: [String], lanes: Int) {
    self.growth = growth
    self.doubts = doubts
    self.lanes = lanes
    uncertainty = SweepEstimate.uncertainty
    cells = estimate.cells
    trialsDone = cells.reduce(0) { $0 + $1.trialsDone }
    trialsLeft = cells.reduce(0) { $0 + $1.trialsLeft }
    observations = cells.reduce(0) { $0 + $1.observations }
    seconds = cells.reduce(0) { $0 + $1.seconds } / Double(lanes)
    bytes = cells.reduce(0) { $0 + $1.bytes }
  }

  func show() {
    if let growth { standardOutput("The study grows: \(growth).\n") }
    Table.show(
      [
        "cell", "task", "batch", "environments × horizon", "targets", "done", "trials left",
        "observations", "time", "disk",
      ],
      cells.map {
        [
          "\($0.index)", TaskVariant($0.task, $0.variant).description,
          CellSize(batch: $0.batch, exchangeRate: $0.exchangeRate),
          "\(Format.grouped($0.numEnvs)) × \($0.numSteps)",
          $0.targets.map(Format.shortest).joined(separator: " "), Format.grouped($0.trialsDone),
          Format.grouped($0.trialsLeft), Format.number($0.observations),
          Format.seconds($0.seconds),
          Format.bytes($0.bytes),
        ]
      }, left: [1, 4])
    standardOutput(
      "\n\(Format.counted(cells.count, "cell")), \(Format.counted(trialsDone, "trial")) done, about"
        + " \(Format.grouped(trialsLeft)) left: \(Format.number(observations)) observations,"
        + " \(Format.seconds(seconds)) with \(Format.counted(lanes, "trial")) at a time,"
        + " \(Format.bytes(bytes)). Observations and times are accurate to within a"
        + " factor of \(Format.shortest(uncertainty)); times of cells are for one trial at a time."
        + " Nothing was written.")
    for doubt in doubts { standardOutput(doubt) }
  }
}
