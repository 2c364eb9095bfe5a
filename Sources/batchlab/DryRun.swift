internal import Archive
internal import Lab
internal import Records

/// What a sweep would run, and what that would probably cost. Nothing is written.
struct DryRun: Encodable {
  var lanes: Int
  /// Estimates of observations and seconds hold within this factor.
  var uncertainty: Double
  var trials_done, trials_left: Int
  var observations: Double
  /// With all lanes.
  var seconds: Double
  var bytes: Double
  var cells: [CellEstimate]

  init(_ estimate: SweepEstimate, lanes: Int) {
    self.lanes = lanes
    uncertainty = SweepEstimate.uncertainty
    cells = estimate.cells
    trials_done = cells.reduce(0) { $0 + $1.trialsDone }
    trials_left = cells.reduce(0) { $0 + $1.trialsLeft }
    observations = cells.reduce(0) { $0 + $1.observations }
    seconds = cells.reduce(0) { $0 + $1.seconds } / Double(lanes)
    bytes = cells.reduce(0) { $0 + $1.bytes }
  }

  func show() {
    print(
      Text.table(
        [
          "cell", "task", "batch", "environments × horizon", "targets", "done", "trials left",
          "observations", "time", "disk",
        ],
        cells.map {
          [
            "\($0.index)", $0.task,
            Text.size(CellSize(batch: $0.batch, exchangeRate: $0.exchangeRate)),
            "\(Text.grouped($0.numEnvs)) × \($0.numSteps)",
            $0.targets.map(short).joined(separator: " "), Text.grouped($0.trialsDone),
            Text.grouped($0.trialsLeft), Text.number($0.observations), Text.seconds($0.seconds),
            Text.bytes($0.bytes),
          ]
        }, left: [1, 4]))
    print(
      "\n\(Text.counted(cells.count, "cell")), \(Text.counted(trials_done, "trial")) done, about"
        + " \(Text.grouped(trials_left)) left: \(Text.number(observations)) observations,"
        + " \(Text.seconds(seconds)) in \(Text.counted(lanes, "lane")),"
        + " \(Text.bytes(bytes)). Observations and time hold within a factor of"
        + " \(short(uncertainty)), times of cells are those of one lane. Nothing was written.")
  }
}
