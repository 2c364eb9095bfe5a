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
  /// An evaluation looks at most log₂(episodes/16) + 1 times; each look errs with probability
  /// 0.13 %, so one of 512 episodes errs with at most 0.8 %, short of its last look, which takes
  /// the mean as it is.
  func isClearlyAbove(_ target: Double, range: Double) -> Bool? {
    let margin = 3 * max(error, range / Double(max(episodes, 1)))
    return abs(mean - target) > margin ? mean > target : nil
  }
}
