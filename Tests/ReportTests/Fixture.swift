import Analysis
import Foundation
import Report
import TestSupport

@testable import Records

/// A small study whose numbers are closed forms: S = S_min (1 + B_crit/B) times a factor of the
/// seed.
enum Fixture {
  struct Task {
    var name: String
    /// Width of the only hidden layer of a variant; `nil` for no variant.
    var width: Int?
    var targets: [Double]
    /// Of the hardest target; each easier one takes half of both.
    var minimumUpdates: Double
    var criticalBatch: Double
    var batches: [Int]
    var measuring = 3
    /// How many of a batch's measuring seeds don't get there.
    var lost: [Int: Int] = [:]
    /// A batch whose last seed takes fifty times as long.
    var outlier: Int?
    /// Batches without a part in the fit.
    var shortened: Set<Int> = []
    var edges: Set<Int> = []
    var unreached: Set<Int> = []
    /// Batches whose learning rates are still searched for.
    var unfinished: Set<Int> = []
    /// The learning rate of the measured runs.
    var chosenRate = rates[1]
    /// Whether the gradient drowns in noise, so that the noise scale is only bounded.
    var isNoisy = false
    /// Of adaptive batches that begin at the first batch.
    var exchangeRates: [Double] = []

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
    digest: String? = "0123456789abcdef0123", openCells: Int? = 0
  ) -> StudyReport {
    report(
      [study(tasks, name: name, plan: plan, digest: digest, openCells: openCells)], of: tasks)
  }

  /// Of several studies of the tasks.
  static func report(_ studies: [ReportedSource], of tasks: [Task]) -> StudyReport {
    let traits = tasks.enumerated().map { index, task in
      (
        task.name,
        TaskTraits(
          observationSize: 10 * (index + 1), episodeLength: 20, randomScore: -5, bestScore: 20)
      )
    }
    return StudyReport(
      studies, traits: Dictionary(traits, uniquingKeysWith: { first, _ in first }),
      parameters: { $0.hyperparameters?.hidden.sizes[0] }, resamples: 200)
  }

  static func study(
    _ tasks: [Task], name: String, plan: String = "tasks: [alpha]\n", digest: String? = nil,
    openCells: Int? = nil
  ) -> ReportedSource {
    ReportedSource(
      name: name, plan: plan, trials: tasks.flatMap(Self.trials), digest: digest,
      openCells: openCells)
  }

  private static func trials(_ task: Task) -> [TrialRecord] {
    task.batches.flatMap { batch in
      rates.enumerated().flatMap { index, rate in
        (0..<2).map { seed in
          trial(
            task, batch, .tuning, seed, rate: rate, slowdown: index == 1 ? 1 : 1.8,
            isLost: index == 2 && batch == task.batches[0] || task.unreached.contains(batch))
        }
      }
        + (task.unreached.union(task.unfinished).contains(batch) ? [] : measured(task, batch))
    }
      + task.exchangeRates.flatMap { rate in
        (0..<task.measuring).map {
          trial(task, task.batches[0], .measuring, $0, rate: rates[1], exchangeRate: rate)
        }
      }
  }

  private static func measured(_ task: Task, _ batch: Int) -> [TrialRecord] {
    (0..<task.measuring).map { seed in
      trial(
        task, batch, .measuring, seed, rate: task.chosenRate,
        slowdown: task.outlier == batch && seed == task.measuring - 1 ? 50 : 1,
        isLost: seed >= task.measuring - task.lost[batch, default: 0])
    }
  }

  private static func trial(
    _ task: Task, _ batch: Int, _ role: TrialRole, _ seed: Int, rate: Double,
    slowdown: Double = 1, isLost: Bool = false, exchangeRate: Double? = nil
  ) -> TrialRecord {
    let id =
      "\(task.name) \(task.width ?? 0) \(batch) \(role.rawValue) \(seed) \(rate)"
      + (exchangeRate.map { " r \($0)" } ?? "")
    var hyperparameters = Hyperparameters()
    if let width = task.width { hyperparameters.hidden = LayerSizes([width]) }
    let settings = TrialSettings.sample(
      task: task.name, variant: task.width.map { "hidden=\($0)" }, role: role, seed: seed,
      numEnvs: batch / horizon, numSteps: horizon,
      shortenedHorizon: task.shortened.contains(batch), exchangeRate: exchangeRate,
      learningRate: rate, hyperparameters, targets: task.targets)
    let factor = factors[seed % factors.count] * slowdown
    let last = factor * task.updates(task.targets.count - 1, batch)
    let points = evaluated(task, batch, last: last, noise: factor / slowdown, seed: seed)
    let crossings = task.targets.enumerated().map { index, target in
      let updates = factor * task.updates(index, batch)
      let end = Updates(Int(updates.rounded(.up)))
      return Crossing(
        target: target, updates: isLost ? nil : updates,
        observations: isLost ? nil : updates * Double(batch), bracketLow: .zero, bracketHigh: end,
        operations: isLost ? nil : updates * Double(batch) * operationsPerObservation,
        operationsExecuted: isLost ? nil : updates * Double(batch) * 60,
        noise: LawWeightedNoise(blocks: points.filter { $0.updates <= end }.compactMap(\.noise)),
        seconds: isLost ? nil : updates * (0.001 + 0.00001 * Double(batch)))
    }
    return TrialOutcome.sample(
      ending: isLost ? .budget : .completed, crossings: crossings, curve: points,
      updates: Int(last.rounded(.up)), batch: batch, seconds: 2, evaluationSeconds: 1
    ).trial(
      id, settings, provenance: .sample(cpu: "a processor"),
      verdict: role == .measuring ? (task.edges.contains(batch) ? .edge : .interior) : nil)
  }

  /// Ten points up to the last target, whose scores rise in proportion to log(1 + updates), with
  /// moments of a noise scale of two thirds of B_crit, times `noise`.
  private static func evaluated(
    _ task: Task, _ batch: Int, last: Double, noise: Double, seed: Int
  ) -> [CurvePoint] {
    // Squared norms of the gradient in turn, of which no mean can be told from 0. Only two batches
    // have moments then, so that their runs and not the batches give the interval.
    let square = task.isNoisy ? [1, -0.9, 0.2][seed % 3] : 1
    let isMeasured = !task.isNoisy || batch > 1_000
    let scale = noise * task.criticalBatch * (task.isNoisy ? 100 : 2 / 3)
    let end = Int(last.rounded(.up))
    let places = Set((0...10).map { Int(pow(Double(end + 1), Double($0) / 10).rounded()) - 1 })
    var before = 0
    return places.sorted().map { updates in
      let count = Double(updates - before)
      before = updates
      let shard = batch / 2
      let moments = NoiseMoments(
        shardSize: shard, batchSize: batch, updates: Int(count),
        shardSquares: count * (square + scale / Double(shard)),
        batchSquares: count * (square + scale / Double(batch)))
      let share = log1p(Double(updates)) / log1p(last)
      let hardest = task.targets[task.targets.count - 1]
      return CurvePoint(
        updates: Updates(updates), observations: Observations(updates * batch),
        batch: Observations(batch), optimizerSteps: OptimizerSteps(updates),
        score: hardest - 6 * (1 - share), scoreError: 0.1, scoreEpisodes: 100,
        noise: count > 0 && isMeasured ? moments : nil, seconds: Double(updates) * 0.001)
    }
  }
}
