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
  @Option(help: "Trials at a time; the number of cores if not given.")
  var lanes: Int?
  @Option(help: "Folder of the study, such as Results/mine.")
  var output: String?
  @Option(help: "Seeds on which learning rates are chosen.")
  var tuningSeeds: Int?
  @Option(help: "Fresh seeds on which results are measured.")
  var measuringSeeds: Int?
  @Option(help: "Observations after which a trial is censored.")
  var totalTimesteps: Int?
  @OptionGroup var options: LearnerOptions

  func run() async throws {
    let (request, folder) = try request()
    let resolved = try refusing { () throws(PlanProblem) in try request.resolved() }
    try check("--lanes", lanes.map(Double.init), 1...1024)
    let given = given()
    let cores = ProcessInfo.processInfo.activeProcessorCount
    if let lanes, lanes > cores { standardError("\(cores) cores: running \(cores) lanes") }
    let lanes = min(lanes ?? cores, cores)
    let selected = try selection(of: resolved)
    let start = ContinuousClock.now
    let result = try await interruptible { () async throws -> Sweep.End in
      let display = SweepDisplay()
      do {
        let sweep = try Sweep(
          plan: resolved, given: given, folder: folder, lanes: lanes, tasks: selected)
        return try await sweep.run { display.show($0) }
      } catch let error as ArchiveError {
        throw Refusal.failure(error.description)
      }
    }
    guard case .finished(let end) = result else {
      throw result.refusal(
        saying: "stopped; all finished trials are in \(folder), the same command goes on from there"
      )
    }
    let study = try refusing(Refusal.failure) { () throws(ArchiveError) in
      try Study(folder: folder)
    }
    SweepTables.show(study)
    print("")
    let seconds = start.duration(to: .now) / .seconds(1)
    switch end {
    case .sealed:
      print("sealed \(folder) in \(Text.seconds(seconds)), digest \(study.digest ?? "")")
    case .partial: print("\(folder) is not finished: other tasks of its plan are left")
    }
  }

  /// The plan that the file or the flags ask for, and the study's folder.
  private func request() throws(Refusal) -> (Plan, String) {
    try checkFolder(output)
    guard let plan else {
      guard let tasks else {
        throw .usage("a sweep needs a plan or --tasks, such as --tasks catch,pong")
      }
      guard let output else {
        throw .usage("a sweep without a plan needs --output, such as --output Results/mine")
      }
      var request = Plan(tasks: names(tasks).map { .init($0) })
      try options.apply(to: &request)
      request.batches = try batches.map { text throws(Refusal) in try parseBatches(text) }
      try check("--tuning-seeds", tuningSeeds.map(Double.init), 1...1000)
      try check("--measuring-seeds", measuringSeeds.map(Double.init), 1...1000)
      try check("--total-timesteps", totalTimesteps.map(Double.init), 1...1e15)
      request.tuningSeeds = tuningSeeds
      request.measuringSeeds = measuringSeeds
      request.budget = totalTimesteps
      return (request, output)
    }
    var flags = Plan(tasks: [])
    try options.apply(to: &flags)
    guard flags == Plan(tasks: []), batches == nil, tuningSeeds == nil, measuringSeeds == nil,
      totalTimesteps == nil
    else {
      throw .usage("settings stand in the plan: beside it only --tasks, --lanes and --output go")
    }
    let request = try refusing { () throws(PlanError) in
      try PlanReader.read(file: plan, tasks: catalogue.map(\.facts.name))
    }
    return (request, output ?? request.folder(ofFile: plan))
  }

  /// The plan file's text, or the command line, ready for a shell, where there is none.
  private func given() -> String {
    if let plan { return (try? String(contentsOfFile: plan, encoding: .utf8)) ?? "" }
    return (["batchlab"] + CommandLine.arguments.dropFirst().map(Text.shellWord))
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
func checkFolder(_ output: String?) throws(Refusal) {
  guard output != "" else {
    throw .usage("--output must name a folder, such as --output Results/mine, not nothing")
  }
}

extension Plan {
  /// The study's folder where none is given.
  func folder(ofFile file: String) -> String {
    "Results/" + (study ?? URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent)
  }
}

/// Progress of a sweep on standard error: a line that is written over on a terminal, a line a
/// trial elsewhere.
private final class SweepDisplay {
  private let line = StatusLine()

  func show(_ event: Sweep.Event) {
    switch event {
    case .resumed(let trials, let droppedBytes):
      if droppedBytes > 0 {
        standardError(
          "dropped a torn tail of \(droppedBytes) bytes: a trial that was not finished runs again")
      }
      if trials > 0 { standardError("\(Text.grouped(trials)) trials are in the archive already") }
    case .finished(let trial): line.show(describe(trial))
    case .sealed: line.clear()
    }
  }

  private func describe(_ trial: Sweep.FinishedTrial) -> String {
    let settings = trial.settings
    let last = trial.outcome.crossings.last
    let result =
      last?.updates.map { "S \(Text.number($0))" } ?? trial.outcome.ending.rawValue
    return "\(trial.cellsDone)/\(trial.cells) cells  \(settings.task)  batch"
      + " \(Text.grouped(settings.batch.value))  lr \(Text.number(settings.learningRate))"
      + "  \(settings.role.rawValue) seed \(settings.seed)  \(result)"
      + "  \(Text.seconds(trial.outcome.seconds))  about \(Text.seconds(trial.secondsLeft)) left"
  }

  deinit { line.clear() }
}
