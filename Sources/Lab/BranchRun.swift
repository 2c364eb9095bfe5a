internal import Environments
internal import Learning
public import Records

/// The largest batch that a run tolerates at some of its points, found by trying.
///
/// Branches continue the run from each point at k times the batch for equal observations, with the
/// learning rate times √k (Adam, RMSProp) or k (SGD). How far their scores rise shows what a batch
/// loses (Merrill et al. 2025). Nothing is assumed about the gradient's noise. Branches take
/// parameters and optimizer from the run, and fresh, staggered copies of the task.
public struct BranchRun: Sendable {
  /// Where the branches leave the run.
  public struct Point: Sendable {
    public var updates: Updates
    public var observations: Observations
    /// Scores of the policy that the branches start from, one per set of episodes.
    public var start: [Double]
    /// Observations that each branch trains on.
    public var length: Observations
    public var branches: [Branch]
    /// The run's noise sums since the previous point.
    public var noise: NoiseMoments?
  }

  /// All branches at one batch.
  public struct Branch: Sendable {
    public var batch: Observations
    public var learningRate: Double
    public var updates: Updates
    /// Final scores of the repetitions; one that diverged has the task's lowest score.
    public var scores: [Double]
  }

  /// Settings of the branches.
  public struct Form: Sendable {
    /// Maximum number of points, each at half the observations of the next or less.
    var points: Int
    /// Branches at each batch.
    var repetitions: Int
    /// Length of a branch, as a multiple of the run's observations up to the point.
    var stretch: Double
    /// Episodes of each score.
    var episodes: Int

    public init(points: Int = 4, repetitions: Int = 8, stretch: Double = 1, episodes: Int = 64) {
      self.points = points
      self.repetitions = repetitions
      self.stretch = stretch
      self.episodes = episodes
    }
  }

  /// With fewer updates, a branch would show the effect of its start, not of its batch.
  static let fewestUpdates = 4

  public var cell: TunedCell
  /// The run itself, at the cell's batch.
  var outcome: TrialOutcome
  /// In the order of the run.
  public var points: [Point]
  /// Observations of the run and its branches, and of their evaluations.
  public var observations: Observations
  public var evaluationObservations: Observations

  /// - Parameters:
  ///   - threads: of every run; if not given, as many as there are cores for it.
  ///   - onPart: called when a branch has ended, with the number of branches; on the branches'
  ///     threads.
  /// - Throws: `TunedCellProblem` if no point of the run is late enough for branches;
  ///   `TrialInterrupted` if the surrounding task is cancelled.
  public init(
    _ cell: TunedCell, form: Form, lanes: Int, threads: Int? = nil,
    onPart: @escaping @Sendable (_ of: Int) -> Void = { _ in }
  ) async throws {
    self.cell = cell
    let (task, settings) = (cell.task, cell.settings)
    let (outcome, marks) = try await inLanes(lanes, [settings], threads: threads) {
      var marks: [TrialMark] = []
      let outcome = try Trial($0, task: task).run(threads: $1, onMark: { marks.append($0) })
      return (outcome, marks)
    }[0]
    self.outcome = outcome
    points = []
    observations = outcome.observations
    evaluationObservations = outcome.evaluationObservations
    var before: NoiseMoments?
    let plans = Self.chosen(marks, form: form).map {
      PointPlan($0, settings, task, form: form, lanes: lanes)
    }
    let parts = plans.reduce(0) { $0 + $1.jobs.count }
    for (mark, plan) in zip(plans.map(\.mark), plans) {
      let (measured, steps) = try await plan.run(lanes: lanes, threads: threads) {
        onPart(parts)
      }
      var point = measured
      evaluationObservations += Observations(steps)
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

  /// The last mark, then before each chosen one the last at half its updates or fewer, as long as a
  /// branch at twice the batch would have enough updates.
  private static func chosen(_ marks: [TrialMark], form: Form) -> [TrialMark] {
    var chosen: [TrialMark] = []
    for mark in marks.reversed() where chosen.count < form.points {
      guard form.stretch * Double(mark.updates.value) >= Double(2 * fewestUpdates) else { break }
      if chosen.last.map({ 2 * mark.updates.value <= $0.updates.value }) ?? true {
        chosen.append(mark)
      }
    }
    return chosen.reversed()
  }

  /// The branches of a point before they are run.
  private struct PointPlan {
    let mark: TrialMark
    private let settings: TrialSettings
    private let task: CatalogueEntry
    private let form: Form
    /// The largest branch has 2^largest times the batch.
    private let largest: Int
    /// Updates of a branch at the run's batch: a multiple of 2^largest, so that all branches train
    /// on equally many observations.
    private let updates: Int

    init(
      _ mark: TrialMark, _ settings: TrialSettings, _ task: CatalogueEntry, form: Form, lanes: Int
    ) {
      (self.mark, self.settings, self.task, self.form) = (mark, settings, task, form)
      let most = Int(min(form.stretch * Double(mark.updates.value), 0x1p50))
      let memory = memoryForRollouts / Double(lanes)
      largest =
        (0...40).last { power in
          let bytes = rolloutBytes(
            batch: settings.batch.value << power, task.facts,
            settings.hyperparameters)
          return power == 0 || most >> power >= fewestUpdates && bytes <= memory
        } ?? 0
      updates = (most >> largest) << largest
    }

    /// Power −1 is the start itself.
    var jobs: [Job] {
      (-1...largest).flatMap { power in
        (0..<form.repetitions).map { Job(power: power, repetition: $0) }
      }
    }

    /// - Returns: the point and the steps of its evaluations.
    func run(
      lanes: Int, threads: Int?, onPart: @escaping @Sendable () -> Void
    ) async throws -> (Point, Int) {
      let seed = settings.trialSeed.child(.branch, mark.updates.value)
      let (mark, settings, task, form, updates) = (mark, settings, task, form, updates)
      let played = try await inLanes(lanes, jobs, threads: threads) { job, threads in
        defer { onPart() }
        return try job.play(
          from: mark, settings, task, seed: seed, updates: updates, episodes: form.episodes,
          threads: threads)
      }
      let sets = stride(from: 0, to: played.count, by: form.repetitions).map {
        played[$0..<$0 + form.repetitions].map(\.score)
      }
      let batch = settings.batch.value
      let point = Point(
        updates: mark.updates, observations: Observations(mark.updates.value * batch),
        start: sets[0], length: Observations(updates * batch),
        branches: (0...largest).map { power in
          Branch(
            batch: Observations(batch << power),
            learningRate: settings.enlarged(to: settings.numEnvs << power).learningRate,
            updates: Updates(updates >> power), scores: sets[power + 1])
        })
      return (point, played.reduce(0) { $0 + $1.steps })
    }
  }

  /// One repetition at 2^power times the batch.
  private struct Job {
    var power: Int
    var repetition: Int

    /// - Returns: the final score and the steps of its evaluation.
    func play(
      from mark: TrialMark, _ run: TrialSettings, _ task: CatalogueEntry, seed: Seed, updates: Int,
      episodes: Int, threads: Threads
    ) throws -> (score: Double, steps: Int) {
      let settings = run.enlarged(to: run.numEnvs << max(power, 0))
      var network = Network(
        NetworkShape(settings.hyperparameters, for: task), parameters: mark.state.parameters)
      if power >= 0 {
        let own = seed.child(.batch, settings.batch.value).child(.single, repetition)
        var trainer = Trainer(settings, task: task, seed: own)
        try trainer.adopt(mark.state)
        var choice = ThreadChoice(threads)
        for _ in 0..<updates >> power {
          if Task.isCancelled { throw TrialInterrupted() }
          do { try choice.update(&trainer) } catch {
            return (task.facts.scoreRange.lowerBound, 0)
          }
        }
        network = trainer.network
      }
      let played = Evaluator.play(
        task, with: network, episodes: 0..<episodes,
        seed: seed.child(.evaluation, repetition).child(.batch, power), threads: threads.limit)
      return (played.scores.reduce(0, +) / Double(played.scores.count), played.steps)
    }
  }
}
