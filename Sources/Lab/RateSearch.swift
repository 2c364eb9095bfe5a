internal import Glibc
internal import Records

/// What the tuning seeds of one learning rate gave: for each target and seed, the updates to
/// the target.
struct RateTrials {
  struct Run {
    /// Updates to each target, easiest first; `nil`: censored.
    var updates: [Double?]
    /// Updates that the run was allowed.
    var limit: Double
    var hasDiverged: Bool
  }

  var runs: [Run]

  /// Median over seeds of the updates to a target; infinite if half of them are censored.
  func median(_ target: Int) -> Double {
    let sorted = runs.map { $0.updates[target] ?? .infinity }.sorted()
    let middle = sorted.count / 2
    guard sorted.count.isMultiple(of: 2) else { return sorted[middle] }
    return (sorted[middle - 1] + sorted[middle]) / 2
  }

  func isUnreached(_ target: Int) -> Bool { median(target) == .infinity }

  /// Runs that were censored or needed more than three times the median. Later rounds of a cell
  /// are cut at three times the best median and the first one is not: so counted, a straggler is
  /// one in either.
  func stragglers(_ target: Int) -> Int {
    let bound = 3 * median(target)
    return runs.count { $0.updates[target].map { $0 > bound } ?? true }
  }

  /// Mean of log(updates), or of the logarithm of the limit where a run was censored, none
  /// counting more than three times the median.
  func meanLog(_ target: Int) -> Double {
    let bound = 3 * median(target)
    return runs.reduce(0) { $0 + safeLog(min($1.updates[target] ?? $1.limit, bound)) }
      / Double(runs.count)
  }
}

/// The search for the best learning rate of one cell (a task at a batch), for all its targets.
///
/// Rates lie on a grid centre·factorᵏ. Of the rates with the fewest stragglers, the one with the
/// smallest median of updates leads: close to the edge of stability some runs collapse and
/// recover late or never, and what the lucky ones need is no result that others could repeat. Of the
/// rates that its seeds can't tell from the leader, the best one is one that keeps a step away
/// from rates that don't reach the target, then the one with the smallest geometric mean.
///
/// The best rate is interior once a rate above and a rate below were tried that are clearly
/// worse. A neighbour that is not clearly worse is a tie, and the search goes on beyond it. So it
/// does beyond a lower rate with stragglers: that may not be too slow but unstable itself, and
/// there may be a stable rate below.
///
/// Clearly worse is a rate with more stragglers, or one that is slower on seeds paired over
/// rates: the mean of their log ratios lies above two standard errors, with one deviation of
/// log(updates), robust and pooled over all rates of the cell and target, and at least 0.1. A
/// censored run counts with its limit, but both runs of a pair with no more than the smaller
/// limit; a seed that is censored at both rates says nothing. The next rate depends on results
/// only, never on their order in time.
struct RateSearch {
  /// The grid ends this many steps on either side of the centre.
  static let reach = 8
  /// Where no rate reaches a target, this many steps on either side are tried.
  static let blindReach = 3

  enum Step: Equatable {
    case tryRate(Int)
    case done
  }

  struct Choice: Equatable {
    /// Index k of the chosen rate; `nil` if none reached the target.
    var rate: Int?
    var verdict: RateVerdict
  }

  let targets: Int
  private(set) var tried: [Int: RateTrials] = [:]

  init(targets: Int) { self.targets = targets }

  mutating func receive(_ trials: RateTrials, at rate: Int) { tried[rate] = trials }

  /// The rate to try next: what the easiest target that isn't settled asks for.
  var next: Step {
    if tried.isEmpty { return .tryRate(0) }
    for target in 0..<targets {
      if let rate = wanted(for: target) { return .tryRate(rate) }
    }
    return .done
  }

  func choice(for target: Int) -> Choice {
    guard let best = best(for: target) else { return Choice(rate: nil, verdict: .unreached) }
    let (isAboveWorse, isBelowWorse) = (
      isWorse(beyond: best, by: 1, target), isWorse(beyond: best, by: -1, target)
    )
    guard isAboveWorse, isBelowWorse else { return Choice(rate: best, verdict: .edge) }
    let above = tried[best + 1]
    let own = tried[best]?.stragglers(target) ?? 0
    let isUnstable = above.map {
      $0.isUnreached(target) || $0.runs.contains(where: \.hasDiverged)
        || $0.stragglers(target) > own
    }
    return Choice(rate: best, verdict: isUnstable == true ? .stabilityLimited : .interior)
  }

  /// The best rate so far; `nil` while none has reached the target with most of its seeds.
  func best(for target: Int) -> Int? {
    let reached = tried.filter { !$0.value.isUnreached(target) }.sorted { $0.key < $1.key }
    guard let fewest = reached.map({ $0.value.stragglers(target) }).min() else { return nil }
    let stable = reached.filter { $0.value.stragglers(target) == fewest }
    let leader = stable.min { $0.value.median(target) < $1.value.median(target) }
    guard let leader else { return nil }
    return stable.filter { !isWorse($0.key, than: leader.key, target) }
      .min {
        let (own, other) = (isNextToEdge($0.key, target), isNextToEdge($1.key, target))
        return own != other ? other : $0.value.meanLog(target) < $1.value.meanLog(target)
      }?.key
  }

  /// Whether the next rate up fails.
  private func isNextToEdge(_ rate: Int, _ target: Int) -> Bool {
    tried[rate + 1]?.isUnreached(target) ?? false
  }

  private func wanted(for target: Int) -> Int? {
    guard let best = best(for: target) else {
      let untried = (1...Self.blindReach).flatMap { [-$0, $0] }.filter { tried[$0] == nil }
      return untried.first
    }
    for direction in [1, -1] where !isWorse(beyond: best, by: direction, target) {
      var rate = best + direction
      while tried[rate] != nil { rate += direction }
      if abs(rate) <= Self.reach { return rate }
    }
    return nil
  }

  /// Whether some tried rate on that side of the best one is clearly worse.
  private func isWorse(beyond best: Int, by direction: Int, _ target: Int) -> Bool {
    tried.contains { rate, trials in
      guard (rate - best) * direction > 0, isWorse(rate, than: best, target) else { return false }
      return direction > 0 || trials.isUnreached(target) || trials.stragglers(target) == 0
    }
  }

  private func isWorse(_ rate: Int, than best: Int, _ target: Int) -> Bool {
    guard let other = tried[rate], let reference = tried[best] else { return false }
    if other.isUnreached(target) || other.stragglers(target) > reference.stragglers(target) {
      return true
    }
    let ratios = zip(other.runs, reference.runs).compactMap { run, own -> Double? in
      if run.updates[target] == nil && own.updates[target] == nil { return nil }
      let limit = min(run.limit, own.limit)
      return safeLog(min(run.updates[target] ?? limit, limit))
        - safeLog(min(own.updates[target] ?? limit, limit))
    }
    guard !ratios.isEmpty else { return false }
    let mean = ratios.reduce(0, +) / Double(ratios.count)
    return mean > 2 * deviation(target) * (2 / Double(ratios.count)).squareRoot()
  }

  /// Deviation of log(updates) between seeds of one rate: 1.4826 × the median distance from
  /// the median of the rate, pooled over the rates.
  private func deviation(_ target: Int) -> Double {
    let distances = tried.values.flatMap { trials -> [Double] in
      let median = trials.median(target)
      guard median < .infinity, trials.runs.count > 1 else { return [] }
      let stretch = (Double(trials.runs.count) / Double(trials.runs.count - 1)).squareRoot()
      return trials.runs.compactMap { run in
        run.updates[target].map { abs(safeLog($0) - safeLog(median)) * stretch }
      }
    }.sorted()
    guard !distances.isEmpty else { return 0.1 }
    return max(1.4826 * distances[distances.count / 2], 0.1)
  }
}

/// The logarithm of a number of updates; half an update stands for less, such as none at all.
private func safeLog(_ updates: Double) -> Double { log(max(updates, 0.5)) }
