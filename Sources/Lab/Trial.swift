internal import Algebra
public import Archive
public import Environments
public import Learning
public import Records

/// The trial was asked to stop before it had a result.
public struct TrialInterrupted: Error {
  /// Why its checkpoint could not be written; `nil`: it could, or none was asked for.
  public var failure: ArchiveError?
}

/// What a running trial has to tell.
public struct TrialProgress: Sendable {
  public var updates: Updates
  public var observations: Observations
  /// Latest evaluated score.
  public var score: Double
  /// Noise scale since the start; `nil` while it isn't positive.
  public var noiseScale: Double?
  /// Sums of noise since the start, or since the batch changed last.
  public var noise: NoiseMoments?
  /// Of the next update.
  public var batch: Observations
  public var learningRate: Double
  /// Episodes of training that have ended in this process, and the sums of their returns and of
  /// their steps.
  public var episodes: Int
  public var returns: Double
  public var lengths: Int
  public var report: UpdateReport
}

/// Where a run can be taken up again by others.
public struct TrialMark: Sendable {
  public var updates: Updates
  /// Noise sums since the start of the run.
  public var noise: NoiseMoments?
  public var state: LearnerState
}

/// One run of the learner at one batch and learning rate, until its hardest target is reached,
/// its limit is met or it diverges.
///
/// The policy is judged on a geometric schedule of updates: a coarse one while the run goes on, from
/// where training has taken as many steps as a look takes, with a snapshot of the parameters every
/// tenth. A target is crossed at the first coarse point that reaches it and that a second,
/// independent set of episodes confirms; then a search among the snapshots since the last point
/// that failed brackets the crossing to about 10 %, and it is interpolated in log(updates).
/// Training episodes decide nothing.
public struct Trial: ~Copyable {
  private let settings: TrialSettings
  private let task: CatalogueEntry
  private var learner: Learner
  private var collector: Collector
  private var judge: Judge
  private var course: TrialCourse
  /// When the part of the run began that this process does, and what came before it.
  private var start = ContinuousClock.now
  private var earlier = Duration.zero

  public init(_ settings: TrialSettings, task: CatalogueEntry) {
    self.settings = settings
    self.task = task
    let shape = NetworkShape(settings.hyperparameters, for: task)
    let seed = settings.trialSeed
    learner = Learner(shape: shape, settings: settings, seed: seed)
    collector = Collector(
      task: task, count: settings.numEnvs, horizon: settings.numSteps, shape: shape,
      seed: seed.child(.training))
    judge = Judge(
      task: task, shape: shape, seed: seed, limit: settings.evaluationEpisodes)
    course = TrialCourse(firstCoarse: judge.firstLookSteps / settings.batch.value + 1)
  }

  /// The trial at the point where a checkpoint was written, to be continued bit for bit.
  ///
  /// - Throws: `.damaged` or `.notACheckpoint` if the file is no checkpoint of the same settings,
  ///   build and kind of machine.
  public init(
    _ settings: TrialSettings, task: CatalogueEntry, resuming file: String
  ) throws(ArchiveError) {
    self.init(settings, task: task)
    let checkpoint = try TrialCheckpoint(reading: file, for: settings)
    do throws(StateMismatch) {
      for size in checkpoint.course.sizes { resize(to: size) }
      try learner.restore(checkpoint.learner)
      try collector.restore(checkpoint.collector)
    } catch {
      throw .notACheckpoint(file: file, reason: "its parts do not fit the settings")
    }
    judge.tally = checkpoint.tally
    course = checkpoint.course
    earlier = checkpoint.time
  }

  /// Updates that were done before this process took the trial up.
  public var updates: Updates { course.updates }
  public var observations: Observations { course.observations }

  /// - Parameters:
  ///   - checkpoints: where and how often the trial is saved, so that another process can go on
  ///     from there if this one dies; `nil`: never.
  ///   - probe: receives the parts of the gradient's noise; results stay the same.
  ///   - onUpdate: called after every update.
  ///   - onCheckpoint: called when one was written, or why it could not be.
  ///   - onMark: called at the ends of the blocks of the noise scale, at fixed updates.
  ///   - onEnd: called with the policy that was judged last.
  /// - Throws: `TrialInterrupted` if the surrounding task is cancelled; what was done is kept in a
  ///   checkpoint, if they are asked for.
  public consuming func run(
    checkpoints: Checkpoints? = nil, probe: NoiseProbe? = nil,
    onUpdate: (TrialProgress) -> Void = { _ in },
    onCheckpoint: (ArchiveError?) -> Void = { _ in }, onMark: ((TrialMark) -> Void)? = nil,
    onEnd: (Network) -> Void = { _ in }
  ) throws(TrialInterrupted) -> TrialOutcome {
    start = .now
    learner.probe = probe
    if course.evaluated.isEmpty {
      takeSnapshot()
      evaluateLast()
    }
    var ending = TrialEnding.completed
    var saved = start
    while course.crossings.count < settings.targets.count {
      if Task.isCancelled {
        let failure = checkpoints.flatMap {
          start.duration(to: .now) < $0.shortestRun ? nil : save(to: $0)
        }
        throw TrialInterrupted(failure: failure)
      }
      if let checkpoints, saved.duration(to: .now) >= checkpoints.interval {
        onCheckpoint(save(to: checkpoints))
        saved = .now
      }
      guard course.observations.value + batch <= settings.limit.value else {
        ending = settings.isPruned ? .pruned : .budget
        break
      }
      let report: UpdateReport
      do { report = try update() } catch {
        ending = .diverged
        break
      }
      let due = course.due()
      if due.isMark, let noise = learner.noise {
        course.noiseMarks.append(.init(updates: course.updates, sums: noise))
      }
      if due.isMark {
        onMark?(TrialMark(updates: course.updates, noise: learner.noise, state: learner.state))
      }
      if due.isCoarse || due.isFine { takeSnapshot() }
      if due.isCoarse {
        evaluateLast()
        if course.crossings.count < settings.targets.count { followNoise() }
      }
      onUpdate(progress(report))
    }
    if ending != .completed { evaluateEnd(&ending) }
    onEnd(Network(learner.network.shape, parameters: course.snapshots.last?.parameters))
    return outcome(ending)
  }

  /// - Returns: why it could not be saved; `nil`: it was.
  private func save(to checkpoints: Checkpoints) -> ArchiveError? {
    do throws(ArchiveError) {
      try TrialCheckpoint(
        of: settings, course: course, tally: judge.tally, learner: learner.state,
        collector: collector.state, time: time
      ).write(to: checkpoints.file)
      return nil
    } catch {
      return error
    }
  }

  /// Time that the run has taken, in all processes that did a part of it.
  private var time: Duration { earlier + start.duration(to: .now) }

  /// Of training, in all processes that did a part of it.
  private var operations: Operations { collector.operations + learner.operations }

  private mutating func update() throws(Divergence) -> UpdateReport {
    let start = ContinuousClock.now
    defer { course.trainingTime += start.duration(to: .now) }
    collector.collect(with: learner.network, settings.hyperparameters)
    let report = try learner.learn(from: collector.rollout)
    course.updates += Updates(1)
    course.observations += Observations(batch)
    return report
  }

  private var environments: Int { course.sizes.last?.environments ?? settings.numEnvs }

  /// Observations of the next update.
  private var batch: Int { environments * settings.numSteps }

  /// Where the batch is adaptive, lets it follow the noise of the updates since this was decided
  /// last.
  private mutating func followNoise() {
    guard let rule = settings.adaptiveBatch, let sums = learner.noise else { return }
    let noise = course.decided.map { sums.since($0) } ?? sums
    guard noise.updates >= AdaptiveBatch.fewestUpdates else { return }
    course.decided = sums
    let next = rule.environments(after: environments, noise: noise)
    guard next != environments else { return }
    let size = TrialCourse.Size(updates: course.updates, environments: next)
    course.sizes.append(size)
    course.noiseMarks.append(.init(updates: course.updates, sums: sums))
    resize(to: size)
  }

  /// Goes on with another number of environments.
  private mutating func resize(to size: TrialCourse.Size) {
    let seed = settings.trialSeed.child(.batch, size.updates.value)
    learner = Learner(
      continuing: learner, settings: settings.enlarged(to: size.environments), seed: seed)
    collector.resize(to: size.environments, seed: seed.child(.training))
  }

  private mutating func takeSnapshot() {
    course.snapshots.append(
      Snapshot(
        updates: course.updates, observations: course.observations, batch: batch,
        optimizerSteps: learner.optimizerSteps, operations: operations, noise: learner.noise,
        seconds: course.trainingTime.seconds,
        parameters: learner.network.parameters.copy()))
  }

  /// A run that met its limit is judged once more, at its very last update; one that diverged
  /// at its last snapshot before.
  private mutating func evaluateEnd(_ ending: inout TrialEnding) {
    if ending != .diverged, course.snapshots.last?.updates != updates { takeSnapshot() }
    evaluateLast()
    if course.crossings.count == settings.targets.count { ending = .completed }
  }

  /// Looks for the crossings of the targets that are still open at the last snapshot.
  private mutating func evaluateLast() {
    let start = ContinuousClock.now
    defer { course.evaluationTime += start.duration(to: .now) }
    guard let point = course.snapshots.last else { return }
    while course.crossings.count < settings.targets.count {
      let target = settings.targets[course.crossings.count]
      guard judge.reaches(target, at: point), judge.confirms(target, at: point) else {
        for passed in course.snapshots.dropLast() { passed.parameters = nil }
        course.snapshots = [point]
        break
      }
      course.crossings.append(locate(target))
    }
    note(point)
  }

  /// Narrows down the crossing between the first snapshot, which failed, and the last one, which
  /// didn't.
  private mutating func locate(_ target: Double) -> Crossing {
    let snapshots = course.snapshots
    var (low, high) = (0, snapshots.count - 1)
    while high - low > 1 {
      let share = Self.share(of: target, between: snapshots[low], and: snapshots[high])
      let guess = low + Int((share * Double(high - low)).rounded())
      let middle = min(max(guess, low + 1), high - 1)
      let isAbove = judge.reaches(target, at: snapshots[middle], look: Judge.closeLook)
      if isAbove { high = middle } else { low = middle }
      note(snapshots[middle])
    }
    var crossing = Crossing(target: target, between: snapshots[low], and: snapshots[high])
    crossing.noise = noise(upTo: snapshots[high])
    return crossing
  }

  /// The noise scale of the run up to a snapshot. Its blocks lie between fixed updates: those that
  /// happened to be judged would pool early updates, with their large gradients, with later ones.
  private func noise(upTo snapshot: Snapshot) -> LawWeightedNoise? {
    guard let end = snapshot.noise else { return nil }
    let sums = course.noiseMarks.lazy.filter { $0.updates < snapshot.updates }.map(\.sums) + [end]
    var before: NoiseMoments?
    return LawWeightedNoise(
      blocks: sums.map { sums in
        defer { before = sums }
        return before.map { sums.since($0) } ?? sums
      })
  }

  /// How far between two snapshots their scores let expect the target: in the middle half, so
  /// that a noisy score can't make the search a slow one.
  private static func share(
    of target: Double, between low: Snapshot, and high: Snapshot
  ) -> Double {
    let rise = high.score.mean - low.score.mean
    guard rise > 0 else { return 0.5 }
    return min(max((target - low.score.mean) / rise, 0.25), 0.75)
  }

  private mutating func note(_ snapshot: Snapshot) {
    if !course.evaluated.contains(where: { $0 === snapshot }) { course.evaluated.append(snapshot) }
  }

  private func progress(_ report: UpdateReport) -> TrialProgress {
    let episodes = collector.finishedEpisodes
    return TrialProgress(
      updates: course.updates, observations: course.observations,
      score: course.evaluated.last?.score.mean ?? .nan,
      noiseScale: LawWeightedNoise(blocks: learner.noise.map { [$0] } ?? [])?.estimate,
      noise: learner.noise, batch: Observations(batch), learningRate: learner.learningRate,
      episodes: episodes.count, returns: episodes.returns, lengths: episodes.lengths,
      report: report)
  }

  private consuming func outcome(_ ending: TrialEnding) -> TrialOutcome {
    let curve = curvePoints(course.evaluated.sorted { $0.updates < $1.updates })
    var crossings = course.crossings
    for target in settings.targets.dropFirst(crossings.count) {
      crossings.append(Crossing(target: target, bracketLow: updates, bracketHigh: updates))
    }
    return TrialOutcome(
      ending: ending, crossings: crossings, curve: curve, updates: course.updates,
      observations: course.observations,
      optimizerSteps: learner.optimizerSteps,
      staggerObservations: Observations(collector.staggerSteps),
      evaluationObservations: Observations(judge.tally.steps),
      evaluationEpisodes: judge.tally.episodes, operations: operations,
      evaluationOperations: judge.tally.operations, seconds: time.seconds,
      evaluationSeconds: course.evaluationTime.seconds)
  }
}

extension TrialSettings {
  /// The seed of all the trial's streams: split by role, index and batch from that of the study,
  /// so that trials of one seed are paired over the learning rates of a cell, and the cells of a
  /// task share none.
  var trialSeed: Seed {
    let purpose: Seed.Purpose =
      switch role {
      case .tuning: .tuning
      case .measuring: .measuring
      case .single: .single
      }
    let own = Seed(studySeed).child(purpose, seed).child(.batch, batch.value)
    guard let exchangeRate else { return own }
    return own.child(.exchangeRate, Int(truncatingIfNeeded: exchangeRate.bitPattern))
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
