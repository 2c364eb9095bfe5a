import Analysis
import Foundation
import Records
import Report

/// A small study whose numbers are closed forms: S = S_min (1 + B_crit/B) times a factor of the
/// seed.
enum Fixture {
  struct Task {
    var name: String
    var targets: [Double]
    /// Of the hardest target; each easier one takes half of both.
    var minimumUpdates: Double
    var criticalBatch: Double
    var batches: [Int]
    var measuring = 3

    func updates(_ target: Int, _ batch: Int) -> Double {
      let share = pow(0.5, Double(targets.count - 1 - target))
      return share * minimumUpdates * (1 + share * criticalBatch / Double(batch))
    }
  }

  static let alpha = Task(
    name: "alpha", targets: [0.5, 1], minimumUpdates: 50, criticalBatch: 300,
    batches: [20, 60, 180, 540, 1620, 4860])
  static let tasks = [
    alpha,
    Task(
      name: "beta", targets: [-2.5], minimumUpdates: 80, criticalBatch: 2000,
      batches: [60, 240, 960, 3840, 15360, 61440]),
    Task(
      name: "gamma", targets: [3], minimumUpdates: 120, criticalBatch: 700,
      batches: [40, 160, 640, 2560, 10240]),
    Task(
      name: "delta", targets: [10], minimumUpdates: 30, criticalBatch: 5000,
      batches: [100, 400, 1600, 6400, 25600, 102400]),
    Task(
      name: "few", targets: [1], minimumUpdates: 30, criticalBatch: 500, batches: [40, 160, 640]),
  ]
  /// Of the seeds, in turn; their geometric mean is about 1.
  static let factors = [1 / 1.06, 1, 1.06]
  static let horizon = 10
  static let operationsPerObservation = 100.0
  static let rates = [0.005, 0.01, 0.02]

  static func report(
    _ tasks: [Task] = tasks, name: String = "fixture", plan: String = "tasks: [alpha]\n",
    digest: String? = "0123456789abcdef0123"
  ) -> StudyReport {
    let trials = tasks.flatMap(Self.trials)
    let traits = tasks.enumerated().map { index, task in
      (
        task.name,
        TaskTraits(
          observationSize: 10 * (index + 1), episodeLength: 20, randomScore: -5, bestScore: 20)
      )
    }
    return StudyReport(
      [
        ReportedStudy(
          name: name, plan: plan, rows: trials.flatMap(\.rows), curves: trials.flatMap(\.curve),
          digest: digest)
      ], traits: Dictionary(uniqueKeysWithValues: traits), resamples: 200)
  }

  struct Trial {
    var rows: [TrialRow]
    var curve: [CurveRow]
  }

  private static func trials(_ task: Task) -> [Trial] {
    task.batches.flatMap { batch in
      rates.enumerated().flatMap { index, rate in
        (0..<2).map { seed in
          trial(
            task, batch, .tuning, seed, rate: rate, slowdown: index == 1 ? 1 : 1.8,
            isLost: index == 2 && batch == task.batches[0])
        }
      } + (0..<task.measuring).map { trial(task, batch, .measuring, $0, rate: rates[1]) }
    }
  }

  private static func trial(
    _ task: Task, _ batch: Int, _ role: TrialRole, _ seed: Int, rate: Double,
    slowdown: Double = 1, isLost: Bool = false
  ) -> Trial {
    let id = "\(task.name) \(batch) \(role.rawValue) \(seed) \(rate)"
    let settings = TrialSettings(
      task: task.name, rulesVersion: 1, studySeed: 1, role: role, seed: seed,
      numEnvs: batch / horizon, numSteps: horizon, shortenedHorizon: false, learningRate: rate,
      hyperparameters: Hyperparameters(), targets: task.targets, limit: Observations(10_000_000),
      isPruned: false, evaluationEpisodes: 100)
    let factor = factors[seed % factors.count] * slowdown
    let last = factor * task.updates(task.targets.count - 1, batch)
    let points = evaluated(task, batch, last: last, noise: factor / slowdown)
    let outcome = TrialOutcome(
      ending: isLost ? .budget : .completed, crossings: [], curve: points,
      updates: Updates(Int(last.rounded(.up))),
      observations: Observations(Int(last.rounded(.up)) * batch), optimizerSteps: OptimizerSteps(1),
      staggerObservations: .zero, evaluationObservations: .zero, evaluationEpisodes: 0,
      operations: Operations(), evaluationOperations: Operations(), seconds: 2, evaluationSeconds: 1
    )
    let provenance = Provenance(
      version: "1", revision: "r", swift: "6.3", host: "h", cpu: "a processor", openblas: "o",
      libc: "l")
    let rows = task.targets.enumerated().map { index, target in
      let updates = factor * task.updates(index, batch)
      let end = Updates(Int(updates.rounded(.up)))
      let crossing = Crossing(
        target: target, updates: isLost ? nil : updates,
        observations: isLost ? nil : updates * Double(batch), bracketLow: .zero, bracketHigh: end,
        operations: isLost ? nil : updates * Double(batch) * operationsPerObservation,
        operationsExecuted: isLost ? nil : updates * Double(batch) * 60,
        noise: LawWeightedNoise(blocks: points.filter { $0.updates <= end }.compactMap(\.noise)),
        seconds: isLost ? nil : updates * (0.001 + 0.00001 * Double(batch)))
      return TrialRow(
        settings: settings,
        result: TrialResult(
          trial: id, settings: settings, crossing: crossing,
          rateVerdict: role == .measuring ? .interior : nil, outcome: outcome),
        measured: TrialMeasured(crossing: crossing, outcome: outcome, provenance: provenance))
    }
    return Trial(
      rows: rows, curve: points.map { CurveRow(trial: id, settings: settings, point: $0) })
  }

  /// Ten points up to the last target, whose scores rise in proportion to log(1 + updates), with
  /// moments of a noise scale of two thirds of B_crit, times `noise`.
  private static func evaluated(
    _ task: Task, _ batch: Int, last: Double, noise: Double
  ) -> [CurvePoint] {
    let scale = noise * task.criticalBatch * 2 / 3
    let end = Int(last.rounded(.up))
    let places = Set((0...10).map { Int(pow(Double(end + 1), Double($0) / 10).rounded()) - 1 })
    var before = 0
    return places.sorted().map { updates in
      let count = Double(updates - before)
      before = updates
      let shard = batch / 2
      let moments = NoiseMoments(
        shardSize: shard, batchSize: batch, updates: Int(count),
        shardSquares: count * (1 + scale / Double(shard)),
        batchSquares: count * (1 + scale / Double(batch)))
      let share = log1p(Double(updates)) / log1p(last)
      let hardest = task.targets[task.targets.count - 1]
      return CurvePoint(
        updates: Updates(updates), observations: Observations(updates * batch),
        batch: Observations(batch), optimizerSteps: OptimizerSteps(updates),
        score: hardest - 6 * (1 - share), scoreError: 0.1, scoreEpisodes: 100,
        noise: count > 0 ? moments : nil, seconds: Double(updates) * 0.001)
    }
  }
}
