internal import Algebra
internal import ArgumentParser
internal import Foundation
internal import Lab
internal import Records

@main
struct BatchLab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batchlab",
    abstract: "How far can reinforcement learning be parallelized? Measures the critical batch.",
    version: packageVersion,
    subcommands: [
      Tasks.self, Watch.self, TraceCommand.self, Train.self, NoiseCommand.self, BranchCommand.self,
      RunSweep.self, SlurmCommand.self, Fit.self, Compare.self, ComputeCommand.self,
      ReportCommand.self, ArchiveCommand.self, BenchCommand.self, Doctor.self,
    ])

  /// Parses and runs; what is refused or fails is said in one sentence.
  static func main() async {
    useOneThreadPerLane()
    do {
      let arguments = joiningNegativeNumbers(Array(CommandLine.arguments.dropFirst()))
      try checkCommand(arguments.first)
      var command = try parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      try flushOutput()
    } catch let refusal as Refusal {
      standardError("batchlab: \(refusal.sentence)")
      exit(withError: ExitCode(refusal.status))
    } catch  where exitCode(for: error) == .validationFailure {
      standardError("batchlab: \(message(for: error))")
      exit(withError: ExitCode.validationFailure)
    } catch {
      exit(withError: error)
    }
  }

  /// What was printed and could not be written, to a full disk for example, is no success.
  private static func flushOutput() throws(Refusal) {
    guard fflush(nil) == 0 else {
      throw .failure("standard output could not be written whole; is its disk full?")
    }
  }

  /// Refuses a command that doesn't exist.
  private static func checkCommand(_ name: String?) throws(Refusal) {
    let names = configuration.subcommands.map {
      $0.configuration.commandName ?? "\($0)".lowercased()
    }
    guard let name, !name.hasPrefix("-"), !(names + ["help"]).contains(name) else { return }
    let offer = nearest(name, among: names).map { "did you mean '\($0)'?" }
    throw .usage(
      "unknown command '\(name)', \(offer ?? "the commands are " + names.joined(separator: ", "))")
  }

  /// `--target -2.5` as `--target=-2.5`: by itself the parser takes `-2.5` for an option.
  private static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    for argument in arguments {
      if argument.hasPrefix("-"), Double(argument) != nil, let name = joined.last,
        name.hasPrefix("--"), !name.contains("=")
      {
        joined[joined.count - 1] = "\(name)=\(argument)"
      } else {
        joined.append(argument)
      }
    }
    return joined
  }
}

/// Why a command does not go on, and the exit status that says so.
struct Refusal: Error {
  var sentence: String
  var status: Int32

  /// The input can't be used.
  static func usage(_ sentence: String) -> Refusal { Refusal(sentence: sentence, status: 64) }
  /// The work failed.
  static func failure(_ sentence: String) -> Refusal { Refusal(sentence: sentence, status: 1) }
}

/// Passes on what `body` throws as a sentence for people.
func refusing<Value: ~Copyable, Problem: Error & CustomStringConvertible>(
  _ make: (String) -> Refusal = Refusal.usage, _ body: () throws(Problem) -> Value
) throws(Refusal) -> Value {
  do { return try body() } catch { throw make(error.description) }
}

func standardError(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// One JSON document on standard output.
func printJSON(
  _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
) throws(Refusal) {
  print(String(decoding: try jsonDocument(value, keys: keys), as: UTF8.self))
}

func jsonDocument(
  _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
) throws(Refusal) -> Data {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = keys
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  do {
    return try encoder.encode(value)
  } catch {
    throw .failure("the result can't be written as JSON: \(error)")
  }
}
