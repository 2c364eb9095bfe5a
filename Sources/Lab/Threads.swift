internal import Learning
internal import Records
internal import Synchronization

/// How many threads a run may use. They never affect its results.
public enum Threads: Sendable {
  /// So many for every update.
  case exactly(Int)
  /// As many as are free at the time, or one where that is faster.
  case automatic(@Sendable () -> Int)

  /// One thread.
  public static let one = Threads.exactly(1)

  /// The most threads at the moment.
  var limit: Int {
    switch self {
    case .exactly(let count): max(count, 1)
    case .automatic(let free): max(free(), 1)
    }
  }
}

/// Chooses the number of threads of each update. Small updates are slower on several threads, so the
/// first ones are measured: by turns on one thread and on all that are free.
struct ThreadChoice {
  private let threads: Threads
  /// The batch and the threads that were measured.
  private var measured = (batch: 0, threads: 0)
  private var onOne: [Duration] = []
  private var onSeveral: [Duration] = []
  private var isFasterOnSeveral: Bool?
  private var isMeasuring = false

  /// Updates of each kind to measure, the first of which only warms up; where an update takes long,
  /// two are enough.
  private static let most = 12
  private static let long = Duration.milliseconds(20)

  init(_ threads: Threads) { self.threads = threads }

  /// The number of threads of the next update, at some batch.
  ///
  /// - Parameter most: the most that have work.
  mutating func next(batch: Int, most: Int) -> Int {
    let limit = min(threads.limit, max(most, 1))
    isMeasuring = false
    guard case .automatic = threads, limit > 1 else { return limit }
    if measured != (batch, limit) {
      (measured, onOne, onSeveral, isFasterOnSeveral) = ((batch, limit), [], [], nil)
    }
    isMeasuring = isFasterOnSeveral == nil
    return isFasterOnSeveral ?? (onOne.count > onSeveral.count) ? limit : 1
  }

  /// Takes the time of an update.
  mutating func note(_ time: Duration, threads count: Int) {
    guard isMeasuring else { return }
    if count > 1 { onSeveral.append(time) } else { onOne.append(time) }
    let enough = time >= Self.long ? 2 : Self.most
    guard min(onOne.count, onSeveral.count) >= enough else { return }
    // Less than a tenth may be chance, and is not worth the other cores.
    isFasterOnSeveral = Self.median(onSeveral) < Self.median(onOne) * 0.9
  }

  /// Whether the last update was measured, and the next one may be.
  var isOpen: Bool { isMeasuring && isFasterOnSeveral == nil }

  /// One update on the threads that are chosen for it.
  @discardableResult
  mutating func update(
    _ trainer: inout Trainer
  ) throws(Divergence) -> (report: UpdateReport, time: Duration) {
    trainer.threads = next(
      batch: trainer.batch.value, most: trainer.division.mostThreads)
    let start = ContinuousClock.now
    let report = try trainer.update()
    let time = start.duration(to: .now)
    note(time, threads: trainer.threads)
    return (report, time)
  }

  /// The median of all times but the first.
  private static func median(_ times: [Duration]) -> Duration {
    let sorted = times.dropFirst().sorted()
    return sorted[sorted.count / 2]
  }
}

/// The cores of a sweep, for the trials that run in its lanes: one for each, and the idle ones' where
/// fewer trials than cores are left.
final class SharedCores: Sendable {
  private let cores: Int
  /// Lanes, or trials, that run, from low to high.
  private let busy = Mutex<[Int]>([])

  init(_ cores: Int) { self.cores = cores }

  func begin(_ lane: Int) {
    busy.withLock { lanes in
      lanes.append(lane)
      lanes.sort()
    }
  }

  func end(_ lane: Int) { busy.withLock { lanes in lanes.removeAll { $0 == lane } } }

  /// Cores of a lane's trial.
  func share(of lane: Int) -> Int {
    busy.withLock { lanes in
      let place = lanes.firstIndex(of: lane) ?? 0
      let running = max(lanes.count, 1)
      return cores / running + (place < cores % running ? 1 : 0)
    }
  }
}
