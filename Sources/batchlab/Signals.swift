internal import Archive
internal import Dispatch
internal import Foundation
internal import Lab

/// The end of interruptible work.
enum Interruptible<Value> {
  case finished(Value)
  case stopped(signal: Int32)

  /// A refusal for work that was stopped. Its status is 128 + signal, or 75 ("try again later") if
  /// a scheduler sent the signal and the work is saved. Output that went away counts as SIGPIPE.
  func refusal(saying sentence: String, isSaved: Bool = false) -> Refusal {
    guard case .stopped(let signal) = self else { return .failure(sentence) }
    let isScheduler = signal == SIGUSR1 || signal == SIGUSR2
    return Refusal(
      sentence: sentence, status: isScheduler && isSaved ? EX_TEMPFAIL : 128 + signal)
  }
}

/// The signals that end work in an orderly way. SIGHUP (the terminal closed) and SIGINT stay ignored
/// if they were ignored at the start, as under nohup or in the background of a script.
private var endings: [Int32] {
  guard Shell.current.sendsSignals else { return [] }
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") }
  let ignored = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
  return [SIGTERM, SIGUSR1, SIGUSR2]
    + [SIGINT, SIGHUP].filter { ignored >> UInt64($0 - 1) & 1 == 0 }
}

/// Allows as many open files as the system lets this process have, and says whether they are enough.
/// Sealing locks all journals, and where no file can be opened, Dispatch ends the process.
func hasRoomForFiles() -> Bool {
  var limit = rlimit()
  if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
  var hasRoom = true
  let files = (0..<24).map { _ in
    let file = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    if file < 0, errno == EMFILE { hasRoom = false }
    return file
  }
  for file in files where file >= 0 { close(file) }
  return hasRoom
}

/// Runs `work` as a task. SIGINT, SIGTERM and SIGHUP cancel it, as do SIGUSR1 and SIGUSR2, which
/// schedulers send before they end a job, and the loss of standard output. A second
/// SIGINT exits at once; whatever was reported as done is on disk by then.
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
  let clock = DispatchSource.makeTimerSource(queue: queue)
  if Shell.current.sendsSignals {
    clock.schedule(deadline: .now() + 0.2, repeating: 0.2)
    clock.setEventHandler {
      guard Outlet.output.isLost else { return }
      received.signal = received.signal ?? SIGPIPE
      task.cancel()
    }
  }
  clock.resume()
  defer {
    clock.cancel()
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
