internal import Algebra
public import Environments
internal import Glibc
public import Learning
public import Records

/// The trial was asked to stop before it had a result.
public struct TrialInterrupted: Error {}

/// What a running trial has to tell.
public struct TrialProgress: Sendable {
  public var updates: Updates
  public var observations: Observations
  /// Latest evaluated score.
  public var score: Double
  /// Noise scale since the start; `nil` while it isn't positive.
  public var noiseScale: Double?
  public var report: UpdateReport
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
  private var updates = Updates.zero
  private var crossings: [Crossing] = []
  /// Those between which a crossing can still lie: from the last failed point on.
  private var snapshots: [Snapshot] = []
  private var evaluated: [Snapshot] = []
  /// Noise sums since the start of the run, on the coarse schedule from the first update on.
  private var noiseMarks: [(updates: Updates, sums: NoiseMoments)] = []
  private var trainingTime = Duration.zero
  private var evaluationTime = Duration.zero

  /// Ratio of neighbouring coarse points, and of neighbouring snapshots.
  private static let coarseRatio = 1.6
  private static let fineRatio = 1.1

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
      task: task, shape: shape, seed: seed, batch: settings.batch.value,
      limit: settings.evaluationEpisodes)
  }

  /// - Parameters:
  ///   - onUpdate: called after every update.
  ///   - onEnd: called with the policy that was judged last.
  /// - Throws: `TrialInterrupted` if the surrounding task is cancelled; nothing is kept then.
  public consuming func run(
    onUpdate: (TrialProgress) -> Void = { _ in }, onEnd: (Network) -> Void = { _ in }
  ) throws(TrialInterrupted) -> TrialOutcome {
    let start = ContinuousClock.now
    takeSnapshot()
    evaluateLast()
    var ending = TrialEnding.completed
    let firstCoarse = judge.firstLookSteps / settings.batch.value + 1
    var (nextCoarse, nextFine, nextMark) = (firstCoarse, 1, 1)
    while crossings.count < settings.targets.count {
      if Task.isCancelled { throw TrialInterrupted() }
      guard (updates.value + 1) * settings.batch.value <= settings.limit.value else {
        ending = settings.isPruned ? .pruned : .budget
        break
      }
      let report: UpdateReport
      do { report = try update() } catch {
        ending = .diverged
        break
      }
      let (isCoarse, isFine) = (updates.value >= nextCoarse, updates.value >= nextFine)
      if isCoarse { nextCoarse = Self.next(after: updates.value, ratio: Self.coarseRatio) }
      if isFine { nextFine = Self.next(after: updates.value, ratio: Self.fineRatio) }
      if updates.value >= nextMark {
        nextMark = Self.next(after: updates.value, ratio: Self.coarseRatio)
        if let noise = learner.noise { noiseMarks.append((updates, noise)) }
      }
      if isCoarse || isFine { takeSnapshot() }
      if isCoarse { evaluateLast() }
      onUpdate(progress(report))
    }
    if ending != .completed { evaluateEnd(&ending) }
    onEnd(Network(learner.network.shape, parameters: snapshots.last?.parameters))
    return outcome(ending, seconds: start.duration(to: .now).seconds)
  }

  private static func next(after update: Int, ratio: Double) -> Int {
    max(update + 1, Int(Double(update) * ratio))
  }

  private mutating func update() throws(Divergence) -> UpdateReport {
    let start = ContinuousClock.now
    defer { trainingTime += start.duration(to: .now) }
    let hyperparameters = settings.hyperparameters
    collector.collect(
      with: learner.network, gamma: Float(hyperparameters.gamma),
      lambda: Float(hyperparameters.gaeLambda), normalizingAdvantages: hyperparameters.normAdv)
    let report = try learner.learn(from: collector.rollout)
    updates += Updates(1)
    return report
  }

  private mutating func takeSnapshot() {
    snapshots.append(
      Snapshot(
        updates: updates, optimizerSteps: learner.optimizerSteps, noise: learner.noise,
        seconds: trainingTime.seconds, parameters: learner.network.parameters.copy()))
  }

  /// A run that met its limit is judged once more, at its very last update; one that diverged
  /// at its last snapshot before.
  private mutating func evaluateEnd(_ ending: inout TrialEnding) {
    if ending != .diverged, snapshots.last?.updates != updates { takeSnapshot() }
    evaluateLast()
    if crossings.count == settings.targets.count { ending = .completed }
  }

  /// Looks for the crossings of the targets that are still open at the last snapshot.
  private mutating func evaluateLast() {
    let start = ContinuousClock.now
    defer { evaluationTime += start.duration(to: .now) }
    guard let point = snapshots.last else { return }
    while crossings.count < settings.targets.count {
      let target = settings.targets[crossings.count]
      guard judge.reaches(target, at: point), judge.confirms(target, at: point) else {
        for passed in snapshots.dropLast() { passed.parameters = nil }
        snapshots = [point]
        break
      }
      crossings.append(locate(target))
    }
    note(point)
  }

  /// Narrows down the crossing between the first snapshot, which failed, and the last one, which
  /// didn't.
  private mutating func locate(_ target: Double) -> Crossing {
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
    let sums = noiseMarks.lazy.filter { $0.updates < snapshot.updates }.map(\.sums) + [end]
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
    if !evaluated.contains(where: { $0 === snapshot }) { evaluated.append(snapshot) }
  }

  private func progress(_ report: UpdateReport) -> TrialProgress {
    TrialProgress(
      updates: updates, observations: Observations(updates.value * settings.batch.value),
      score: evaluated.last?.score.mean ?? .nan,
      noiseScale: LawWeightedNoise(blocks: learner.noise.map { [$0] } ?? [])?.estimate,
      report: report)
  }

  private consuming func outcome(_ ending: TrialEnding, seconds: Double) -> TrialOutcome {
    let curve = curvePoints(evaluated.sorted { $0.updates < $1.updates })
    var crossings = crossings
    for target in settings.targets.dropFirst(crossings.count) {
      crossings.append(Crossing(target: target, bracketLow: updates, bracketHigh: updates))
    }
    return TrialOutcome(
      ending: ending, crossings: crossings, curve: curve, updates: updates,
      optimizerSteps: learner.optimizerSteps,
      staggerObservations: Observations(collector.staggerSteps),
      evaluationObservations: Observations(judge.steps), evaluationEpisodes: judge.episodes,
      seconds: seconds, evaluationSeconds: evaluationTime.seconds)
  }
}

/// Points of the curve with the noise sums of the stretches between them.
private func curvePoints(_ snapshots: [Snapshot]) -> [CurvePoint] {
  var before: NoiseMoments?
  return snapshots.map { snapshot in
    let noise = snapshot.noise.map { sums in before.map { sums.since($0) } ?? sums }
    before = snapshot.noise
    return CurvePoint(
      updates: snapshot.updates, optimizerSteps: snapshot.optimizerSteps,
      score: snapshot.score.mean, scoreError: snapshot.score.error,
      scoreEpisodes: snapshot.score.episodes, noise: noise, seconds: snapshot.seconds)
  }
}

extension Crossing {
  /// Interpolates in log(updates) between a snapshot below the target and one at or above it
  /// (linearly where the first is update 0).
  init(target: Double, between low: Snapshot, and high: Snapshot) {
    var above = high.score
    above.add(high.confirmation)
    // A point may have failed in its second set only: both count here as well.
    var below = low.score
    below.add(low.confirmation)
    let (from, to) = (Double(low.updates.value), Double(high.updates.value))
    let rise = above.mean - below.mean
    let isOrdered = rise > 0 && below.mean < target
    let share = isOrdered ? min((target - below.mean) / rise, 1) : 0.5
    let updates = from > 0 ? from * pow(to / from, share) : to * share
    let part = to > from ? (updates - from) / (to - from) : 1
    let steps = Double(high.optimizerSteps.value - low.optimizerSteps.value)
    self.init(
      target: target, updates: updates, bracketLow: low.updates, bracketHigh: high.updates,
      score: above.mean, scoreError: above.error, scoreEpisodes: above.episodes,
      optimizerSteps: Double(low.optimizerSteps.value) + part * steps,
      seconds: low.seconds + part * (high.seconds - low.seconds))
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
    return Seed(studySeed).child(purpose, seed).child(.batch, batch.value)
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
