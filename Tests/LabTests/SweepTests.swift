import Archive
import Environments
import Records
import Synchronization
import TestSupport
import Testing

@testable import Lab

/// What a sweep runs, in which order, and how it ends.
@Suite struct `A sweep` {
  /// What the lanes and the sweep tell.
  private final class Log: Sendable {
    private let began = Mutex<[(lane: Int, settings: TrialSettings)]>([])
    private let finished = Mutex<[Sweep.FinishedTrial]>([])
    private let resumed = Mutex<Int?>(nil)

    var settings: [TrialSettings] { began.withLock { $0.map { $0.settings } } }
    var lanes: Set<Int> { began.withLock { Set($0.map { $0.lane }) } }
    var trials: [Sweep.FinishedTrial] { finished.withLock { $0 } }
    /// Trials that were in the archive at the beginning.
    var before: Int? { resumed.withLock { $0 } }

    func note(_ event: Sweep.Event) {
      switch event {
      case .resumed(let trials, _): resumed.withLock { $0 = trials }
      case .finished(let trial): finished.withLock { $0.append(trial) }
      case .grows, .sealed: break
      }
    }

    @Sendable func note(lane: Int, _ news: Sweep.LaneNews) {
      guard case .began(let settings, _, _) = news else { return }
      began.withLock { $0.append((lane, settings)) }
    }
  }

  private let scratch = Result { try Scratch() }
  private var folder: String { get throws { try scratch.get().path + "/study" } }

  @discardableResult
  private func run(
    _ plan: StudyPlan, in folder: String, lanes: Int = 1, threads: Int? = nil,
    cells: [Int]? = nil, shard: Int = 0, log: Log = Log()
  ) async throws -> Sweep.End {
    let sweep = try Sweep(
      plan: plan, with: .builtIn, folder: folder, lanes: lanes, threads: threads, cells: cells,
      shard: shard)
    return try await sweep.run(onEvent: { log.note($0) }, onLane: log.note(lane:_:))
  }

  private func digest(_ folder: String) throws -> String? { try Study(folder: folder).digest }

  @Test func `runs the trials of a cell in the order in which the cell asks for them`()
    async throws
  {
    let (plan, log) = (try catchPlan(), Log())
    #expect(try await run(plan, in: folder, log: log) == .sealed(justNow: true))
    let stored = Dictionary(
      uniqueKeysWithValues: try Study(folder: folder).trials.map { ($0.id, $0) })
    var cell = try Cell(plan: plan, task: plan.tasks[0], size: plan.tasks[0].cells[0])
    var expected: [TrialSettings] = []
    while let next = cell.open.first {
      expected.append(next.settings)
      #expect(try cell.receive(try #require(stored[next.id])))
    }
    #expect(log.settings == expected)
    #expect(expected.count > 6 && expected.suffix(2).allSatisfy { $0.role == .measuring })
    #expect(stored.count == expected.count)
    #expect(log.trials.last?.cellsDone == 1 && log.trials.last?.cells == 1)
  }

  /// Each cell has one trial in the archive; that of the busy one took longer.
  @Test(arguments: [0, 1])
  func `continues with the cell that has the most work left`(busy: Int) async throws {
    let plan = try catchPlan(batches: [80, 240])
    do {
      var archive = try StudyArchive(folder: folder, plan: plan)
      for (index, size) in plan.tasks[0].cells.enumerated() {
        let first = try Cell(plan: plan, task: plan.tasks[0], size: size).open[0]
        let crossing = Crossing(
          target: 0, updates: 20, observations: 20 * Double(size.batch), bracketLow: Updates(19),
          bracketHigh: Updates(21))
        // One without a curve would count as damaged, and run again.
        let start = CurvePoint(
          updates: Updates(0), observations: Observations(0), batch: Observations(size.batch),
          optimizerSteps: OptimizerSteps(0), score: 0,
          scoreError: 0, scoreEpisodes: 1, noise: nil, seconds: 0)
        let outcome = TrialOutcome.sample(
          crossings: [crossing], curve: [start], updates: 21, batch: size.batch,
          seconds: index == busy ? 1_000 : 1)
        try archive.append(TrialRecord(outcome, of: first))
      }
    }
    let log = Log()
    try await run(plan, in: folder, log: log)
    let first = try #require(log.settings.first)
    #expect(first.batch.value == plan.tasks[0].batches[busy] && first.seed == 1)
    // The two trials that were there are not run again.
    #expect(log.before == 2)
    #expect(!log.settings.contains { $0.role == .tuning && $0.seed == 0 && !$0.isPruned })
  }

  @Test func `gives one digest in any number of lanes, and uses all of them`() async throws {
    let (plan, log, other) = (try catchPlan(batches: [80, 240]), Log(), try Scratch())
    try await run(plan, in: folder, lanes: 3, log: log)
    try await run(plan, in: other.path)
    #expect(log.lanes == [0, 1, 2])
    #expect(try digest(folder) == digest(other.path))
  }

  @Test(arguments: [Algorithm.policyGradient, .ppo])
  func `gives one digest with any number of threads, late ones too`(
    algorithm: Algorithm
  ) async throws {
    let plan = try catchPlan(batches: [240, 1_280]) {
      ($0.settings.algorithm, $0.exchangeRates) = (algorithm, [200])
    }
    try await run(plan, in: folder)
    let whole = try digest(folder)
    #expect(whole != nil)
    for (lanes, threads) in [(1, 2), (1, 3), (2, 2), (5, nil)] as [(Int, Int?)] {
      let other = try Scratch()
      try await run(plan, in: other.path, lanes: lanes, threads: threads)
      #expect(try digest(other.path) == whole, "\(lanes) lanes, threads \(threads ?? 0)")
    }
  }

  @Test func `of a finished study runs nothing and changes nothing`() async throws {
    let (plan, log) = (try catchPlan(), Log())
    try await run(plan, in: folder)
    let study = try Study(folder: folder)
    let files = ["trials", "curves"].map { "study/\($0).jsonl.zst" }
    let before = try files.map { try scratch.get().bytes($0) }
    #expect(try await run(plan, in: folder, log: log) == .sealed(justNow: false))
    #expect(log.settings.isEmpty && log.trials.isEmpty && log.before == study.trials.count)
    #expect(try files.map { try scratch.get().bytes($0) } == before)
  }

  @Test func `starts no trial beyond its budget, and goes on with a larger one`() async throws {
    let (plan, log, whole) = (try catchPlan(), Log(), try Scratch())
    func run(budget: Double, in folder: String, _ log: Log = Log()) async throws -> Sweep.End {
      try await Sweep(plan: plan, with: .builtIn, folder: folder, lanes: 1, budget: budget)
        .run { log.note($0) }
    }
    let end = try await run(budget: 1, in: folder, log)
    #expect(end == .partial(cellsDone: 0, cells: 1) && log.trials.count == 1)
    let none = Log()
    #expect(try await run(budget: 1, in: folder, none) == end)
    #expect(none.trials.isEmpty && none.before == 1)
    #expect(try await run(budget: 1e9, in: folder) == .sealed(justNow: true))
    #expect(try await run(budget: .infinity, in: whole.path) == .sealed(justNow: true))
    #expect(try digest(folder) == digest(whole.path))
  }

  @Test func `that is cancelled keeps what is done, and the next one does the rest`() async throws {
    let (plan, log, whole) = (try catchPlan(), Log(), try Scratch())
    let folder = try folder
    let cut = Task {
      let sweep = try Sweep(plan: plan, with: .builtIn, folder: folder, lanes: 2)
      return try await sweep.run { event in
        log.note(event)
        if log.trials.count == 3 { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await cut.value }
    let kept = try Study(folder: folder)
    // A trial that was about to end when the order came is kept as well.
    #expect([3, 4].contains(kept.trials.count) && kept.trials.count == log.trials.count)
    #expect(!kept.isSealed)
    let rest = Log()
    try await run(plan, in: folder, log: rest)
    #expect(rest.before == kept.trials.count)
    try await run(plan, in: whole.path)
    #expect(try digest(folder) == digest(whole.path) && digest(folder) != nil)
  }

  @Test func `counts a diverged trial as a result`() async throws {
    let plan = try catchPlan {
      $0.optimizer = .sgd
      $0.learningRateCentre = .given(LearningRateCentre(rate: 1e27, batch: 1e-7, exponent: 1))
    }
    #expect(try await run(plan, in: folder) == .sealed(justNow: true))
    let rows = try Study(folder: folder).trials.flatMap(\.rows)
    #expect(rows.count == 2 * (2 * RateSearch.blindReach + 1))
    #expect(rows.allSatisfy { $0.result.ending == .diverged && $0.result.updates == nil })
  }

  /// Trials that end for no other reason than the order to stop.
  private func endless() throws -> StudyPlan {
    try catchPlan(targets: [0.9]) {
      $0.learningRateCentre = .given(LearningRateCentre(rate: 1e-9, batch: 1e-7, exponent: 1))
    }
  }

  @Test func `says why a trial that was stopped could not be saved`() async throws {
    let (plan, folder, scratch) = (try endless(), try folder, try scratch.get())
    let (news, order) = AsyncStream.makeStream(of: Void.self)
    let cut = Task {
      let sweep = try Sweep(
        plan: plan, with: .builtIn, folder: folder, lanes: 1, checkpointInterval: .zero)
      try scratch.write("", to: "study/checkpoints")
      return try await sweep.run(onEvent: { _ in }) { _, news in
        if case .saved(.some) = news { order.yield() }
      }
    }
    for await _ in news.prefix(1) { cut.cancel() }
    let error = await #expect(throws: ArchiveError.self) { try await cut.value }
    #expect(error?.description.contains("\(folder)/checkpoints") == true, "\(error as Any)")
  }

  @Test func `ends with the error if a trial can't be stored, and loses no earlier one`()
    async throws
  {
    let (plan, folder, scratch, log) = (try catchPlan(), try folder, try scratch.get(), Log())
    let error = await #expect(throws: ArchiveError.self) {
      let sweep = try Sweep(plan: plan, with: .builtIn, folder: folder, lanes: 1)
      _ = try await sweep.run { event in
        log.note(event)
        if log.trials.count == 2 { try? scratch.move("study", "away") }
      }
    }
    #expect(error?.description.contains("was removed or renamed") == true, "\(error as Any)")
    #expect(log.trials.count == 2)
    try scratch.move("away", "study")
    // The third was written to the moved journal before the move was noticed. It is complete, so it
    // is kept.
    #expect(try Study(folder: folder).trials.count == 3)
    #expect(try await run(plan, in: folder) == .sealed(justNow: true))
  }

  @Test func `of some cells leaves the study open, and the last one seals it`() async throws {
    let (plan, log) = (try catchPlan(batches: [80, 240]), Log())
    #expect(
      try await run(plan, in: folder, cells: [1], shard: 1, log: log)
        == .partial(cellsDone: 1, cells: 2))
    #expect(log.settings.allSatisfy { $0.batch.value == 240 } && log.trials.last?.cells == 1)
    #expect(try !Study(folder: folder).isSealed)
    #expect(try await run(plan, in: folder, cells: [0]) == .sealed(justNow: true))
  }
}
