internal import Algebra
public import Archive
public import Environments
public import Learning
public import Records

/// The trial was cancelled before it had a result.
public struct TrialInterrupted: Error {
  /// Why its checkpoint could not be written; `nil` if it was written or none was requested.
  public var failure: ArchiveError?
}

/// A running trial's state after an update.
public struct TrialProgress: Sendable {
  public var updates: Updates
  public var observations: Observations
  /// Latest evaluated score.
  public var score: Double
  /// Noise scale since the start, or since the batch last changed; `nil` if |G|² isn't positive.
  public var noiseScale: Double?
  /// Noise sums since the start, or since the batch last changed.
  var noise: NoiseMoments?
  /// Observations of the next update.
  var batch: Observations
  var learningRate: Double
  /// Episodes of training that have ended in this process.
  var episodes: EpisodeTally
  var report: UpdateReport
}

/// A point of a run from which other runs can continue.
public struct TrialMark: Sendable {
  var updates: Updates
  /// Noise sums since the start of the run, or since the batch last changed.
  var noise: NoiseMoments?
  var state: LearnerState
}

/// One run of the learner at one batch and learning rate, until its hardest target is reached,
/// its limit is met or it diverges.
///
/// The policy is evaluated at coarse points, updates in a geometric sequence that starts where
/// training has taken as many steps as a first evaluation takes. Between them the parameters are
/// kept in snapshots, each at 1.1 times the updates of the one before. A target is crossed at the
/// first coarse point that reaches it and that a second, independent set of episodes confirms. A
/// search among the snapshots since the last failed point then brackets the crossing to about
/// 10 %, and the crossing is interpolated in log(updates). Training episodes decide nothing.
public struct Trial: ~Copyable {
  private let settings: TrialSettings
  private let task: CatalogueEntry
  private var trainer: Trainer
  private var test: TargetTest
  private var history: TrialHistory
  /// When this process started its part of the run, and the time of earlier parts.
  private var start = ContinuousClock.now
  private var earlier = Duration.zero
  private var threads = Threads.one
  private var choice = ThreadChoice(.one)

  public init(_ settings: TrialSettings, task: CatalogueEntry) {
    self.settings = settings
    self.task = task
    trainer = Trainer(settings, task: task, seed: settings.trialSeed)
    test = TargetTest(
      task: task, shape: trainer.network.shape, seed: settings.trialSeed,
      limit: settings.evaluationEpisodes)
    history = TrialHistory(firstCoarse: test.firstLookSteps / settings.batch.value + 1)
  }

  /// Continues a trial, bit for bit, from its checkpoint, or from that of a trial with a smaller
  /// limit.
  ///
  /// - Throws: `.damaged` or `.unusable` if the file isn't a checkpoint of otherwise the same
  ///   settings, build and kind of machine.
  public init(
    _ settings: TrialSettings, task: CatalogueEntry, resuming file: String
  ) throws(ArchiveError) {
    self.init(settings, task: task)
    let checkpoint = try TrialCheckpoint(reading: file, for: settings)
    do { try trainer.restore(checkpoint.trainer) } catch {
      throw .unusableCheckpoint(file, "its parts do not fit the settings")
    }
    test.tally = checkpoint.tally
    history = checkpoint.history
    earlier = checkpoint.time
  }

  /// Updates and observations so far.
  var updates: Updates { trainer.updates }
  public var observations: Observations { trainer.observations }

  /// - Parameters:
  ///   - checkpoints: where and how often the trial is saved, so that another process can continue
  ///     it if this one dies; `nil` for never.
  ///   - threads: how many the run may use; results stay the same.
  ///   - probe: receives the parts of the gradient's noise; results stay the same.
  ///   - onUpdate: called after every update.
  ///   - onCheckpoint: called after an attempt to write one, with the error if it failed.
  ///   - onMark: called at the ends of the blocks of the noise scale, at fixed updates.
  ///   - onEnd: called with the policy that was evaluated last.
  /// - Throws: `TrialInterrupted` if the surrounding task is cancelled, after writing a checkpoint
  ///   if checkpoints are requested.
  public consuming func run(
    checkpoints: Checkpoints? = nil, threads: Threads = .one, probe: NoiseProbe? = nil,
    onUpdate: (TrialProgress) -> Void = { _ in },
    onCheckpoint: (ArchiveError?) -> Void = { _ in }, onMark: ((TrialMark) -> Void)? = nil,
    onEnd: (Network) -> Void = { _ in }
  ) throws(TrialInterrupted) -> TrialOutcome {
    start = .now
    trainer.probe = probe
    (self.threads, choice) = (threads, ThreadChoice(threads))
    if history.evaluated.isEmpty {
      takeSnapshot()
      evaluateLast()
    }
    var ending = TrialEnding.completed
    var saved = start
    while history.crossings.count < settings.targets.count {
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
      guard observations + trainer.batch <= settings.limit else {
        ending = settings.isPruned ? .pruned : .budget
        if let checkpoints, checkpoints.savesEnd { onCheckpoint(save(to: checkpoints)) }
        break
      }
      let report: UpdateReport
      do { report = try update() } catch {
        ending = .diverged
        break
      }
      let due = history.due(after: updates.value)
      if due.isMark {
        if let noise = trainer.noise {
          history.noiseMarks.append(
            .init(updates: updates, sums: noise, parts: trainer.partMoments))
        }
        onMark?(TrialMark(updates: updates, noise: trainer.noise, state: trainer.learnerState))
      }
      if due.isCoarse || due.isFine { takeSnapshot() }
      if due.isCoarse {
        evaluateLast()
        if history.crossings.count < settings.targets.count { followNoise() }
      }
      onUpdate(progress(report))
    }
    if ending != .completed { evaluateEnd(&ending) }
    onEnd(Network(trainer.network.shape, parameters: history.snapshots.last?.parameters))
    return outcome(ending)
  }

  /// - Returns: why it could not be saved; `nil` if it was.
  private func save(to checkpoints: Checkpoints) -> ArchiveError? {
    do throws(ArchiveError) {
      try TrialCheckpoint(
        of: settings, history: history, tally: test.tally, trainer: trainer.state, time: time
      ).write(to: checkpoints.file)
      return nil
    } catch {
      return error
    }
  }

  /// Time that the run has taken, in all processes that ran a part of it.
  private var time: Duration { earlier + start.duration(to: .now) }

  private mutating func update() throws(Divergence) -> UpdateReport {
    let (report, time) = try choice.update(&trainer)
    history.trainingTime += time
    history.threadTime += time * trainer.threads
    return report
  }

  /// Adapts an adaptive batch to the noise since the last decision.
  private mutating func followNoise() {
    guard let rule = settings.adaptiveBatch, let sums = trainer.noise else { return }
    let noise = history.decided.map { sums.since($0) } ?? sums
    guard noise.updates >= AdaptiveBatch.fewestUpdates else { return }
    history.decided = sums
    let next = rule.environments(after: trainer.environments, noise: noise)
    guard next != trainer.environments else { return }
    history.noiseMarks.append(
      .init(updates: updates, sums: sums, parts: trainer.partMoments))
    trainer.resize(to: next)
  }

  private mutating func takeSnapshot() {
    history.snapshots.append(
      Snapshot(
        updates: updates, observations: observations, batch: trainer.batch.value,
        optimizerSteps: trainer.optimizerSteps, operations: trainer.operations,
        noise: trainer.noise, parts: trainer.partMoments, seconds: history.trainingTime.seconds,
        parameters: trainer.network.parameters.copy()))
  }

  /// Evaluates a run that ended early: at its last update if it met its limit, at its last snapshot
  /// if it diverged.
  private mutating func evaluateEnd(_ ending: inout TrialEnding) {
    if ending != .diverged, history.snapshots.last?.updates != updates { takeSnapshot() }
    evaluateLast()
    if history.crossings.count == settings.targets.count { ending = .completed }
  }

  /// Looks for crossings of the open targets at the last snapshot.
  private mutating func evaluateLast() {
    let start = ContinuousClock.now
    defer { history.evaluationTime += start.duration(to: .now) }
    test.threads = threads.limit
    guard let point = history.snapshots.last else { return }
    while history.crossings.count < settings.targets.count {
      let target = settings.targets[history.crossings.count]
      guard test.reaches(target, at: point), test.confirms(target, at: point) else {
        for passed in history.snapshots.dropLast() { passed.parameters = nil }
        history.snapshots = [point]
        break
      }
      history.crossings.append(locate(target))
    }
    note(point)
  }

  /// Narrows down the crossing between the first snapshot, which failed, and the last one, which
  /// reached the target.
  private mutating func locate(_ target: Double) -> Crossing {
    let snapshots = history.snapshots
    var (low, high) = (0, snapshots.count - 1)
    while high - low > 1 {
      let share = Self.share(of: target, between: snapshots[low], and: snapshots[high])
      let guess = low + Int((share * Double(high - low)).rounded())
      let middle = min(max(guess, low + 1), high - 1)
      let isAbove = test.reaches(
        target, at: snapshots[middle], look: TargetTest.closeLook)
      if isAbove { high = middle } else { low = middle }
      note(snapshots[middle])
    }
    var crossing = Crossing(target: target, between: snapshots[low], and: snapshots[high])
    setNoise(of: &crossing, upTo: snapshots[high])
    return crossing
  }

  /// The noise scale of the run up to a snapshot. Its blocks end at fixed updates. Blocks that end
  /// at evaluations would pool early updates, with their large gradients, with later ones.
  private func setNoise(of crossing: inout Crossing, upTo snapshot: Snapshot) {
    guard let end = snapshot.noise else { return }
    let marks =
      history.noiseMarks.filter { $0.updates < snapshot.updates }
      + [.init(updates: snapshot.updates, sums: end, parts: snapshot.parts)]
    let blocks = marks.indices.map { index in
      index == 0 ? marks[0].sums : marks[index].sums.since(marks[index - 1].sums)
    }
    crossing.noise = LawWeightedNoise(blocks: blocks)
    guard let interval = trainer.partInterval else { return }
    let parts = marks.compactMap { mark in
      mark.parts.map { PartNoise.Mark(updates: mark.updates.value, sums: $0) }
    }
    crossing.parts = PartNoise(interval: interval, marks: parts, total: crossing.noise)
  }

  /// Fraction of the way between two snapshots at which linear interpolation of their scores
  /// reaches the target, limited to the middle half, so that a noisy score can't slow the search.
  private static func share(
    of target: Double, between low: Snapshot, and high: Snapshot
  ) -> Double {
    let rise = high.score.mean - low.score.mean
    guard rise > 0 else { return 0.5 }
    return min(max((target - low.score.mean) / rise, 0.25), 0.75)
  }

  private mutating func note(_ snapshot: Snapshot) {
    if !history.evaluated.contains(where: { $0 === snapshot }) {
      history.evaluated.append(snapshot)
    }
  }

  private func progress(_ report: UpdateReport) -> TrialProgress {
    TrialProgress(
      updates: updates, observations: observations,
      score: history.evaluated.last?.score.mean ?? .nan,
      noiseScale: LawWeightedNoise(blocks: trainer.noise.map { [$0] } ?? [])?.estimate,
      noise: trainer.noise, batch: trainer.batch, learningRate: trainer.learningRate,
      episodes: trainer.finishedEpisodes, report: report)
  }

  private consuming func outcome(_ ending: TrialEnding) -> TrialOutcome {
    let curve = curvePoints(history.evaluated.sorted { $0.updates < $1.updates })
    var crossings = history.crossings
    for target in settings.targets.dropFirst(crossings.count) {
      var crossing = Crossing(target: target, bracketLow: updates, bracketHigh: updates)
      crossing.parts = trainer.partInterval.map { PartNoise(interval: $0) }
      crossings.append(crossing)
    }
    return TrialOutcome(
      ending: ending, crossings: crossings, curve: curve, updates: updates,
      observations: observations, optimizerSteps: trainer.optimizerSteps,
      staggerObservations: Observations(trainer.staggerSteps),
      evaluationObservations: Observations(test.tally.steps),
      evaluationEpisodes: test.tally.episodes, operations: trainer.operations,
      evaluationOperations: test.tally.operations, seconds: time.seconds,
      evaluationSeconds: history.evaluationTime.seconds, threads: history.meanThreads)
  }
}

extension TrialSettings {
  /// The seed of all the trial's streams, split from that of the study by role, index and batch.
  /// Trials of one seed are thus paired across the learning rates of a cell, and the cells of a
  /// task share no stream.
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
