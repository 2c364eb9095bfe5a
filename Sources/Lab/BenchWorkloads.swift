internal import Algebra
internal import Dispatch
internal import Environments
internal import Learning
internal import Records
internal import Synchronization

extension Bench {
  struct Workload {
    var name: String
    var run: () -> Sample
  }

  static func workloads(with catalogue: Catalogue) -> [Workload] {
    let (grid, pong) = (catalogue["grid-goal-8"], catalogue["pong"])
    let breakout = catalogue["breakout"]
    let wide = LayerSizes([256, 256])
    let learners: [Workload] = [
      learner("pg-grid", grid, .policyGradient, .shared, environments: 256, steps: 16),
      learner("pg-small-1", grid, .policyGradient, .shared, environments: 1, steps: 16),
      learner("pg-small-4", grid, .policyGradient, .shared, environments: 4, steps: 16),
      learner("ppo-pong", pong, .ppo, .separate, environments: 512, steps: 128),
      learner("ppo-breakout-64", breakout, .ppo, .separate, environments: 64, steps: 128),
      learner("ppo-breakout-1024", breakout, .ppo, .separate, environments: 1_024, steps: 32),
      learner(
        "ppo-wide", breakout, .ppo, .shared, environments: 64, steps: 128, hidden: wide),
    ].compactMap { $0 }
    // One network at batches of 16, 64, 256, … 1,048,576.
    let batches = (0...8).compactMap { power in
      learner(
        "batch-\(16 << (2 * power))", grid, .policyGradient, .shared,
        environments: 1 << (2 * power), steps: 16)
    }
    let lanes = [1, 2].compactMap { lanes in
      learner(
        "lanes-\(lanes)", grid, .policyGradient, .shared, environments: 256, steps: 16,
        lanes: lanes)
    }
    return learners + lanes + threads(grid, pong) + batches + catalogue.map(task)
  }

  /// One trial on one thread, on two, and on as many as it chooses of two.
  private static func threads(_ grid: CatalogueEntry?, _ pong: CatalogueEntry?) -> [Workload] {
    let kinds: [(name: String, threads: Threads)] = [
      ("1", .one), ("2", .exactly(2)), ("auto", .automatic { 2 }),
    ]
    return kinds.flatMap { kind in
      [
        learner(
          "threads-\(kind.name)/pg-65536", grid, .policyGradient, .shared, environments: 4_096,
          steps: 16, threads: kind.threads),
        learner(
          "threads-\(kind.name)/ppo-pong", pong, .ppo, .separate, environments: 512, steps: 128,
          threads: kind.threads),
        learner(
          "threads-\(kind.name)/pg-256", grid, .policyGradient, .shared, environments: 16,
          steps: 16, threads: kind.threads),
      ].compactMap { $0 }
    }
  }

  /// Random play of 64 copies, with the observations written as the learner reads them.
  private static func task(_ entry: CatalogueEntry) -> Workload {
    Workload(name: "tasks/\(entry.facts.name)") {
      let player = RandomPlay(entry, copies: 64, seed: Seed(1))
      player.play(steps: 200)
      let start = ContinuousClock.now
      var (steps, seconds) = (0, 0.0)
      while seconds < 0.1 {
        seconds += ContinuousClock().measure { player.play(steps: 500) }.seconds
        steps += 500 * 64
      }
      return Sample(
        observations: steps, seconds: seconds, span: start..<ContinuousClock.now,
        parts: ["tasks": 1])
    }
  }

  /// Updates with their rollouts, without evaluations.
  private static func learner(
    _ name: String, _ entry: CatalogueEntry?, _ algorithm: Algorithm, _ trunks: Trunks,
    environments: Int, steps: Int, hidden: LayerSizes = LayerSizes([64, 64]), lanes: Int = 1,
    threads: Threads = .one
  ) -> Workload? {
    guard let entry else { return nil }
    return Workload(name: name) {
      var hyperparameters = Hyperparameters(algorithm)
      hyperparameters.trunks = trunks
      hyperparameters.hidden = hidden
      let settings = TrialSettings(
        task: entry.facts.name, rulesVersion: entry.facts.rulesVersion, studySeed: 1, role: .single,
        seed: 0,
        numEnvs: environments, numSteps: steps, shortenedHorizon: false, learningRate: 1e-4,
        hyperparameters: hyperparameters, targets: TaskDefaults.of(entry.facts.name).targets,
        limit: Observations(1 << 40), isPruned: false, evaluationEpisodes: 1)
      return lanes == 1
        ? measure(settings, entry, threads: threads) : sideBySide(lanes, settings, entry)
    }
  }

  private static func measure(
    _ settings: TrialSettings, _ entry: CatalogueEntry, threads: Threads = .one
  ) -> Sample {
    var trainer = Trainer(settings, task: entry, seed: Seed(1))
    var choice = ThreadChoice(threads)
    // The first update warms up; others may measure how many threads are worth while.
    repeat { _ = try? choice.update(&trainer) } while choice.isOpen
    let clock = ContinuousClock()
    let start = clock.now
    let allocatedBefore = Bench.allocatedBytes?()
    let executedBefore = trainer.operations.executed
    var (updates, seconds) = (0, 0.0)
    while seconds < 0.4 {
      seconds += clock.measure { _ = try? choice.update(&trainer) }.seconds
      updates += 1
    }
    let span = start..<clock.now
    let executed = trainer.operations.executed - executedBefore
    let allocated = allocatedBefore.flatMap { before in Bench.allocatedBytes.map { $0() - before } }
    let times = PartTimes()
    trainer.times = times
    for _ in 0..<max(updates / 4, 1) { _ = try? trainer.update() }
    return Sample(
      observations: updates * settings.batch.value, seconds: seconds, span: span,
      parts: times.seconds, operations: Double(executed),
      limit: Double(trainer.threads)
        * productRate(of: NetworkShape(settings.hyperparameters, for: entry)),
      allocationsPerUpdate: allocated.map { Double($0) / Double(updates) })
  }

  /// Updates on several threads at the same time, as in a sweep. The rate is that of all together,
  /// from the first update of any to the last.
  private static func sideBySide(
    _ lanes: Int, _ settings: TrialSettings, _ entry: CatalogueEntry
  ) -> Sample {
    let samples = Mutex<[Sample]>([])
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      let sample = measure(settings, entry)
      samples.withLock { $0.append(sample) }
    }
    return samples.withLock { all in
      var sum = all[0]
      for lane in all.dropFirst() {
        sum.observations += lane.observations
        sum.operations += lane.operations
        sum.limit += lane.limit
        sum.parts.merge(lane.parts, uniquingKeysWith: +)
        sum.span =
          min(
            sum.span.lowerBound, lane.span.lowerBound)..<max(
            sum.span.upperBound, lane.span.upperBound)
      }
      sum.seconds = sum.span.lowerBound.duration(to: sum.span.upperBound).seconds
      // The count of allocated bytes is that of the whole process.
      sum.allocationsPerUpdate = nil
      return sum
    }
  }

  /// Operations per second of X·W in blocks of 64 rows, for a square layer as wide as the network's
  /// widest; the best of eight measurements.
  static func productRate(of shape: NetworkShape) -> Double {
    let width = shape.widestLayer
    let x = Matrix(rows: 64, columns: width)
    let w = Matrix(rows: width, columns: width)
    let bias = Matrix(rows: 1, columns: width)
    let out = Matrix(rows: 64, columns: width)
    x.fill(0.01)
    w.fill(0.01)
    var best = 0.0
    for _ in 0..<8 {
      let seconds = ContinuousClock().measure {
        for _ in 0..<200 { multiply(x, w, plus: bias, into: out) }
      }.seconds
      best = max(best, 200 * 2 * 64 * Double(width * width) / seconds)
    }
    return best
  }
}

extension Trainer {
  /// Observations per second, from the median of the updates in about `limit` seconds, after one
  /// that warms up. Other work on the machine delays some updates but barely changes the median.
  mutating func rate(seconds limit: Double) -> Double {
    _ = try? update()
    var times: [Double] = []
    var sum = 0.0
    repeat {
      let seconds = ContinuousClock().measure { _ = try? update() }.seconds
      times.append(seconds)
      sum += seconds
    } while sum < limit
    times.sort()
    return Double(batch.value) / max(times[times.count / 2], 1e-9)
  }
}
