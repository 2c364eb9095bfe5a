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
    abstract: "Measure the updates and observations to a target score at each batch of each task.",
    discussion: """
      At each batch, tuning seeds choose the learning rate and fresh measuring seeds give the \
      result. Run the same command again to resume an interrupted study. If the plan asks for more \
      than that of an existing study, such as more seeds or batches, the study grows. A finished \
      study is sealed: its final files are written and their digest, a SHA-256 of the results, is printed. \
      A * in the tables marks a batch smaller than the horizon; it is not fitted.

      Example: batchlab sweep --tasks catch,pong --batches 128...32768:2.5 --output Results/mine
      """)

  @Argument(help: "A plan (YAML file), or a study's folder, which means the study's own plan.")
  var plan: String?
  @Option(help: "Tasks, separated by commas. With a plan: which of its tasks to run now.")
  var tasks: String?
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
  @Option(help: "Folder of the study, such as Results/mine.")
  var output: String?
  @Option(
    help: """
      Targets of every task, separated by commas, such as 0,2.5. Default: the task's own.
      """)
  var targets: String?
  @OptionGroup var options: LearnerOptions
  @OptionGroup var ownOptions: SweepOptions
  @Flag(help: "List the cells with estimates of their cost, and write nothing.")
  var dryRun = false
  @Flag(help: "With --dry-run: print one JSON document to standard output.")
  var json = false

  func run() async throws {
    if json, !dryRun { throw Refusal.usage("--json works only with --dry-run") }
    let (resolved, folder, given) = try request()
    try showGrowths(of: folder, besides: resolved)
    try check("--lanes", lanes.map(Double.init), 1...1024)
    try check("--checkpoint-seconds", checkpointSeconds, 0...1e9)
    let limits = LaneLimits.current()
    if let lanes, lanes > limits.cores {
      standardError(
        "this machine has \(Format.counted(limits.cores, "core")), so no more trials run at a time")
    }
    let lanes = min(lanes ?? limits.lanes, limits.cores)
    let threads = try ThreadOptions.count(threads)
    let selected = try selection(of: resolved)
    let shard = try chosenShard()
    let cells = resolved.cellIndices(tasks: selected, shard: shard)
    if dryRun { return try estimate(resolved, folder: folder, lanes: lanes, cells: cells) }
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

  /// The plan from the file or the flags; the study's folder, which is empty in a dry run without
  /// `--output`; and the plan as it was given, or YAML that says the same as the flags.
  private func request() throws -> (StudyPlan, String, given: String) {
    try checkFolder(output)
    try checkFolder(tensorboard, of: "--tensorboard")
    guard let plan else {
      guard let tasks else {
        throw Refusal.usage("a sweep needs a plan or --tasks, such as --tasks catch,pong")
      }
      if ownOptions.given["learning-rate"] != nil, ownOptions.given["tuning-seeds"] != nil {
        throw Refusal.usage("with --learning-rate nothing is tuned, so leave out --tuning-seeds")
      }
      let targets = try chosenTargets()
      var request = Plan(tasks: names(tasks).map { .init($0, targets: targets) })
      request.settings = try ownOptions.settings(beside: options.settings())
      let resolved = try request.resolved(with: BatchLab.catalogue)
      guard let output = output ?? (dryRun ? "" : nil) else {
        throw Refusal.usage("a sweep without a plan needs --output, such as --output Results/mine")
      }
      let command = ["batchlab"] + Shell.current.arguments.map(Format.shellWord)
      return (resolved, output, resolved.yaml(comment: command.joined(separator: " ")))
    }
    guard options.given.isEmpty, ownOptions.given.isEmpty, targets == nil else {
      throw Refusal.usage(
        "with a plan, settings belong in the plan; only options that change no result are allowed")
    }
    let given = try GivenPlan(plan, output: output)
    return (given.plan, given.folder, given.text)
  }

  private func chosenTargets() throws(Refusal) -> [Double]? {
    guard let targets else { return nil }
    guard let numbers = [Double](word: targets), Set(numbers).count == numbers.count else {
      throw .usage("--targets must be different numbers such as 0,2.5, not '\(targets)'")
    }
    return numbers
  }

  /// The tasks of the plan that were selected to run now; `nil` for all.
  private func selection(of study: StudyPlan) throws(Refusal) -> Set<String>? {
    guard plan != nil, let tasks else { return nil }
    let known = study.tasks.map(\.task)
    for name in names(tasks) where !known.contains(name) {
      throw .usage("the plan has no task '\(name)'; it has \(known.joined(separator: ", "))")
    }
    return Set(names(tasks))
  }

  private func names(_ list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}

/// Refuses an empty folder name.
func checkFolder(_ folder: String?, of option: String = "--output") throws(Refusal) {
  try checkName(folder, of: option, kind: "folder", example: "Results/mine")
}

/// Refuses an empty name of a file or folder, and one that is too long for any file system.
func checkName(
  _ name: String?, of option: String, kind: String = "file", example: String
) throws(Refusal) {
  guard name != "" else {
    throw .usage("\(option) needs the name of a \(kind), such as \(option) \(example)")
  }
  if let long = name?.split(separator: "/").first(where: { $0.utf8.count > 255 }) {
    throw .usage("\(option): a name can have at most 255 bytes, but '\(long)' has more")
  }
}

/// Refuses to replace an existing file unless `isOwn` recognizes its content.
func checkReplaceable(
  _ file: String, _ kind: String, _ isOwn: (Data) -> Bool
) throws(Refusal) {
  let attributes = try? FileManager.default.attributesOfItem(atPath: file)
  guard let type = attributes?[.type] as? FileAttributeType else { return }
  if type == .typeDirectory { throw .failure("can't write \(file): Is a directory") }
  let content = type == .typeRegular ? FileManager.default.contents(atPath: file) : nil
  guard let content, isOwn(content) else {
    throw .failure("\(file) exists and is not a \(kind)")
  }
}
