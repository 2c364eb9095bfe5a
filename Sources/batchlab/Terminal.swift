internal import Dispatch
internal import Foundation
internal import Lab

/// A line on standard error that is written over on a terminal, and now and then a plain line
/// elsewhere.
final class StatusLine {
  let isTerminal = isatty(STDERR_FILENO) == 1
  private var isShown = false

  /// Time between two showings.
  var interval: Duration { isTerminal ? .milliseconds(500) : .seconds(10) }

  func show(_ text: String) {
    guard isTerminal else { return standardError(text) }
    FileHandle.standardError.write(Data("\r\u{1B}[2K\(text)".utf8))
    isShown = true
  }

  /// Removes the line, so that something else can be printed.
  func clear() {
    guard isShown else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8))
    isShown = false
  }
}

/// How interruptible work ended.
enum Interruptible<Value> {
  case finished(Value)
  case stopped(signal: Int32)

  /// For work that was stopped: says so, with the conventional status 128 + signal.
  func refusal(saying sentence: String) -> Refusal {
    guard case .stopped(let signal) = self else { return .failure(sentence) }
    return Refusal(sentence: sentence, status: 128 + signal)
  }
}

/// Runs `work` as a task that SIGINT and SIGTERM cancel. A second SIGINT leaves at once; what
/// was reported as done is on disk.
func interruptible<Value: Sendable>(
  _ work: @escaping @Sendable () async throws -> Value
) async throws -> Interruptible<Value> {
  let task = Task(operation: work)
  let received = Received()
  let queue = DispatchQueue(label: "signals")
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setEventHandler {
      if number == SIGINT, received.signal == SIGINT { _exit(128 + SIGINT) }
      received.signal = number
      task.cancel()
    }
    source.resume()
    return source
  }
  defer { for source in sources { source.cancel() } }
  do {
    let value = try await task.value
    return queue.sync { received.signal }.map { .stopped(signal: $0) } ?? .finished(value)
  } catch  where error is CancellationError || error is TrialInterrupted {
    return .stopped(signal: queue.sync { received.signal } ?? SIGINT)
  }
}

/// The signal that came; touched on the signals' queue only.
private final class Received: @unchecked Sendable {
  var signal: Int32?
}
