internal import Algebra
public import Foundation
internal import Glibc
internal import Synchronization

/// What a command left behind when it ended.
public struct Finished: Sendable {
  /// The exit status; 128 + the signal's number if a signal ended it.
  public var status: Int32
  public var output: String
  public var errors: String

  public init(status: Int32, output: String, errors: String) {
    self.status = status
    self.output = output
    self.errors = errors
  }

  /// The document on standard output.
  ///
  /// - Throws: an error if there is anything else.
  public func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(output.utf8), options: [.fragmentsAllowed])
  }

  /// The lines on standard error.
  public var complaints: [Substring] {
    errors.split(separator: "\n", omittingEmptySubsequences: false)
  }
}

/// A running `batchlab`, as a user starts it.
public final class Command {
  /// Why a command could not be run or did not end.
  public struct Problem: Error, CustomStringConvertible { public let description: String }

  private let process = Process()
  private let files: Scratch
  /// Its current folder, which must not go before the command has ended.
  private let folder: Scratch

  /// The executable that was built with the tests; it stands beside them.
  public static func executable() throws -> String {
    let folders = [
      URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent(),
      URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(),
      Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent(),
    ]
    let paths = folders.map { $0.appending(path: "batchlab").path }
    guard let path = paths.first(where: FileManager.default.isExecutableFile) else {
      throw Problem(description: "batchlab does not stand beside the tests")
    }
    return path
  }

  /// Starts it with `folder` as its current one.
  ///
  /// - Parameters:
  ///   - library: name of a library beside it that is loaded before all others.
  ///   - program: another program to run.
  ///   - environment: variables that it has beside those of the tests, or in their place.
  ///   - output: where its output goes instead of a file, and `errors` likewise.
  public init(
    _ arguments: [String], in folder: Scratch, preloading library: String? = nil,
    running program: String? = nil, environment: [String: String] = [:],
    output: FileHandle? = nil, errors: FileHandle? = nil
  ) throws {
    var environment = environment
    files = try Scratch()
    self.folder = folder
    let executable = URL(filePath: try program ?? Self.executable())
    process.executableURL = executable
    process.arguments = arguments
    if let library {
      let path = executable.deletingLastPathComponent().appending(path: library).path
      environment["LD_PRELOAD"] = path
    }
    // OpenBLAS chose for the tests, too, and results of both are compared.
    if CoreType.better(than: CoreType.inUse, on: .current) != nil {
      environment[CoreType.variable] = environment[CoreType.variable] ?? CoreType.inUse
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try output ?? files.newFile("output")
    process.standardError = try errors ?? files.newFile("errors")
    try Self.withSignals { try process.run() }
  }

  /// Threads of tasks may block signals, and the tests themselves may run in the background, where
  /// SIGINT is ignored. A child would inherit that, and then never hear any.
  private static func withSignals(_ body: () throws -> Void) rethrows {
    var (all, before) = (sigset_t(), sigset_t())
    _ = unsafe sigfillset(&all)
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &all, &before)
    for number in [SIGINT, SIGHUP] { _ = signal(number, SIG_DFL) }
    defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  /// Asks the system: Foundation now and then misses the end of a process.
  public var isRunning: Bool {
    var end = unsafe siginfo_t()
    let id = id_t(process.processIdentifier)
    let isFound = unsafe waitid(P_PID, id, &end, WEXITED | WNOHANG | WNOWAIT) == 0
    // Without such a child, Foundation has noticed its end.
    guard isFound else { return process.isRunning }
    guard unsafe end._sifields._sigchld.si_pid != 0 else { return true }
    let isSignal = unsafe end.si_code != Int32(CLD_EXITED)
    let status = unsafe end._sifields._sigchld.si_status + (isSignal ? 128 : 0)
    ending.withLock { $0 = status }
    return false
  }

  /// The status of a process whose end Foundation has not noticed yet.
  private let ending = Mutex<Int32?>(nil)

  public var errors: String { files.text("errors") }

  public func send(_ signal: Int32) { Glibc.kill(process.processIdentifier, signal) }

  /// Kills it after so many seconds. The thread waits by itself: tasks would make it late.
  public func kill(after seconds: Double) {
    Thread.sleep(forTimeInterval: seconds)
    send(SIGKILL)
  }

  /// Waits until a file exists or the process has ended.
  public func wait(for file: URL) throws {
    try wait { FileManager.default.fileExists(atPath: file.path) || !isRunning }
  }

  /// Waits until there are `lines` lines on standard error, or it ends.
  public func waitForErrors(lines: Int) throws {
    try wait { errors.count { $0 == "\n" } >= lines || !isRunning }
  }

  public func finish() throws -> Finished {
    try wait { !isRunning }
    return Finished(status: status, output: files.text("output"), errors: errors)
  }

  /// The exit status of a process that has ended; 128 + the signal's number if a signal ended it.
  private var status: Int32 {
    if let status = ending.withLock({ $0 }) { return status }
    let isSignal = process.terminationReason == .uncaughtSignal
    return process.terminationStatus + (isSignal ? 128 : 0)
  }

  /// A process that hangs for minutes is killed, so that tests end.
  private func wait(until isOver: () -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(180)
    while !isOver() {
      guard ContinuousClock.now < deadline else {
        send(SIGKILL)
        throw Problem(description: "batchlab hangs: \(errors)")
      }
      Thread.sleep(forTimeInterval: 0.001)
    }
  }
}

/// Runs `batchlab` to its end, in a process of its own.
public func batchlab(_ arguments: String..., in folder: Scratch) throws -> Finished {
  try Command(arguments, in: folder).finish()
}
