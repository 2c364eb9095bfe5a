internal import Foundation

/// What a command gets from the shell that runs it. Tests substitute their own.
struct Shell: Sendable {
  @TaskLocal static var current = Shell(
    arguments: Array(CommandLine.arguments.dropFirst()),
    environment: ProcessInfo.processInfo.environment, sendsSignals: true,
    isTerminal: isatty(STDOUT_FILENO) == 1, hasErrorTerminal: isatty(STDERR_FILENO) == 1,
    write: { Outlet.output.write($0) }, writeError: { Outlet.errors.write($0) },
    program: "/proc/self/exe")

  /// Without the command's name.
  var arguments: [String]
  var environment: [String: String]
  /// Whether the signals of the process are meant for this command.
  var sendsSignals: Bool
  /// Whether standard output is a terminal.
  var isTerminal: Bool
  /// Whether standard error is a terminal.
  var hasErrorTerminal: Bool
  /// These two write a text as it is. Use `standardOutput` and `standardError`, which clean it.
  var write: @Sendable (String) -> Void
  var writeError: @Sendable (String) -> Void
  /// The file of this program, to run it again; `nil` if it is another one, as in tests.
  var program: String?

  /// Whether terminals understand the codes that move the cursor and color text.
  var understandsCodes: Bool {
    let terminal = environment["TERM"] ?? ""
    return !terminal.isEmpty && terminal != "dumb"
  }
}

/// Prints to the command's standard output, without control characters. Use it instead of `print`.
func standardOutput(_ text: String = "", terminator: String = "\n") {
  Shell.current.write(text.clean + terminator)
}

/// Prints a document for programs, such as JSON or a script, as it is.
func standardOutput(document: String) { Shell.current.write(document) }

/// Prints one line to the command's standard error, without control characters.
func standardError(_ line: String) { Shell.current.writeError(line.cleanLine + "\n") }
