extension RateSearch {
  /// Seeds in the first stage of a rate. Each later stage doubles their number.
  static let firstStage = 3

  /// The seeds of the stage that comes after the first `finished` seeds.
  func stage(after finished: Int) -> Range<Int> {
    finished..<min(max(Self.firstStage, 2 * finished), seeds)
  }

  /// How many targets, the easiest first, need more seeds at a rate after a stage. The hardest
  /// targets don't if the rate is clearly worse for them already.
  func openTargets(of trials: RateTrials, at rate: Int) -> Int {
    guard trials.runs.count < seeds else { return 0 }
    var open = trials.runs.last?.updates.count ?? targets
    while open > 0, isHopeless(trials, at: rate, open - 1) { open -= 1 }
    return open
  }

  /// Whether a rate stops after a stage: no seed reached the target, more seeds are censored than
  /// the leader has stragglers, or the seeds are slower by the margin of `isSlower`.
  ///
  /// Below the ties, seeds that are censored stop nothing unless all are: whether such a rate is
  /// unstable or too slow decides where the search ends.
  private func isHopeless(_ trials: RateTrials, at rate: Int, _ target: Int) -> Bool {
    let censored = trials.censored(target)
    if censored == trials.runs(to: target).count { return true }
    guard let ties = ties(for: target), let leader = tried[ties.leader] else { return false }
    let fewest = leader.stragglers(target)
    if censored > fewest { return rate > ties.lowest }
    return censored == fewest && isSlower(trials, than: leader, target)
  }
}
