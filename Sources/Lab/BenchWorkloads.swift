internal import Dispatch
internal import Environments
internal import Learning
internal import Records
internal import Synchronization

extension Bench {
  struct Workload {
    var name: String
    /// Width of the layer whose products are its limit; `nil` if it has none.
    var width: Int?
    var run: (CoreTypeRates) -> Sample
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
      learner(
        "ppo-minatar", breakout, .ppo, .shared, environments: 64, steps: 128,
        network: NetworkLayers("minatar")),
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
    Workload(name: "tasks/\(entry.facts.name)") { _ in
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
    environments: Int, steps: Int, hidden: LayerSizes = LayerSizes([64, 64]),
    network: NetworkLayers? = nil, lanes: Int = 1, threads: Threads = .one
  ) -> Workload? {
    guard let entry else { return nil }
    var hyperparameters = Hyperparameters(algorithm)
    hyperparameters.trunks = trunks
    hyperparameters.hidden = hidden
    if let network { hyperparameters.use(network) }
    let chosen = hyperparameters
    let width = NetworkShape(chosen, for: entry).widestLayer
    return Workload(name: name, width: width) { rates in
      let settings = TrialSettings(
        task: entry.facts.name, rulesVersion: entry.facts.rulesVersion, studySeed: 1, role: .single,
        seed: 0,
        numEnvs: environments, numSteps: steps, shortenedHorizon: false, learningRate: 1e-4,
        hyperparameters: chosen, targets: TaskDefaults.of(entry.facts.name).targets,
        limit: Observations(1 << 40), isPruned: false, evaluationEpisodes: 1)
      return lanes == 1
        ? measure(settings, entry, rates, threads: threads)
        : sideBySide(lanes, settings, entry, rates)
    }
  }

  private static func measure(
    _ settings: TrialSettings, _ entry: CatalogueEntry, _ rates: CoreTypeRates,
    threads: Threads = .one
  ) -> Sample {
    var trainer = Trainer(settings, task: entry, seed: Seed(1))
    var choice = ThreadChoice(threads)
    // The first update warms up; others may measure how many threads are worth while.
    for _ in 0..<20 {
      _ = try? choice.update(&trainer)
      if !choice.isOpen { break }
    }
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
    let limit = rates.limit(width: NetworkShape(settings.hyperparameters, for: entry).widestLayer)
    return Sample(
      observations: updates * settings.batch.value, seconds: seconds, span: span,
      parts: times.seconds, operations: Double(executed),
      limit: Double(trainer.threads) * limit.rate, limitKernels: limit.kernels,
      allocationsPerUpdate: allocated.map { Double($0) / Double(updates) })
  }

  /// Updates on several threads at the same time, as in a sweep. The rate is that of all together,
  /// from the first update of any to the last.
  private static func sideBySide(
    _ lanes: Int, _ settings: TrialSettings, _ entry: CatalogueEntry, _ rates: CoreTypeRates
  ) -> Sample {
    let samples = Mutex<[Sample]>([])
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      let sample = measure(settings, entry, rates)
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
