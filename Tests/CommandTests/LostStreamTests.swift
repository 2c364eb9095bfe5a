import CommandSupport
import Foundation
import TestSupport
import Testing

/// Where standard error or standard output goes, or that it goes away, costs no work.
@Suite(.serialized)
struct LostStreamTests {
  /// What standard error can be, apart from a file.
  enum Errors: String, CaseIterable {
    case fullDisk, nowhere, brokenPipe, fullPipe, fullBlockingPipe
  }

  /// Both ends of a pipe whose reader is gone or doesn't read.
  private func pipe(_ kind: Errors) throws -> Pipe {
    let pipe = Pipe()
    let writer = pipe.fileHandleForWriting.fileDescriptor
    if kind == .brokenPipe {
      try pipe.fileHandleForReading.close()
      return pipe
    }
    _ = fcntl(writer, F_SETFL, O_NONBLOCK)
    let bytes = [UInt8](repeating: 0, count: 4096)
    while unsafe write(writer, bytes, bytes.count) > 0 {}
    if kind == .fullBlockingPipe { _ = fcntl(writer, F_SETFL, 0) }
    return pipe
  }

  /// Runs the command with such a standard error.
  private func start(
    _ arguments: [String], _ kind: Errors, in folder: Scratch
  ) throws -> (Command, Pipe?) {
    switch kind {
    case .fullDisk:
      let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
      return (try Command(arguments, in: folder, errors: full), nil)
    case .nowhere:
      let script = #"exec "$0" "$@" 2>&-"#
      return (
        try Command(
          ["-c", script, Command.executable()] + arguments, in: folder, running: "/bin/sh"), nil
      )
    default:
      let pipe = try pipe(kind)
      return (
        try Command(arguments, in: folder, errors: pipe.fileHandleForWriting), pipe
      )
    }
  }

  @Test(arguments: Errors.allCases)
  func `a refusal that nobody reads has its status`(kind: Errors) throws {
    let (command, pipe) = try start(["train", "pogn"], kind, in: try Scratch())
    #expect(try command.finish().status == 64)
    withExtendedLifetime(pipe) {}
  }

  @Test(arguments: Errors.allCases)
  func `a sweep whose progress nobody reads comes to its end`(kind: Errors) async throws {
    let study = try TinyStudy()
    let (command, pipe) = try start(["sweep", "plan.yaml"], kind, in: study.folder)
    let result = try command.finish()
    #expect(result.status == 0)
    #expect(result.output.contains("digest \(try await TinyStudy.digest)"))
    #expect(try await study.finish() == TinyStudy.digest)
    withExtendedLifetime(pipe) {}
  }

  /// A study that takes a minute if nothing stops it.
  private func longStudy(observations: String = "100M") throws -> TinyStudy {
    let study = try TinyStudy()
    try study.ask(
      tuning: 1, seeds: 1, tasks: "[{task: catch, targets: [1]}]", batches: "[80]",
      settings: "learning-rates: {fixed: 0.000001}\nbudget: {observations: \(observations)}")
    return study
  }

  /// Waits for a checkpoint of the study.
  private func waitForCheckpoint(_ command: Command, in study: TinyStudy) throws {
    while command.isRunning, try checkpoints(study).isEmpty { Thread.sleep(forTimeInterval: 0.01) }
  }

  private func checkpoints(_ study: TinyStudy) throws -> [String] {
    let folder = "\(study.folder.path)/Results/tiny/checkpoints"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.contains(".partial") }
  }

  private static let sweep = ["sweep", "plan.yaml", "--checkpoint-seconds", "0.1"]

  private static let statuses: [(signal: Int32, status: Int32)] = [
    (SIGTERM, 143), (SIGUSR1, 75), (SIGHUP, 129),
  ]

  @Test(arguments: Errors.allCases, statuses)
  func `a signal leaves a checkpoint and its status, whether anybody reads about it or not`(
    kind: Errors, end: (signal: Int32, status: Int32)
  ) async throws {
    let study = try longStudy()
    let (command, pipe) = try start(Self.sweep, kind, in: study.folder)
    try waitForCheckpoint(command, in: study)
    command.send(end.signal)
    #expect(try command.finish().status == end.status)
    #expect(try checkpoints(study).count == 1)
    try await study.verify("unfinished; what is there is intact")
    withExtendedLifetime(pipe) {}
  }

  /// Runs a command line in a terminal that closes when there is a checkpoint, and returns the
  /// status of the sweep in it.
  private func closingTerminal(_ study: TinyStudy, _ trap: String) throws -> String {
    let line = ([try Command.executable()] + Self.sweep).joined(separator: " ")
    try study.folder.write(
      "trap \(trap) HUP\n\(line)\necho $? > status.new\nmv status.new status\n", to: "line.sh")
    let terminal = try Command(
      ["-qec", "/bin/sh line.sh", "/dev/null"], in: study.folder, running: "/usr/bin/script",
      environment: ["TERM": "xterm", "SHELL": "/bin/sh"])
    try waitForCheckpoint(terminal, in: study)
    terminal.send(SIGKILL)
    _ = try terminal.finish()
    let deadline = ContinuousClock.now + .seconds(100)
    while !study.folder.exists("status"), ContinuousClock.now < deadline {
      Thread.sleep(forTimeInterval: 0.01)
    }
    return study.folder.text("status")
  }

  @Test func `a terminal that closes ends a sweep with a checkpoint`() async throws {
    let study = try longStudy()
    #expect(try closingTerminal(study, ":") == "129\n")
    #expect(try checkpoints(study).count == 1)
    try await study.verify("unfinished; what is there is intact")
  }

  @Test func `a sweep under nohup outlives its terminal`() async throws {
    let study = try longStudy(observations: "5M")
    #expect(try closingTerminal(study, "''") == "141\n")
    try await study.verify("sealed and intact")
  }

  @Test func `output that goes away ends a sweep with a checkpoint`() async throws {
    let study = try longStudy()
    let pipe = Pipe()
    let command = try Command(
      Self.sweep, in: study.folder, output: pipe.fileHandleForWriting)
    try waitForCheckpoint(command, in: study)
    try pipe.fileHandleForReading.close()
    let result = try command.finish()
    #expect(result.status == 141, "\(result.errors)")
    #expect(result.errors.contains("batchlab: stopped; Results/tiny holds "))
    #expect(try checkpoints(study).count == 1)
    try await study.verify("unfinished; what is there is intact")
    withExtendedLifetime(pipe) {}
  }

  @Test(arguments: [">&-", "> /dev/full", ">&- 2>&- <&-"])
  func `work whose output can't be written is done, and ends with 141`(place: String) async throws {
    let study = try TinyStudy()
    let line = "'\(try Command.executable())' sweep plan.yaml \(place)"
    let result = try Command(["-c", line], in: study.folder, running: "/bin/sh").finish()
    #expect(result.status == 141, "\(result.errors)")
    #expect(study.folder.exists("Results/tiny/fits.json"))
    // Nothing that was meant for a closed descriptor is in a file of the study.
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test func `output is whole where its reader is slow`() throws {
    let folder = try Scratch()
    let expected = try batchlab("tasks", "--json", in: folder)
    let pipe = Pipe()
    _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFL, O_NONBLOCK)
    // So small a pipe is full at once; 1031 is F_SETPIPE_SZ.
    _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, 1031, 4096)
    let command = try Command(
      ["tasks", "--json"], in: folder, output: pipe.fileHandleForWriting)
    try pipe.fileHandleForWriting.close()
    Thread.sleep(forTimeInterval: 0.3)
    let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
    #expect(String(decoding: bytes, as: UTF8.self) == expected.output)
    #expect(bytes.count > 4096)
    #expect(try command.finish().status == 0)
  }

  @Test(arguments: [SIGINT, SIGHUP])
  func `a signal that the parent ignores stays ignored`(signal: Int32) async throws {
    let study = try TinyStudy()
    let command = try Command(
      ["--ignore-signal=\(signal)", Command.executable()] + Self.sweep, in: study.folder,
      running: "/usr/bin/env")
    try command.waitForErrors(lines: 2)
    command.send(signal)
    #expect(try command.finish().status == 0)
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test(arguments: [10, 16, 24, 64])
  func `too few open files are refused or enough`(count: Int) async throws {
    let study = try TinyStudy()
    let line = "ulimit -n \(count); exec '\(try Command.executable())' sweep plan.yaml"
    let result = try Command(["-c", line], in: study.folder, running: "/bin/sh").finish()
    #expect(result.status == (count < 64 ? 1 : 0), "\(result.errors)")
    #expect(result.errors.contains("the limit on open files is too low") == (count < 64))
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test(arguments: ["tasks", "fit none.csv", "archive verify none", "doctor"], [4, 5, 6])
  func `too few open files end every command with a sentence`(words: String, count: Int) throws {
    let line = "ulimit -n \(count); exec '\(try Command.executable())' \(words)"
    let result = try Command(["-c", line], in: try Scratch(), running: "/bin/sh").finish()
    #expect(result.status == 1 && result.errors.contains("the limit on open files"), "\(result)")
  }

  @Test func `a sweep starts no other program`() async throws {
    let study = try TinyStudy()
    try study.folder.write("#!/bin/sh\necho \"$0\" >> '\(study.folder.path)/calls'\n", to: "git")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: study.folder.path + "/git")
    let result = try Command(
      ["sweep", "plan.yaml"], in: study.folder, environment: ["PATH": study.folder.path]
    ).finish()
    #expect(result.status == 0, "\(result.errors)")
    #expect(!study.folder.exists("calls"))
  }
}
