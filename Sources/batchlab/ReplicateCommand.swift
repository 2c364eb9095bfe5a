internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Lab
internal import Records

/// `batchlab replicate`
struct ReplicateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replicate",
    abstract: "Repeat a study with another seed, and compare the two.",
    discussion: """
      All random streams differ: the search, the measuring seeds and the evaluations, so the \
      replicate tests the intervals of the study. It is a study like any other: run the same command \
      again to resume it. When it is finished, its fits are compared with those of the study, as by \
      `batchlab compare` with both folders.

      Example: batchlab replicate Results/mine --seed 2
      """)

  @Argument(help: "A study's folder.")
  var study: String
  @Option(help: "Seed of the replicate; must differ from the study's.")
  var seed: Int?
  @Option(help: "Tasks of the study to replicate, separated by commas. Default: all.")
  var tasks: String?
  @Option(help: "Folder of the replicate. Default: STUDY-seed-N beside the study.")
  var output: String?
  @OptionGroup var running: RunOptions

  func run() async throws {
    try running.checkOptions()
    try checkFolder(output)
    try check("--seed", seed.map(Double.init), 0...0x1p53 - 1)
    let original = try PlanPlace(study)
    guard let stored = original.stored, let home = original.study else {
      let isThere = FileManager.default.fileExists(atPath: study)
      throw Refusal.usage(
        isThere
          ? "\(study) is not the folder of a study; `batchlab sweep` measures plans"
          : "\(study.isEmpty ? "''" : study) does not exist")
    }
    guard let seed else {
      throw Refusal.usage("replicate needs a seed, such as --seed \(stored.seed + 1)")
    }
    guard seed != stored.seed else {
      throw Refusal.usage(
        "\(study) already has seed \(seed); choose another one, such as --seed"
          + " \(stored.seed + 1)")
    }
    let plan = try stored.replicate(seed: seed, tasks: chosenTasks(of: stored), of: study)
    if stored.numerics != plan.numerics {
      standardError(
        "\(study) was measured with version \(stored.numerics) of the numerics, the replicate is"
          + " measured with version \(plan.numerics): differences may come from either")
    }
    let first = try Reading.study(home, json: false)
    let folder = output ?? Self.folder(beside: home, seed: seed)
    let command = ["batchlab"] + Shell.current.arguments.map(Format.shellWord)
    let given = plan.yaml(comment: command.joined(separator: " "))
    guard let replicate = try await running.run(plan, given: given, in: folder) else { return }
    guard replicate.isSealed else { return }
    if let shortfall = try first.shortfall() { standardOutput("\n" + shortfall) }
    let both = [first, replicate].map { study in
      Replicates.Source(name: study.folder, plan: study.plan, fits: fits(of: study.trials))
    }
    ReplicateTables.show(Replicates.all(among: both))
  }

  /// Such as Results/mine-seed-2 for Results/mine.
  static func folder(beside study: String, seed: Int) -> String {
    var path = study
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if path == "." || path.hasSuffix("/.") || path.hasSuffix("..") {
      path = URL(filePath: path).standardizedFileURL.path
    }
    return "\(path)-seed-\(seed)"
  }

  /// The tasks of the study that are replicated; `nil` for all.
  private func chosenTasks(of plan: StudyPlan) throws(Refusal) -> [String]? {
    guard let tasks else { return nil }
    let names = tasks.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let known = plan.taskNames
    for name in names where !known.contains(name) {
      throw .usage("\(study) has no task '\(name)'; it has \(known.joined(separator: ", "))")
    }
    return names
  }
}

extension StudyPlan {
  /// The plan with another seed, as this version measures it.
  ///
  /// - Parameters:
  ///   - names: The tasks to keep; `nil` for all.
  ///   - study: The folder, for the error if this version would measure something else.
  fileprivate func replicate(
    seed: Int, tasks names: [String]?, of study: String
  ) throws -> StudyPlan {
    var plan = self
    (plan.seed, plan.numerics) = (seed, numericsVersion)
    if let names { plan.tasks = tasks.filter { names.contains($0.task) } }
    try plan.checkRuns(with: BatchLab.catalogue, file: study)
    return plan
  }
}
