internal import Algebra
internal import Environments
internal import Learning
internal import Records

/// What evaluations have cost so far.
struct EvaluationTally: Codable {
  var episodes = 0
  var steps = 0
  var operations = Operations()
}

/// Finds out whether a snapshot's policy reaches a target, with as few episodes as will do.
///
/// The score is the mean return of whole episodes with sampled actions. Episodes draw from the
/// stream (trial, evaluation or confirmation, update), so a score does not depend on which
/// evaluations came before. They are counted, but not in E.
struct Judge {
  let task: CatalogueEntry
  let shape: NetworkShape
  /// The trial's seed.
  let seed: Seed
  /// Most episodes of one evaluation, as long as little was trained.
  let limit: Int
  var tally = EvaluationTally()

  /// Episodes of the first look; every further one doubles them.
  static let firstLook = 8
  /// The same near a crossing, where fewer rarely decide: side by side they take half the time.
  static let closeLook = 16

  /// Steps that a first look is expected to take.
  var firstLookSteps: Int { Self.firstLook * task.facts.typicalEpisodeLength }

  init(task: CatalogueEntry, shape: NetworkShape, seed: Seed, limit: Int) {
    self.task = task
    self.shape = shape
    self.seed = seed
    self.limit = limit
  }

  /// From the lowest possible score to as far above the target, or to the highest possible one:
  /// where rules bound a score only loosely, one at the far end would say that anything may be.
  private func plausibleScores(_ target: Double) -> ClosedRange<Double> {
    let range = task.facts.scoreRange
    let highest = max(2 * target - range.lowerBound, range.lowerBound)
    return range.lowerBound...min(range.upperBound, highest)
  }

  /// Most episodes of one evaluation of a snapshot: `limit` and, where a thirty-second of
  /// the training so far would pay for more of them, up to four times as many.
  private func limit(at snapshot: Snapshot) -> Int {
    let affordable = snapshot.observations.value / (32 * task.facts.typicalEpisodeLength)
    return min(max(limit, affordable), 4 * limit)
  }

  /// Whether the mean score of the first set of episodes reaches the target.
  ///
  /// - Parameter look: episodes to begin with.
  mutating func reaches(_ target: Double, at snapshot: Snapshot, look: Int = firstLook) -> Bool {
    decide(target, of: snapshot, \.score, purpose: .evaluation, look: look)
  }

  /// The same from an independent set.
  mutating func confirms(_ target: Double, at snapshot: Snapshot) -> Bool {
    decide(target, of: snapshot, \.confirmation, purpose: .confirmation, look: Self.closeLook)
  }

  private mutating func decide(
    _ target: Double, of snapshot: Snapshot,
    _ sample: ReferenceWritableKeyPath<Snapshot, ScoreSample>, purpose: Seed.Purpose, look: Int
  ) -> Bool {
    let limit = limit(at: snapshot)
    while true {
      let known = snapshot[keyPath: sample]
      if known.episodes > 0 {
        if let answer = known.isClearlyAbove(target, range: plausibleScores(target)) {
          return answer
        }
        if known.episodes >= limit { return known.mean >= target }
      }
      guard let parameters = snapshot.parameters else { return known.mean >= target }
      let next = max(look, 2 * known.episodes)
      let (scores, taken, operations) = Evaluator.play(
        task, with: Network(shape, parameters: parameters),
        episodes: known.episodes..<min(next, limit),
        seed: seed.child(purpose, snapshot.updates.value))
      snapshot[keyPath: sample].add(scores)
      tally.episodes += scores.count
      tally.steps += taken
      tally.operations += operations
    }
  }
}
