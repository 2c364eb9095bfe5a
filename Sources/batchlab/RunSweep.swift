internal import Archive
internal import ArgumentParser
internal import Environments
internal import Foundation
internal import Lab
internal import Records

/// `batchlab sweep`
struct RunSweep: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Measure updates and observations to a score at each batch of each task.",
    discussion: """
      Every batch gets its own search for the learning rate on tuning seeds and is measured on \
      fresh ones. A study that was interrupted goes on where it was.
      Example: batchlab sweep --tasks catch,pong --batches 32...8192:2.5 --output Results/mine
      """)

  @Argument(help: "A plan in YAML.")
  var plan: String?
  @Option(help: "Tasks, separated by commas. With a plan: those of its tasks to run now.")
  var tasks: String?
  @Option(help: "A...B, A...B:factor or a comma list; each task's own if not given.")
  var batches: String?
  @Option(
    help: "Also runs whose batch follows √(rate × noise scale), such as 500,2000 (observations).")
  var exchangeRates: String?
  @Option(
    help: """
      Trials at a time; if not given, the cores that are there or that Slurm or the control group \
      allow.
      """)
  var lanes: Int?
  @Option(help: "i/n, from 0 on: run every n-th cell, beside other processes.")
  var shard: String?
  @Option(help: "n: like --shard i/n, with i from the scheduler's array job.")
  var shards: Int?
  @Option(help: "Seconds between the checkpoints of a trial.")
  var checkpointSeconds = 60.0
  @Option(help: "Folder for TensorBoard: the course of every trial as an event file.")
  var tensorboard: String?
  @Option(help: "Folder of the study, such as Results/mine.")
  var output: String?
  @Option(help: "Seeds on which learning rates are chosen.")
  var tuningSeeds: Int?
  @Option(help: "Fresh seeds on which results are measured.")
  var measuringSeeds: Int?
  @Option(help: "Observations after which a trial is censored.")
  var totalTimesteps: Int?
  @OptionGroup var options: LearnerOptions
  @Flag(help: "List the cells with estimates of their cost; write nothing.")
  var dryRun = false
  @Flag(help: "With --dry-run: one JSON document on standard output.")
  var json = false

  func run() async throws {
    if json, !dryRun { throw Refusal.usage("--json belongs to --dry-run") }
    let (resolved, folder) = try request()
    try check("--lanes", lanes.map(Double.init), 1...1024)
    let given = given()
    try check("--checkpoint-seconds", checkpointSeconds, 0...1e9)
    let limits = LaneLimits.current()
    if let lanes, lanes > limits.cores {
      standardError(
        "\(Format.counted(limits.cores, "core")): running \(Format.counted(limits.cores, "lane"))")
    }
    let lanes = min(lanes ?? limits.lanes, limits.cores)
    let selected = try selection(of: resolved)
    let shard = try chosenShard()
    let cells = resolved.cellIndices(tasks: selected, shard: shard)
    if dryRun { return try estimate(resolved, folder: folder, lanes: lanes, cells: cells) }
    let interval = Duration.seconds(checkpointSeconds)
    let start = ContinuousClock.now
    let events = tensorboard.map { EventFolder($0) }
    let result = try await interruptible { () async throws -> Sweep.End in
      let display = SweepDisplay()
      do {
        let sweep = try Sweep(
          plan: resolved, with: BatchLab.catalogue, given: given, folder: folder, lanes: lanes,
          cells: cells, shard: shard?.index ?? 0, checkpointInterval: interval)
        return try await sweep.run {
          display.show($0)
        } onLane: {
          display.show(lane: $0, $1)
          events?.note(lane: $0, $1)
        }
      } catch let error as ArchiveError {
        throw Refusal.failure(error.description)
      }
    }
    guard case .finished(let end) = result else {
      throw result.refusal(
        saying: "stopped; finished trials and checkpoints of running ones are in \(folder),"
          + " the same command goes on from there", isSaved: true)
    }
    let study = try refusing(Refusal.failure) { () throws(ArchiveError) in
      try Study(folder: folder)
    }
    try SweepTables.show(study)
    print("")
    let seconds = start.duration(to: .now) / .seconds(1)
    switch end {
    case .sealed(justNow: false):
      print("\(folder) is already sealed, digest \(study.digest ?? "")")
    case .sealed:
      print("sealed \(folder) in \(Format.seconds(seconds)), digest \(study.digest ?? "")")
    case .partial(let done, let cells) where done < cells:
      let left = "\(cells - done) of \(Format.counted(cells, "cell"))"
      print("\(folder) is not finished: \(left) of its plan are left")
    case .partial:
      print(
        "\(folder) is finished but another process is still writing it; when that has ended,"
          + " `batchlab archive merge \(folder)` seals it")
    }
  }

  /// The part of the cells that is this process's.
  private func chosenShard() throws(Refusal) -> Shard? {
    if let shard {
      guard shards == nil else { throw .usage("--shard names its n itself: leave out --shards") }
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
          + " \(Shard.variables.joined(separator: ", ")); there is none, so name the shard:"
          + " --shard 0/\(shards)")
    }
    guard let chosen = Shard(index: found.index, from: found.variable, count: shards) else {
      throw .usage("\(found.variable) makes this shard \(found.index), which is none of \(shards)")
    }
    standardError("shard \(chosen.index)/\(shards), by \(found.variable)")
    return chosen
  }

  /// Lists the cells that would be run.
  private func estimate(
    _ plan: StudyPlan, folder: String, lanes: Int, cells: [Int]
  ) throws {
    let result = try refusing(Refusal.failure) { () throws(ArchiveError) in
      let study = try Study.existing(in: folder, of: plan)
      return DryRun(
        try SweepEstimate(of: plan, with: BatchLab.catalogue, cells: cells, study: study),
        lanes: lanes)
    }
    if json { try printJSON(result) } else { result.show() }
  }

  /// The plan that the file or the flags ask for, and the study's folder; without a name for it,
  /// a dry run has none.
  private func request() throws(Refusal) -> (StudyPlan, String) {
    try checkFolder(output)
    try checkFolder(tensorboard, of: "--tensorboard")
    guard let plan else {
      guard let tasks else {
        throw .usage("a sweep needs a plan or --tasks, such as --tasks catch,pong")
      }
      var request = Plan(tasks: names(tasks).map { .init($0) })
      try options.apply(to: &request)
      request.batches = try batches.map { text throws(Refusal) in try parseBatches(text) }
      request.exchangeRates = try exchangeRates.map { text throws(Refusal) in
        try parseExchangeRates(text)
      }
      try check("--tuning-seeds", tuningSeeds.map(Double.init), 1...1000)
      try check("--measuring-seeds", measuringSeeds.map(Double.init), 1...1000)
      try check("--total-timesteps", totalTimesteps.map(Double.init), 1...1e15)
      request.tuningSeeds = tuningSeeds
      request.measuringSeeds = measuringSeeds
      request.budget = totalTimesteps
      let resolved = try refusing { () throws(PlanProblem) in
        try request.resolved(with: BatchLab.catalogue)
      }
      guard let output = output ?? (dryRun ? "" : nil) else {
        throw .usage("a sweep without a plan needs --output, such as --output Results/mine")
      }
      return (resolved, output)
    }
    var flags = Plan(tasks: [])
    try options.apply(to: &flags)
    guard flags == Plan(tasks: []), batches == nil, exchangeRates == nil, tuningSeeds == nil,
      measuringSeeds == nil,
      totalTimesteps == nil
    else {
      throw .usage("settings stand in the plan: beside it go only options that change no result")
    }
    return try readPlan(plan, output: output)
  }

  /// The plan file's text, or the command line, ready for a shell, where there is none.
  private func given() -> String {
    if let plan { return (try? String(contentsOfFile: plan, encoding: .utf8)) ?? "" }
    return (["batchlab"] + Shell.current.arguments.map(Format.shellWord))
      .joined(separator: " ")
  }

  /// With a plan, the tasks of it that are to run now; `nil`: all.
  private func selection(of study: StudyPlan) throws(Refusal) -> Set<String>? {
    guard plan != nil, let tasks else { return nil }
    let known = study.tasks.map(\.task)
    for name in names(tasks) where !known.contains(name) {
      throw .usage("the plan has no task '\(name)', it has \(known.joined(separator: ", "))")
    }
    return Set(names(tasks))
  }

  private func names(_ list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}

/// Refuses a folder without a name.
func checkFolder(_ folder: String?, of option: String = "--output") throws(Refusal) {
  try checkName(folder, of: option, kind: "folder", example: "Results/mine")
}

/// Refuses an empty name of a file or folder.
func checkName(
  _ name: String?, of option: String, kind: String = "file", example: String
) throws(Refusal) {
  guard name != "" else {
    throw .usage("\(option) must name a \(kind), such as \(option) \(example), not nothing")
  }
}

/// Refuses to replace what stands in a file's place, unless `isOwn` knows its content for the same.
func checkReplaceable(
  _ file: String, _ kind: String, _ isOwn: (Data) -> Bool
) throws(Refusal) {
  let attributes = try? FileManager.default.attributesOfItem(atPath: file)
  guard let type = attributes?[.type] as? FileAttributeType else { return }
  if type == .typeDirectory { throw .failure("can't write \(file): Is a directory") }
  let content = type == .typeRegular ? FileManager.default.contents(atPath: file) : nil
  guard let content, isOwn(content) else {
    throw .failure("\(file) is there already and is no \(kind)")
  }
}

/// The plan in a file with every setting filled in, and the study's folder: `output`, or below
/// Results the study's name or the file's.
func readPlan(_ file: String, output: String?) throws(Refusal) -> (StudyPlan, String) {
  let (document, resolved) = try refusing { () throws(PlanError) in
    let document = try PlanReader.document(file: file)
    return (document, try document.resolved(with: BatchLab.catalogue))
  }
  let name =
    document.plan.study ?? URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
  return (resolved, output ?? "Results/\(name)")
}
