internal import Algebra
internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Dispatch
internal import Environments
internal import Foundation
internal import Lab
internal import Records

@main
enum Start {
  static func main() {
    // First of all: nothing is open or changed yet that another start would lose.
    Restart.ifKernelsAreOld()
    Outlet.holdPlaces()
    // Output that nobody reads is an error like any other.
    signal(SIGPIPE, SIG_IGN)
    guard hasRoomForFiles() else {
      standardError(
        "batchlab: the limit on open files is too low: raise it to at least 64, with ulimit -n 64")
      exit(1)
    }
    Task { exit(await BatchLab.status()) }
    dispatchMain()
  }
}

struct BatchLab: AsyncParsableCommand {
  /// The tasks that every command knows.
  static let catalogue = Catalogue.builtIn

  static let configuration = CommandConfiguration(
    commandName: "batchlab",
    abstract: "Measure the critical batch: how far reinforcement learning can be parallelized.",
    version: packageVersion,
    subcommands: [
      Tasks.self, SettingsCommand.self, Watch.self, TraceCommand.self, Train.self,
      NoiseCommand.self, BranchCommand.self, EstimateCommand.self, RunSweep.self,
      ReplicateCommand.self, SlurmCommand.self, Fit.self, Compare.self, ComputeCommand.self,
      ReportCommand.self, ArchiveCommand.self, BenchCommand.self, Doctor.self,
    ])

  /// Runs the command and returns the exit status of the process. It is 141, as after SIGPIPE, if
  /// all went well but not all output was written.
  static func status() async -> Int32 {
    let status = await run()
    guard status == 0, let failure = Outlet.output.failure else { return status }
    if failure != EPIPE {
      let reason = unsafe String(cString: strerror(failure))
      standardError("batchlab: standard output could not be written completely: \(reason)")
    }
    return 128 + SIGPIPE
  }

  /// Parses the shell's arguments and runs the command. A refusal or failure is printed as one
  /// sentence.
  ///
  /// - Returns: The exit status.
  static func run() async -> Int32 {
    useOneThreadPerLane()
    do {
      let arguments = joiningNegativeNumbers(Shell.current.arguments)
      try checkCommand(arguments.first)
      var command = try parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return 0
    } catch {
      if let refusal = Refusal(error) ?? misuse(error) {
        standardError("batchlab: \(refusal.sentence)")
        return refusal.status
      }
      let (text, status) = (fullMessage(for: error), exitCode(for: error))
      // Help and completion scripts contain no names from elsewhere.
      if !text.isEmpty {
        status == .success
          ? standardOutput(document: text + "\n") : Shell.current.writeError(text.clean + "\n")
      }
      return status.rawValue
    }
  }

  /// What the parser says about arguments that it can't use; `nil` if it was asked for help.
  private static func misuse(_ error: any Error) -> Refusal? {
    exitCode(for: error) == .validationFailure ? .usage(message(for: error)) : nil
  }

  /// Refuses a command that doesn't exist.
  private static func checkCommand(_ name: String?) throws(Refusal) {
    let names = configuration.subcommands.map {
      $0.configuration.commandName ?? "\($0)".lowercased()
    }
    guard let name, !name.hasPrefix("-"), !(names + ["help"]).contains(name) else { return }
    let offer = nearest(name, among: names).map { "did you mean '\($0)'?" }
    throw .usage(
      "unknown command '\(name)'; \(offer ?? "the commands are " + names.joined(separator: ", "))")
  }

  /// Joins `--target -2.5` to `--target=-2.5`, because the parser would take `-2.5` for an option.
  /// No option begins with a digit.
  private static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    for argument in arguments {
      if argument.hasPrefix("-"), let digit = argument.dropFirst().first,
        digit.isNumber || digit == "." || Double(argument) != nil, let name = joined.last,
        name.hasPrefix("--"), name != "--", !name.contains("=")
      {
        joined[joined.count - 1] = "\(name)=\(argument)"
      } else {
        joined.append(argument)
      }
    }
    return joined
  }
}

/// Why a command stops, with its exit status.
struct Refusal: Error {
  var sentence: String
  var status: Int32

  /// A refusal of invalid input.
  static func usage(_ sentence: String) -> Refusal { Refusal(sentence: sentence, status: 64) }
  /// A failure of the work.
  static func failure(_ sentence: String) -> Refusal { Refusal(sentence: sentence, status: 1) }
}

extension Refusal {
  /// The sentence and status of an error that ends a command: 64 if the request is wrong, 1 if it
  /// could not be carried out. `nil` for an error of the argument parser.
  init?(_ error: any Error) {
    switch error {
    case let refusal as Refusal: self = refusal
    case let problem as PlanProblem: self = .usage(problem.description)
    case let problem as PlanError: self = .usage(problem.description)
    case let problem as ArchiveError: self = .failure(problem.description)
    case let problem as RunTableError: self = .failure(problem.description)
    case let problem as TunedCellProblem: self = .failure(problem.description)
    default: return nil
    }
  }
}

/// Prints one JSON document to standard output.
///
/// Control characters stand only in its texts, where JSON has its own way to write them.
func printJSON(_ value: some Encodable) throws(Refusal) {
  let text = String(decoding: try json(value), as: UTF8.self)
  standardOutput(document: text.escapedJSON + "\n")
}

/// The JSON document of a result.
func json(_ value: some Encodable) throws(Refusal) -> [UInt8] {
  do { return try jsonDocument(value) } catch {
    throw .failure("the result can't be written as JSON: \(error)")
  }
}
