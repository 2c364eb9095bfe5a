internal import Algebra
internal import Environments
internal import Learning
internal import Records

/// What evaluations have cost so far.
struct EvaluationTally: Codable {
  var episodes = 0
  var steps = 0
  var operations = Operations()

  /// Whether they are numbers that a run can come to.
  var isPlausible: Bool {
    let counts = 0...Int.largestCount
    return counts.contains(episodes) && counts.contains(steps) && operations.arePlausible
  }
}

/// Decides whether a snapshot's policy reaches a target, with as few episodes as possible.
///
/// The score is the mean return of whole episodes with sampled actions. Episodes draw from the
/// stream (trial, evaluation or confirmation, update), so a score does not depend on earlier
/// evaluations. Their observations are counted, but not in E.
struct TargetTest {
  let task: CatalogueEntry
  let shape: NetworkShape
  /// The trial's seed.
  let seed: Seed
  /// Maximum number of episodes in one evaluation, early in training.
  let limit: Int
  var tally = EvaluationTally()
  /// The most threads that play episodes at the same time.
  var threads = 1

  /// Episodes of the first evaluation of a snapshot; every further one doubles them.
  static let firstLook = 8
  /// Episodes of the first evaluation near a crossing, where fewer rarely decide; played together,
  /// they take half as long.
  static let closeLook = 16

  /// Steps that a first evaluation is expected to take.
  var firstLookSteps: Int { Self.firstLook * task.facts.typicalEpisodeLength }

  init(task: CatalogueEntry, shape: NetworkShape, seed: Seed, limit: Int) {
    self.task = task
    self.shape = shape
    self.seed = seed
    self.limit = limit
  }

  /// From the lowest possible score to one as far above the target, or to the highest possible
  /// score. Where rules bound scores only loosely, a score at the far end would prevent any
  /// decision.
  private func plausibleScores(_ target: Double) -> ClosedRange<Double> {
    let range = task.facts.scoreRange
    let highest = max(2 * target - range.lowerBound, range.lowerBound)
    return range.lowerBound...min(range.upperBound, highest)
  }

  /// Maximum number of episodes of one evaluation of a snapshot: `limit` and, where 1/32 of the
  /// training so far would pay for more of them, up to four times as many.
  private func limit(at snapshot: Snapshot) -> Int {
    let affordable = snapshot.observations.value / (32 * task.facts.typicalEpisodeLength)
    return min(max(limit, affordable), 4 * limit)
  }

  /// Whether the mean score of the first set of episodes reaches the target.
  ///
  /// - Parameter look: episodes to start with.
  mutating func reaches(_ target: Double, at snapshot: Snapshot, look: Int = firstLook) -> Bool {
    decide(target, of: snapshot, \.score, purpose: .evaluation, look: look)
  }

  /// Whether the mean score of a second, independent set of episodes reaches the target.
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
      let played = Evaluator.play(
        task, with: Network(shape, parameters: parameters),
        episodes: known.episodes..<min(next, limit),
        seed: seed.child(purpose, snapshot.updates.value), threads: threads)
      snapshot[keyPath: sample].add(played.scores)
      tally.episodes += played.scores.count
      tally.steps += played.steps
      tally.operations += played.operations
    }
  }
}
