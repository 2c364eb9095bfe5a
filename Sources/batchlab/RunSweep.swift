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
  @Option(help: "Folder of the study, such as Results/mine.")
  var output: String?
  @Option(
    help: """
      Targets of every task, separated by commas, such as 0,2.5. Default: the task's own.
      """)
  var targets: String?
  @OptionGroup var options: LearnerOptions
  @OptionGroup var ownOptions: SweepOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try running.checkOptions()
    let (resolved, folder, given) = try request()
    try await running.run(
      resolved, given: given, in: folder, tasks: try selection(of: resolved))
  }

  /// The plan from the file or the flags; the study's folder, which is empty in a dry run without
  /// `--output`; and the plan as it was given, or YAML that says the same as the flags.
  private func request() throws -> (StudyPlan, String, given: String) {
    try checkFolder(output)
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
      guard let output = output ?? (running.dryRun ? "" : nil) else {
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
    let known = study.taskNames
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
