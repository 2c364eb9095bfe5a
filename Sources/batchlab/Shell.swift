internal import Foundation

/// What a command gets from the shell that runs it. Tests substitute their own.
struct Shell: Sendable {
  @TaskLocal static var current = Shell(
    arguments: Array(CommandLine.arguments.dropFirst()),
    environment: ProcessInfo.processInfo.environment, sendsSignals: true,
    isTerminal: isatty(STDOUT_FILENO) == 1, hasErrorTerminal: isatty(STDERR_FILENO) == 1,
    write: { Swift.print($0, terminator: "") },
    writeError: { FileHandle.standardError.write(Data($0.utf8)) })

  /// Without the command's name.
  var arguments: [String]
  var environment: [String: String]
  /// Whether the signals of the process are meant for this command.
  var sendsSignals: Bool
  /// Whether standard output is a terminal.
  var isTerminal: Bool
  /// Whether standard error is a terminal.
  var hasErrorTerminal: Bool
  var write: @Sendable (String) -> Void
  var writeError: @Sendable (String) -> Void
}

/// Prints to the command's standard output. Use it instead of `print`.
func standardOutput(_ text: String = "", terminator: String = "\n") {
  Shell.current.write(text + terminator)
}

func standardError(_ line: String) { Shell.current.writeError(line + "\n") }
