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
  /// three standard errors, or, where all episodes went alike, three times the range of scores
  /// over their number. `nil`: more episodes are needed.
  ///
  /// An evaluation looks at most log₂(episodes/16) + 1 times. A look errs with probability
  /// 0.13 % where the mean of its episodes is normally distributed; that of few episodes is not.
  /// Simulated with a true mean at the very target, an evaluation of 512 episodes errs short of
  /// its last look in 1 % of cases if scores are spread evenly; if they are hits and misses, in
  /// 2 % at equal odds and in 7 % where one in twenty misses. The last look takes the mean as it
  /// is.
  func isClearlyAbove(_ target: Double, range: Double) -> Bool? {
    let margin = 3 * max(error, range / Double(max(episodes, 1)))
    return abs(mean - target) > margin ? mean > target : nil
  }
}
