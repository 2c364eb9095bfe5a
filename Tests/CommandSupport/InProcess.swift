import Foundation
import Synchronization
public import TestSupport

@testable import batchlab

/// Runs `batchlab` within the tests' own process, which saves the start of another. `Command` is
/// for what only a process shows: signals, kills, exit statuses, pipes, disks.
///
/// All tests share one current folder, so paths begin with `@/`, which stands for `folder`. What is
/// printed names them without it.
public func run(
  _ arguments: [String], in folder: Scratch, environment: [String: String] = [:],
  isTerminal: Bool = false
) async -> Finished {
  let (output, errors) = (Collected(), Collected())
  let shell = Shell(
    arguments: arguments.map { $0.replacing("@/", with: folder.path + "/") },
    environment: environment, sendsSignals: false, isTerminal: isTerminal,
    hasErrorTerminal: false, write: output.add, writeError: errors.add)
  let status = await Shell.$current.withValue(shell) { await BatchLab.run() }
  return Finished(
    status: status, output: output.text.replacing(folder.path + "/", with: ""),
    errors: errors.text.replacing(folder.path + "/", with: ""))
}

public func run(
  _ arguments: String..., in folder: Scratch, environment: [String: String] = [:]
) async -> Finished {
  await run(arguments, in: folder, environment: environment)
}

/// Text that several threads add to.
private final class Collected: Sendable {
  private let collected = Mutex("")

  @Sendable func add(_ more: String) { collected.withLock { $0 += more } }

  var text: String { collected.withLock { $0 } }
}
