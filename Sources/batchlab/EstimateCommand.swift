internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Environments
internal import Lab
internal import Records

/// `batchlab estimate`
struct EstimateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Measure the critical batch of a task as cheaply as possible.",
    discussion: """
      A pilot batch gives the noise scale, which decides where the other batches go: one far below \
      the critical batch, one far above it and one near it. Each has its own learning-rate search. \
      Then seeds or batches are added, whichever narrow the interval most for their cost, until the \
      critical batch is known to within a factor (--within) or the budget (--budget) runs out. The \
      result is a study. Run the same command again to resume it. A later sweep with more batches or \
      seeds reuses its trials.

      Example: batchlab estimate pong --target 0
      """)

  @Argument(help: "The task (see `batchlab tasks`).")
  var task: String
  @Option(help: "Score to reach. Default: the task's hardest target.")
  var target: Double?
  @Option(
    help: """
      Target precision: stop when the interval is within this factor of the critical batch, up and \
      down.
      """)
  var within = 1.5
  @Option(
    help: """
      Observations of training that all trials together may take. A step begins only if it is \
      expected to fit, and once they are spent, no further trial starts. Default: 400 times those \
      that one run of this task is expected to take.
      """)
  var budget: Double?
  @Option(help: "Number of seeds per learning rate in the search.")
  var tuningSeeds = 3
  @Option(help: "Number of trials to run at a time. Default: as many as there are cores.")
  var lanes: Int?
  @OptionGroup var threads: ThreadOptions
  @Option(help: "Folder of the study. Default: Results/estimate-TASK.")
  var output: String?
  @OptionGroup var options: LearnerOptions
  @OptionGroup var ownOptions: EstimateOptions
  @Flag(help: "Print one JSON document to standard output.")
  var json = false

  func run() async throws {
    try checkFolder(output)
    try check("--lanes", lanes.map(Double.init), 1...1024)
    try check("--tuning-seeds", Double(tuningSeeds), 1...1000)
    try check("--within", within, 1.05...100)
    try check("--budget", budget, 1...0x1p53)
    let steps = try EstimatePlan(try request(), with: BatchLab.catalogue)
    let goal = EstimateGoal(within: within, budget: budget ?? steps.usualBudget)
    let folder = output ?? "Results/estimate-\(steps.task.task)"
    let limits = LaneLimits.current()
    let run = EstimateRun(
      steps: steps, goal: goal, folder: folder,
      lanes: min(lanes ?? limits.lanes, limits.cores), threads: try threads.count(),
      command: (["batchlab"] + Shell.current.arguments.map(Format.shellWord))
        .joined(separator: " "))
    let result = try await interruptible { try await run.toEnd() }
    guard case .finished(let end) = result else {
      throw result.refusal(
        saying: "stopped; \(folder) holds the finished trials and checkpoints of the running ones;"
          + " run the same command to continue", isSaved: true)
    }
    let report = try EstimateReport(run, end)
    if json { return try printJSON(report) }
    try report.show(sweep: sweepCommand(of: end.state, steps, folder))
  }

  private func request() throws -> Plan {
    let facts = try BatchLab.catalogue.task(named: task).facts
    var plan = Plan(tasks: [.init(facts.name, targets: target.map { [$0] })])
    plan.settings = try ownOptions.settings(beside: options.settings())
    plan.tuningSeeds = tuningSeeds
    return plan
  }

  /// The sweep of all batches of the task's list that extends this study.
  private func sweepCommand(
    of state: EstimateState, _ steps: EstimatePlan, _ folder: String
  ) throws -> String {
    var plan = Plan(tasks: [.init(steps.task.task, targets: steps.task.targets)])
    plan.settings = try ownOptions.settings(beside: options.settings())
    let usual = try plan.resolved(with: BatchLab.catalogue)
    let batches = Set(usual.tasks[0].batches).union(state.batches).sorted()
    var words = [
      "batchlab", "sweep", "--tasks", steps.task.task, "--targets",
      Format.shortest(steps.task.targets[0]),
    ]
    var given = options.given.merging(ownOptions.given) { own, _ in own }
    if batches != usual.tasks[0].batches {
      given["batches"] = batches.map(String.init).joined(separator: ",")
    }
    if state.seeds > usual.measuringSeeds { given["measuring-seeds"] = "\(state.seeds)" }
    if tuningSeeds > usual.tuningSeeds { given["tuning-seeds"] = "\(tuningSeeds)" }
    for (name, word) in given.sorted(by: { $0.key < $1.key }) {
      switch word {
      case "true": words.append("--\(name)")
      case "false": words.append("--no-\(name)")
      default: words += ["--\(name)", word]
      }
    }
    return (words + ["--output", folder]).map(Format.shellWord).joined(separator: " ")
  }
}

/// Settings of a sweep that `estimate` also offers.
struct EstimateOptions: SettingOptions {
  static let table = SettingsTable.standard
  static func offers(_ setting: any AnySetting) -> Bool {
    ["batches", "centre"].contains(setting.name)
  }
  var given: [String: String] = [:]
}
