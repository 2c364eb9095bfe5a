internal import Archive
internal import ArgumentParser
internal import Lab
internal import Records

/// How the trials of a plan are run: the options of `sweep` and `replicate` that change no result.
struct RunOptions: ParsableArguments {
  @Option(
    help: """
      Number of trials to run at a time, each on one core unless --threads says otherwise. Default: \
      as many cores as the machine, Slurm and the control group allow.
      """)
  var lanes: Int?
  @Option(
    help: """
      Number of threads of each trial, or auto: one, or more if that is faster and fewer trials \
      than --lanes are left. Results don't depend on it.
      """)
  var threads = "auto"
  @Option(
    help: """
      i/n, with i from 0: run every n-th cell (a cell is one task at one batch). Other processes \
      run the rest.
      """)
  var shard: String?
  @Option(help: "n: the same as --shard i/n, with i from the scheduler's job array.")
  var shards: Int?
  @Option(help: "Seconds between the checkpoints of a trial.")
  var checkpointSeconds = 60.0
  @Option(help: "Folder for TensorBoard event files, one per trial.")
  var tensorboard: String?
  @Flag(help: "List the cells with estimates of their cost, and write nothing.")
  var dryRun = false
  @Flag(help: "With --dry-run: print one JSON document to standard output.")
  var json = false

  /// Refuses options that make no sense, before anything is read.
  func checkOptions() throws(Refusal) {
    if json, !dryRun { throw .usage("--json works only with --dry-run") }
    try checkFolder(tensorboard, of: "--tensorboard")
  }

  /// Runs the trials of a plan that are missing in a folder, and prints the results.
  ///
  /// - Parameters:
  ///   - given: The plan as its user wrote it.
  ///   - tasks: The tasks of the plan to run now; `nil` for all.
  /// - Returns: The study; `nil` after a dry run.
  @discardableResult
  func run(
    _ resolved: StudyPlan, given: String, in folder: String, tasks selected: Set<String>? = nil
  ) async throws -> Study? {
    try showGrowths(of: folder, besides: resolved)
    try check("--lanes", lanes.map(Double.init), 1...1024)
    try check("--checkpoint-seconds", checkpointSeconds, 0...1e9)
    let limits = LaneLimits.current()
    if let lanes, lanes > limits.cores {
      standardError(
        "this machine has \(Format.counted(limits.cores, "core")), so at most that many trials run at a time"
      )
    }
    let lanes = min(lanes ?? limits.lanes, limits.cores)
    let threads = try ThreadOptions.count(threads)
    let shard = try chosenShard()
    let cells = resolved.cellIndices(tasks: selected, shard: shard)
    if dryRun {
      try estimate(resolved, folder: folder, lanes: lanes, cells: cells)
      return nil
    }
    let interval = Duration.seconds(checkpointSeconds)
    let start = ContinuousClock.now
    let events = tensorboard.map { EventFolder($0) }
    let result = try await interruptible { () async throws -> Sweep.End in
      let display = SweepDisplay(folder, doubts: SweepDoubts.sentences(about: resolved))
      let sweep = try Sweep(
        plan: resolved, with: BatchLab.catalogue, given: given, folder: folder, lanes: lanes,
        threads: threads, cells: cells, shard: shard?.index ?? 0, checkpointInterval: interval)
      return try await sweep.run {
        display.show($0)
      } onLane: {
        display.show(lane: $0, $1)
        events?.note(lane: $0, $1)
      }
    }
    guard case .finished(let end) = result else {
      throw result.refusal(
        saying: "stopped; \(folder) holds the finished trials and checkpoints of the running ones;"
          + " run the same command to continue", isSaved: true)
    }
    let study = try Study.existing(in: folder, of: resolved) ?? Study(folder: folder)
    try SweepTables.show(study)
    standardOutput("")
    let seconds = start.duration(to: .now) / .seconds(1)
    switch end {
    case .sealed(justNow: false):
      standardOutput("\(folder) is already sealed, digest \(study.digest ?? "")")
    case .sealed:
      standardOutput("sealed \(folder) in \(Format.seconds(seconds)), digest \(study.digest ?? "")")
    case .partial(let done, let cells) where done < cells:
      let left = "\(cells - done) of \(Format.counted(cells, "cell"))"
      standardOutput("\(folder) is not finished: \(left) are left")
    case .partial:
      standardOutput(
        "\(folder) is finished, but another process is still writing to it; when that process"
          + " has ended, run `batchlab archive merge \(folder)` to seal it")
    }
    return study
  }

  /// Says that the study has begun to grow to other plans than the given one.
  private func showGrowths(of folder: String, besides plan: StudyPlan) throws {
    guard !folder.isEmpty else { return }
    for growth in try Study.growths(of: folder) where (try? PlanPlace(growth).stored) != plan {
      standardError(
        "growth of \(folder) to a larger plan has been started; to continue it, run"
          + " `batchlab sweep \(growth)`")
    }
  }

  /// The shard that this process runs; `nil` for all cells.
  private func chosenShard() throws(Refusal) -> Shard? {
    if let shard {
      guard shards == nil else { throw .usage("--shard already gives n: leave out --shards") }
      guard let chosen = Shard(shard) else {
        throw .usage("--shard takes i/n with 0 ≤ i < n, such as 0/4, not '\(shard)'")
      }
      return chosen
    }
    try check("--shards", shards.map(Double.init), 1...1e6)
    guard let shards else { return nil }
    guard let found = Shard.index(in: Shell.current.environment) else {
      throw .usage(
        "--shards \(shards) needs the index of an array job in"
          + " \(Shard.variables.joined(separator: ", ")); none is set, so give the index"
          + " yourself, such as --shard 0/\(shards)")
    }
    guard let chosen = Shard(index: found.index, from: found.variable, count: shards) else {
      throw .usage(
        "\(found.variable) is \(found.index), but --shards \(shards) allows 0 to \(shards - 1)")
    }
    standardError("shard \(chosen.index)/\(shards), from \(found.variable)")
    return chosen
  }

  /// Lists the cells that would run.
  private func estimate(
    _ plan: StudyPlan, folder: String, lanes: Int, cells: [Int]
  ) throws {
    let study = try Study.existing(in: folder, of: plan)
    let result = DryRun(
      try SweepEstimate(of: plan, with: BatchLab.catalogue, cells: cells, study: study),
      growth: try study.flatMap { try GrowthForecast($0) },
      doubts: SweepDoubts.sentences(about: plan), lanes: lanes)
    if json { try printJSON(result) } else { result.show() }
  }
}
