internal import ArgumentParser
internal import Environments
internal import Lab

/// `batchlab trace`
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Print SHA-256 digests of a task's byte stream under known actions, as JSON.",
    discussion: """
      With --generator numpy, a task from a public package is played with the random numbers of \
      that package and gives the same bytes. With --generator lab, any task is played as in \
      training.

      Example: batchlab trace catch --seed 0 --steps 5000 --generator numpy
      """)

  enum Generator: String, ExpressibleByArgument, CaseIterable { case numpy, lab }

  @Argument(help: "The task (see `batchlab tasks`).")
  var task: String
  @Option(help: "Seed of the task and of the actions.")
  var seed = 0
  @Option(help: "Number of steps. Digests are printed at 100, 1000 and 5000.")
  var steps = 5_000
  @Option(help: "numpy or lab.")
  var generator = Generator.lab

  func run() throws {
    let entry = try BatchLab.catalogue.task(named: task)
    try check("--seed", Double(seed), 0...Double(UInt32.max))
    try check("--steps", Double(steps), 1...1e15)
    guard let trace = generator == .lab ? entry.labTrace : entry.originalTrace else {
      throw Refusal.usage(
        "'\(task)' does not come from a public package, so it has no numpy trace;"
          + " use --generator lab")
    }
    let digests = traceDigests(of: trace, seed: UInt32(seed), steps: steps)
    try printJSON(
      Dictionary(uniqueKeysWithValues: digests.map { (String($0.key), $0.value) }))
  }
}
