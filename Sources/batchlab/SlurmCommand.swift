internal import ArgumentParser
internal import Foundation
internal import Records

/// `batchlab slurm`
struct SlurmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slurm",
    abstract: "Write a script that runs a plan as a Slurm job array.",
    discussion: """
      `bash FILE` submits the array, and a job that merges and fits the results. Each job of the \
      array is a shard: it runs a part of the plan's cells (a cell is one task at one batch). A \
      shard that gets close to its time limit saves a checkpoint and is queued again.

      Example: batchlab slurm plan.yaml --time 4:00:00 --file mine.sh -- --account=physics
      """)

  @Argument(help: "A plan (YAML file).")
  var plan: String
  @Option(help: "Number of jobs in the array. Default: one for each cell, at most 8.")
  var shards: Int?
  @Option(help: "Folder of the study, such as Results/mine.")
  var output: String?
  @Option(help: "Time limit of a shard, in sbatch's format. Default: that of the partition.")
  var time: String?
  @Option(help: "Processors per shard, and the number of trials that it runs at a time.")
  var cpusPerTask = 2
  @Option(help: "Partition of the jobs.")
  var partition: String?
  @Option(help: "File to write. Default: standard output.")
  var file: String?
  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp(
      "Options that are passed to sbatch for all jobs.", valueName: "sbatch-option"))
  var options: [String] = []

  func run() throws {
    try checkFolder(output)
    guard !["/dev/fd/", "/dev/stdin", "/proc/"].contains(where: plan.hasPrefix), plan != "-" else {
      throw Refusal.usage("the script needs a plan in a file, not a pipe: jobs read it later")
    }
    let given = try GivenPlan(plan, output: output)
    let (resolved, study) = (given.plan, given.folder)
    let cells = resolved.tasks.reduce(0) { $0 + $1.cells.count }
    let shards = shards ?? min(cells, 8)
    guard (1...cells).contains(shards) else {
      throw Refusal.usage(
        "--shards must be from 1 to \(cells), the number of cells in \(plan), not \(shards)")
    }
    try check("--cpus-per-task", Double(cpusPerTask), 1...1024)
    try checkTime()
    try checkOptions()
    let script = SlurmFile(
      command: URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path,
      plan: absolute(plan), study: absolute(study),
      shards: shards, cpusPerTask: cpusPerTask, time: time,
      options: (partition.map { ["--partition=\($0)"] } ?? []) + options)
    try checkWords([script.command, script.plan, script.study] + script.options)
    let text = script.text
    guard let file else { return standardOutput(document: text) }
    try write(text, to: file)
    standardOutput(
      "wrote \(file), cells: \(cells), shards: \(shards); to submit it,"
        + " run bash \(Format.shellWord(file))"
    )
  }

  private func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }

  private func checkTime() throws(Refusal) {
    guard let time else { return }
    guard let seconds = SlurmFile.seconds(ofLimit: time) else {
      throw .usage("--time takes minutes, hours:minutes:seconds or days-hours, not '\(time)'")
    }
    guard seconds >= 300 else {
      throw .usage(
        "--time must be at least 5 minutes, not '\(time)': shards save a checkpoint"
          + " \(SlurmFile.margin / 60) minutes before the limit")
    }
  }

  /// Refuses options that the script sets itself.
  private func checkOptions() throws(Refusal) {
    let own = [
      "--array", "--signal", "--requeue", "--no-requeue", "--open-mode", "--dependency", "--wrap",
    ]
    if let first = options.first, !first.hasPrefix("-") {
      throw .usage("after --, give options of sbatch, such as --account=physics, not '\(first)'")
    }
    for word in options {
      guard word.hasPrefix("-") else { continue }
      // sbatch takes the beginning of an option's name for the whole, and -Ha for -H -a.
      let name = String(word.prefix { $0 != "=" })
      let option =
        name.hasPrefix("--")
        ? own.first { name.count > 2 && $0.hasPrefix(name) }
        : name.dropFirst().first { !"hHkOQsuvVW".contains($0) }.flatMap {
          "ad".contains($0) ? "-\($0)" : nil
        }
      if let option { throw .usage("the script sets sbatch's \(option) itself") }
    }
  }

  /// Refuses words that the script can't contain.
  private func checkWords(_ words: [String]) throws(Refusal) {
    for word in words where word.hasControls {
      throw .usage(
        "paths and options in a Slurm script can't contain a line break or other control character, as in"
          + " \(word.debugDescription)")
    }
  }

  private func write(_ text: String, to file: String) throws(Refusal) {
    do {
      try Data(text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
    } catch CocoaError.fileWriteFileExists {
      throw .failure("\(file) exists; remove it or name another file")
    } catch {
      throw .failure("can't write \(file): \(error.localizedDescription)")
    }
  }
}
