internal import Archive
internal import Dispatch
internal import Foundation
internal import Lab

/// The end of interruptible work.
enum Interruptible<Value> {
  case finished(Value)
  case stopped(signal: Int32)

  /// A refusal for work that was stopped. Its status is 128 + signal, or 75 ("try again later") if
  /// a scheduler sent the signal and the work is saved.
  func refusal(saying sentence: String, isSaved: Bool = false) -> Refusal {
    guard case .stopped(let signal) = self else { return .failure(sentence) }
    let isScheduler = signal == SIGUSR1 || signal == SIGUSR2
    return Refusal(
      sentence: sentence, status: isScheduler && isSaved ? EX_TEMPFAIL : 128 + signal)
  }
}

/// The signals that end work in an orderly way. SIGHUP (the terminal closed) stays ignored if it
/// was ignored at the start, as under nohup.
private var endings: [Int32] {
  guard Shell.current.sendsSignals else { return [] }
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") }
  let ignored = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
  let isHangUpIgnored = ignored >> UInt64(SIGHUP - 1) & 1 == 1
  return [SIGINT, SIGTERM, SIGUSR1, SIGUSR2] + (isHangUpIgnored ? [] : [SIGHUP])
}

/// Runs `work` as a task that SIGINT, SIGTERM and SIGHUP cancel, as well as SIGUSR1 and SIGUSR2,
/// which schedulers send before they end a job. A second SIGINT exits at once; whatever was
/// reported as done is on disk by then.
func interruptible<Value: Sendable>(
  _ work: @escaping @Sendable () async throws -> Value
) async throws -> Interruptible<Value> {
  let received = Received()
  let queue = DispatchQueue(label: "signals")
  let numbers = endings
  // A signal that arrives before its source is registered is lost, so the work starts only when all
  // sources are registered.
  let registration = DispatchGroup()
  for _ in numbers { registration.enter() }
  let task = Task {
    await withCheckedContinuation { ready in registration.notify(queue: queue) { ready.resume() } }
    return try await work()
  }
  let sources = numbers.map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setRegistrationHandler { registration.leave() }
    source.setEventHandler {
      if number == SIGINT, received.interrupts > 0 { _exit(128 + SIGINT) }
      if number == SIGINT { received.interrupts += 1 }
      // The first signal is the reason for the end, whatever follows.
      received.signal = received.signal ?? number
      task.cancel()
    }
    source.resume()
    return source
  }
  defer {
    for source in sources { source.cancel() }
    // Printing the results can be interrupted like any program.
    for number in numbers { signal(number, SIG_DFL) }
  }
  do {
    return .finished(try await task.value)
  } catch  where error is CancellationError || error is TrialInterrupted {
    if let failure = (error as? TrialInterrupted)?.failure {
      throw failure
    }
    return .stopped(signal: queue.sync { received.signal } ?? SIGINT)
  }
}

/// The received signal. Only the signals' queue uses it.
private final class Received: @unchecked Sendable {
  var signal: Int32?
  var interrupts = 0
}
