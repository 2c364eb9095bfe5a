internal import Archive
internal import Lab
internal import Records

/// What a sweep would run, and what that would probably cost. Nothing is written.
struct DryRun: Encodable {
  var lanes: Int
  /// Estimates of observations and seconds hold within this factor.
  var uncertainty: Double
  var trialsDone, trialsLeft: Int
  var observations: Double
  /// With all lanes.
  var seconds: Double
  var bytes: Double
  var cells: [CellEstimate]

  init(_ estimate: SweepEstimate, lanes: Int) {
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
    print(
      Table.text(
        [
          "cell", "task", "batch", "environments × horizon", "targets", "done", "trials left",
          "observations", "time", "disk",
        ],
        cells.map {
          [
            "\($0.index)", $0.task,
            CellSize(batch: $0.batch, exchangeRate: $0.exchangeRate),
            "\(Format.grouped($0.numEnvs)) × \($0.numSteps)",
            $0.targets.map(Format.shortest).joined(separator: " "), Format.grouped($0.trialsDone),
            Format.grouped($0.trialsLeft), Format.number($0.observations),
            Format.seconds($0.seconds),
            Format.bytes($0.bytes),
          ]
        }, left: [1, 4]))
    print(
      "\n\(Format.counted(cells.count, "cell")), \(Format.counted(trialsDone, "trial")) done, about"
        + " \(Format.grouped(trialsLeft)) left: \(Format.number(observations)) observations,"
        + " \(Format.seconds(seconds)) in \(Format.counted(lanes, "lane")),"
        + " \(Format.bytes(bytes)). Observations and time hold within a factor of"
        + " \(Format.shortest(uncertainty)), times of cells are those of one lane. Nothing was written."
    )
  }
}
