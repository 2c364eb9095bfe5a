internal import Environments
internal import Learning
public import Records

/// How far the batch could grow at points of a run, found by growing it.
///
/// From each point branches go on at k times the batch for equal observations, with the learning
/// rate times √k (Adam, RMSProp) or k (SGD); how far their scores rise says what a batch loses
/// (Merrill et al. 2025). Nothing is assumed of the gradient's noise. Branches take parameters and
/// optimizer from the run and fresh, staggered copies of the task.
public struct BranchRun: Sendable {
  /// Where the branches leave the run.
  public struct Point: Sendable {
    public var updates: Updates
    public var observations: Observations
    /// Scores of sets of episodes of the policy that the branches start from.
    public var start: [Double]
    /// Training of each branch.
    public var length: Observations
    public var branches: [Branch]
    /// Sums of the run's noise from the point before.
    public var noise: NoiseMoments?
  }

  /// All branches at one batch.
  public struct Branch: Sendable {
    public var batch: Observations
    public var learningRate: Double
    public var updates: Updates
    /// Scores at the ends of the repetitions; that of one that diverged is the task's lowest.
    public var scores: [Double]
  }

  /// What the branches are like.
  public struct Form: Sendable {
    /// Points, each at half the observations of the next.
    public var points: Int
    /// Branches at each batch.
    public var repetitions: Int
    /// Length of a branch, as a multiple of the observations that the run had taken.
    public var stretch: Double
    /// Episodes of each score.
    public var episodes: Int

    public init(points: Int = 4, repetitions: Int = 8, stretch: Double = 1, episodes: Int = 64) {
      self.points = points
      self.repetitions = repetitions
      self.stretch = stretch
      self.episodes = episodes
    }
  }

  /// Fewer updates of a branch would tell of its start and not of its batch.
  public static let fewestUpdates = 4

  public var cell: TunedCell
  /// The run itself, at the cell's batch.
  public var outcome: TrialOutcome
  /// In the order of the run.
  public var points: [Point]
  /// Of the run and its branches; evaluation not counted.
  public var observations: Observations

  /// - Throws: `TunedCellProblem` if no point of the run is late enough for branches;
  ///   `TrialInterrupted` if the surrounding task is cancelled.
  public init(_ cell: TunedCell, form: Form, lanes: Int) async throws {
    self.cell = cell
    let (task, settings) = (try Lab.task(named: cell.settings.task), cell.settings)
    let (outcome, marks) = try await inLanes(1, [settings]) { settings in
      var marks: [TrialMark] = []
      let outcome = try Trial(settings, task: task).run(onMark: { marks.append($0) })
      return (outcome, marks)
    }[0]
    self.outcome = outcome
    points = []
    observations = Observations(outcome.updates.value * settings.batch.value)
    var before: NoiseMoments?
    for mark in Self.chosen(marks, form: form) {
      var point = try await Self.point(mark, settings, task, form: form, lanes: lanes)
      point.noise = mark.noise.map { sums in before.map { sums.since($0) } ?? sums }
      before = mark.noise
      points.append(point)
      observations += Observations(
        point.branches.reduce(0) { $0 + $1.scores.count * $1.updates.value * $1.batch.value })
    }
    if points.isEmpty {
      throw TunedCellProblem(
        description: "the run ended after \(outcome.updates.value) updates, too early for branches"
          + " at larger batches; take a smaller --batch")
    }
  }

  /// The last mark and those before it at halves of its updates, as long as a branch at twice the
  /// batch would have enough updates.
  private static func chosen(_ marks: [TrialMark], form: Form) -> [TrialMark] {
    guard var next = marks.last?.updates.value else { return [] }
    var chosen: [TrialMark] = []
    for mark in marks.reversed() where chosen.count < form.points {
      let length = Int(form.stretch * Double(mark.updates.value))
      guard length >= 2 * fewestUpdates else { break }
      if mark.updates.value <= next {
        chosen.append(mark)
        next = mark.updates.value / 2
      }
    }
    return chosen.reversed()
  }

  private static func point(
    _ mark: TrialMark, _ settings: TrialSettings, _ task: CatalogueEntry, form: Form, lanes: Int
  ) async throws -> Point {
    let updates = Int(form.stretch * Double(mark.updates.value))
    // Powers of two, so that every branch takes the same observations.
    let largest = (0...40).last { updates >> $0 >= fewestUpdates } ?? 0
    let length = (updates >> largest) << largest
    let seed = settings.trialSeed.child(.branch, mark.updates.value)
    let jobs = (-1...largest).flatMap { power in
      (0..<form.repetitions).map { Job(power: power, repetition: $0) }
    }
    let scores = try await inLanes(lanes, jobs) { job in
      try job.score(from: mark, settings, task, seed: seed, length: length, episodes: form.episodes)
    }
    let sets = stride(from: 0, to: scores.count, by: form.repetitions).map {
      Array(scores[$0..<$0 + form.repetitions])
    }
    let batch = settings.batch.value
    return Point(
      updates: mark.updates, observations: Observations(mark.updates.value * batch),
      start: sets[0], length: Observations(length * batch),
      branches: (0...largest).map { power in
        Branch(
          batch: Observations(batch << power),
          learningRate: settings.enlarged(by: 1 << power).learningRate,
          updates: Updates(length >> power), scores: sets[power + 1])
      })
  }

  /// One repetition at 2^power times the batch; power −1 is the start itself.
  private struct Job {
    var power: Int
    var repetition: Int

    func score(
      from mark: TrialMark, _ run: TrialSettings, _ task: CatalogueEntry, seed: Seed, length: Int,
      episodes: Int
    ) throws -> Double {
      let settings = run.enlarged(by: 1 << max(power, 0))
      let own = seed.child(.batch, settings.batch.value).child(.single, repetition)
      let shape = NetworkShape(settings.hyperparameters, for: task)
      var learner = Learner(shape: shape, settings: settings, seed: own)
      try learner.takeOver(mark.state)
      if power >= 0 {
        var collector = Collector(
          task: task, count: settings.numEnvs, horizon: settings.numSteps, shape: shape,
          seed: own.child(.training))
        let hyperparameters = settings.hyperparameters
        for _ in 0..<length >> power {
          if Task.isCancelled { throw TrialInterrupted() }
          collector.collect(with: learner.network, hyperparameters)
          do { _ = try learner.learn(from: collector.rollout) } catch {
            return task.facts.scoreRange.lowerBound
          }
        }
      }
      let scores = Evaluator.play(
        task, with: learner.network, episodes: 0..<episodes,
        seed: seed.child(.evaluation, repetition).child(.batch, power)
      ).scores
      return scores.reduce(0, +) / Double(scores.count)
    }
  }
}

extension TrialSettings {
  /// k times the environments, with the learning rate that keeps an update's effect per observation:
  /// times √k for optimizers that divide by the gradient's root mean square, k for SGD.
  func enlarged(by factor: Int) -> TrialSettings {
    var settings = self
    settings.numEnvs *= factor
    let isScaleFree = hyperparameters.optimizer != .sgd
    settings.learningRate *= isScaleFree ? Double(factor).squareRoot() : Double(factor)
    return settings
  }
}
