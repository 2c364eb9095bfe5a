import Foundation
import Testing

/// Whether the long variants are asked for, by `make soak`.
let isSoak = ProcessInfo.processInfo.environment["BATCHLAB_SOAK"] != nil

/// What a process left behind when it ended.
struct Finished {
  /// The exit status; 128 + the signal's number where a signal ended it.
  var status: Int32
  var output: String
  var errors: String

  /// The document on standard output; fails unless it is one.
  func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(output.utf8), options: [.fragmentsAllowed])
  }

  /// The lines on standard error.
  var complaints: [Substring] { errors.split(separator: "\n", omittingEmptySubsequences: false) }
}

/// A running `batchlab`, as a user starts it.
final class Command {
  private let process = Process()
  private let files: Scratch

  /// The executable that was built with the tests; it stands beside them.
  static func executable() throws -> URL {
    let folders = [
      URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent(),
      URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(),
      Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent(),
    ]
    return try #require(
      folders.map { $0.appending(path: "batchlab") }.first {
        FileManager.default.isExecutableFile(atPath: $0.path)
      }, "batchlab does not stand beside the tests")
  }

  /// Starts it with `folder` as its current one.
  ///
  /// - Parameters:
  ///   - library: name of a library beside it that is loaded before all others.
  ///   - program: another program to run.
  ///   - environment: variables that it has beside those of the tests, or in their place.
  init(
    _ arguments: [String], in folder: Scratch, preloading library: String? = nil,
    running program: String? = nil, environment: [String: String] = [:]
  ) throws {
    var environment = environment
    files = try Scratch()
    process.executableURL = try program.map { URL(filePath: $0) } ?? Self.executable()
    process.arguments = arguments
    if let library, let executable = process.executableURL {
      let path = executable.deletingLastPathComponent().appending(path: library).path
      environment["LD_PRELOAD"] = path
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try files.newFile("output")
    process.standardError = try files.newFile("errors")
    try Self.withSignals { try process.run() }
  }

  /// Threads of tasks may block signals, and a child would inherit that: a shell would then never
  /// hear any.
  private static func withSignals(_ body: () throws -> Void) rethrows {
    var (all, before) = (sigset_t(), sigset_t())
    _ = unsafe sigfillset(&all)
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &all, &before)
    defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  var isRunning: Bool { process.isRunning }
  var errors: String { files.text("errors") }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits until `lines` lines stand on standard error, or it ends.
  func waitForErrors(lines: Int) throws {
    try wait { errors.count { $0 == "\n" } >= lines || !isRunning }
  }

  func finish() throws -> Finished {
    try wait { !isRunning }
    let isSignal = process.terminationReason == .uncaughtSignal
    return Finished(
      status: process.terminationStatus + (isSignal ? 128 : 0), output: files.text("output"),
      errors: errors)
  }

  /// Whoever hangs for minutes is killed, so that tests end.
  private func wait(until isOver: () -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(180)
    while !isOver() {
      guard ContinuousClock.now < deadline else {
        send(SIGKILL)
        Issue.record("batchlab hangs: \(errors)")
        process.waitUntilExit()
        return
      }
      Thread.sleep(forTimeInterval: 0.002)
    }
  }
}

/// Runs `batchlab` to its end.
func batchlab(_ arguments: String..., in folder: Scratch) throws -> Finished {
  try Command(arguments, in: folder).finish()
}

/// A folder that is removed when the test is over.
final class Scratch {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "command-\(UUID().uuidString)")
    path = folder.path
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    let file = URL(filePath: path).appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func newFile(_ name: String) throws -> FileHandle {
    try write("", to: name)
    return try FileHandle(forWritingTo: URL(filePath: path).appending(path: name))
  }

  /// Damages a file, or undoes that.
  func flipByte(of name: String, at place: Int) throws {
    let file = URL(filePath: path).appending(path: name)
    var data = try Data(contentsOf: file)
    data[place] ^= 0xFF
    try data.write(to: file)
  }

  /// The text of a file; empty where it can't be read.
  func text(_ name: String) -> String {
    let data = try? Data(contentsOf: URL(filePath: path).appending(path: name))
    return String(decoding: data ?? Data(), as: UTF8.self)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}
