internal import Glibc
internal import Records

/// The search for the best learning rate of one cell (a task at a batch), for all its targets.
///
/// Rates lie on a grid centre·factorᵏ. The **leader** is, of the rates with the fewest stragglers,
/// the one with the smallest median of updates: close to the edge of stability, some runs collapse
/// and recover late or never, and the results of the lucky ones can't be repeated. The **ties** are
/// the leader and the rates with as few stragglers that are not clearly worse. The best rate is the
/// median of the ties, because the leader is the luckiest of equals and often next to rates that
/// fail. If their number is even, it is half-way between the two in the middle, or the lower of
/// these if rates between them were tried and are not ties.
///
/// The best rate is interior once a rate above the ties and one below them have been tried and are
/// clearly worse than the leader. A lower rate with stragglers is not enough: it may be unstable
/// rather than too slow, with a stable rate below it. The search is local: if bad rates separate
/// two ranges of good ones, it finds only the one that it meets first from the centre.
///
/// A rate is **clearly worse** if it has more stragglers, misses the target, or is slower on paired
/// seeds: the mean of the log ratios exceeds two standard errors, from one robust deviation of
/// log(updates) per target, pooled over the rates with the fewest stragglers and at least 0.1. A
/// censored run counts with its limit, and both runs of such a pair with at most the smaller limit;
/// a seed that is censored at both rates is ignored. The next rate depends only on results, never on
/// their order in time.
///
/// The seeds of a rate run in **stages**. Between them the rate **stops** for the hardest targets for
/// which it is clearly worse already, see `openTargets`. For these it stays clearly worse, whatever
/// is tried later, and it is never among the ties.
struct RateSearch {
  /// The grid ends this many steps on either side of the centre.
  static let reach = 8
  /// If no rate reaches a target, this many steps on either side are tried.
  static let blindReach = 3

  enum Step: Equatable {
    case tryRate(Int)
    case done
  }

  struct Choice: Equatable {
    /// Index k of the chosen rate, which may lie half-way between two; `nil` if none reached the
    /// target.
    var rate: Double?
    var verdict: RateVerdict
  }

  let targets: Int
  /// Tuning seeds.
  let seeds: Int
  private(set) var tried: [Int: RateTrials] = [:]

  init(targets: Int, seeds: Int) {
    self.targets = targets
    self.seeds = seeds
  }

  /// Takes the results at a rate that needs no more seeds.
  mutating func receive(_ trials: RateTrials, at rate: Int) { tried[rate] = trials }

  /// The rate to try next, which the easiest unsettled target decides.
  var next: Step {
    if tried.isEmpty { return .tryRate(0) }
    for target in 0..<targets {
      if let rate = wanted(for: target) { return .tryRate(rate) }
    }
    return .done
  }

  func choice(for target: Int) -> Choice {
    guard let ties = ties(for: target) else { return Choice(rate: nil, verdict: .unreached) }
    guard isWorse(beyond: ties, by: 1, target), isWorse(beyond: ties, by: -1, target) else {
      return Choice(rate: ties.middle, verdict: .edge)
    }
    let fewest = tried[ties.leader]?.stragglers(target) ?? 0
    let isUnstable = tried[ties.highest + 1].map {
      $0.isUnreached(target) || $0.runs.contains(where: \.hasDiverged)
        || $0.stragglers(target) > fewest
    }
    return Choice(rate: ties.middle, verdict: isUnstable == true ? .stabilityLimited : .interior)
  }

  /// A leader and the rates that can't be told from it.
  struct Ties {
    var leader: Int
    /// From low to high, the leader among them.
    var rates: [Int]

    var lowest: Int { rates[0] }
    var highest: Int { rates[rates.count - 1] }
    var middle: Double {
      let (low, high) = (rates[(rates.count - 1) / 2], rates[rates.count / 2])
      return high == low + 1 ? Double(low) + 0.5 : Double(low)
    }
  }

  /// `nil` while no rate has reached the target with more than half of its seeds.
  func ties(for target: Int) -> Ties? {
    let stable = stable(for: target).sorted { $0.key < $1.key }
    guard let leader = stable.min(by: { $0.value.median(target) < $1.value.median(target) })?.key
    else { return nil }
    return Ties(
      leader: leader, rates: stable.map(\.key).filter { !isWorse($0, than: leader, target) })
  }

  /// The whole rates with the fewest stragglers, of those that reach the target.
  private func stable(for target: Int) -> [Int: RateTrials] {
    let reached = tried.filter { isWhole($0.value, target) && !$0.value.isUnreached(target) }
    let fewest = reached.values.map { $0.stragglers(target) }.min()
    return reached.filter { $0.value.stragglers(target) == fewest }
  }

  private func wanted(for target: Int) -> Int? {
    guard let ties = ties(for: target) else {
      let untried = (1...Self.blindReach).flatMap { [-$0, $0] }.filter { tried[$0] == nil }
      return untried.first
    }
    for direction in [1, -1] where !isWorse(beyond: ties, by: direction, target) {
      var rate = ties.leader + direction
      while tried[rate] != nil { rate += direction }
      if abs(rate) <= Self.reach { return rate }
    }
    return nil
  }

  /// Whether a tried rate on that side of the ties is clearly worse than their leader.
  private func isWorse(beyond ties: Ties, by direction: Int, _ target: Int) -> Bool {
    tried.contains { rate, trials in
      guard direction > 0 ? rate > ties.highest : rate < ties.lowest,
        isWorse(rate, than: ties.leader, target)
      else { return false }
      return direction > 0 || trials.isUnreached(target) || trials.stragglers(target) == 0
    }
  }

  private func isWorse(_ rate: Int, than leader: Int, _ target: Int) -> Bool {
    guard let other = tried[rate], let reference = tried[leader] else { return false }
    return !isWhole(other, target) || other.isUnreached(target)
      || other.stragglers(target) > reference.stragglers(target)
      || isSlower(other, than: reference, target)
  }

  /// Whether all seeds of a rate have run to a target.
  private func isWhole(_ trials: RateTrials, _ target: Int) -> Bool {
    trials.runs(to: target).count == seeds
  }

  /// Whether a rate is slower than the leader on paired seeds.
  ///
  /// The margin is 2√q + 4√(1−q) standard errors for a share q of the seeds: with all of them two,
  /// and before that so many that the mean over all seeds exceeds its two standard errors, too,
  /// unless the other seeds deviate from these by four of theirs.
  func isSlower(_ trials: RateTrials, than leader: RateTrials, _ target: Int) -> Bool {
    let runs = trials.runs(to: target)
    let ratios = zip(runs, leader.runs).compactMap { run, own -> Double? in
      if run.updates[target] == nil && own.updates[target] == nil { return nil }
      let limit = min(run.limit, own.limit)
      return safeLog(min(run.updates[target] ?? limit, limit))
        - safeLog(min(own.updates[target] ?? limit, limit))
    }
    guard !ratios.isEmpty else { return false }
    let share = Double(runs.count) / Double(seeds)
    let margin = 2 * share.squareRoot() + 4 * (1 - share).squareRoot()
    let mean = ratios.reduce(0, +) / Double(ratios.count)
    return mean > margin * deviation(target) * (2 / Double(ratios.count)).squareRoot()
  }

  /// Deviation of log(updates) between seeds of one rate: 1.4826 × the median distance from
  /// the median of the rate, pooled over the rates with the fewest stragglers. Other rates scatter
  /// more, and stop early.
  private func deviation(_ target: Int) -> Double {
    guard seeds > 1 else { return 0.1 }
    let stretch = (Double(seeds) / Double(seeds - 1)).squareRoot()
    let distances = stable(for: target).values.flatMap { trials in
      let median = trials.median(target)
      return trials.runs.compactMap { run in
        run.updates[target].map { abs(safeLog($0) - safeLog(median)) * stretch }
      }
    }.sorted()
    guard !distances.isEmpty else { return 0.1 }
    return max(1.4826 * distances[distances.count / 2], 0.1)
  }
}

/// The logarithm of a number of updates, at least half an update.
private func safeLog(_ updates: Double) -> Double { log(max(updates, 0.5)) }
