/// Returns of independent episodes, summed.
struct ScoreSample {
  private(set) var episodes = 0
  private var sum = 0.0
  private var squares = 0.0

  mutating func add(_ scores: [Double]) {
    episodes += scores.count
    for score in scores {
      sum += score
      squares += score * score
    }
  }

  mutating func add(_ other: ScoreSample) {
    episodes += other.episodes
    sum += other.sum
    squares += other.squares
  }

  var mean: Double { sum / Double(episodes) }

  /// Standard error of the mean.
  var error: Double {
    guard episodes > 1 else { return 0 }
    let count = Double(episodes)
    return (max(squares - sum * sum / count, 0) / (count - 1) / count).squareRoot()
  }

  /// Whether the mean lies clearly above (`true`) or below (`false`) a target: by more than
  /// three standard errors, and by more than 6.6 times the range of scores over the number of
  /// episodes. `nil`: more episodes are needed.
  ///
  /// The second bound is for episodes that went (nearly) alike, whose standard error says too
  /// little: an outcome of probability 6.6/n is missed by n episodes in 0.13 % of cases, as
  /// often as a normal mean strays by three standard errors. Simulated with a true mean at the
  /// very target, an evaluation of 512 episodes errs short of its last look in about 1 % of
  /// cases, with scores spread evenly as well as with hits and misses. The last look takes the
  /// mean as it is.
  func isClearlyAbove(_ target: Double, range: Double) -> Bool? {
    guard episodes > 0 else { return nil }
    let margin = max(3 * error, 6.6 * range / Double(episodes))
    return abs(mean - target) > margin ? mean > target : nil
  }
}
