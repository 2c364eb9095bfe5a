/// The results of the tuning seeds at one learning rate: for each target and seed, the updates to
/// the target. The harder targets may have fewer runs, see `RateSearch.openTargets`.
struct RateTrials {
  struct Run {
    /// Updates to each target that the run had, easiest first; `nil` if censored.
    var updates: [Double?]
    /// Updates that the run was allowed.
    var limit: Double
    var hasDiverged: Bool
  }

  /// In the order of their seeds.
  var runs: [Run]

  /// The runs that had a target: those of the first seeds.
  func runs(to target: Int) -> ArraySlice<Run> { runs.prefix { $0.updates.count > target } }

  /// Median over seeds of the updates to a target; infinite if at least half of them are censored.
  func median(_ target: Int) -> Double {
    let sorted = runs(to: target).map { $0.updates[target] ?? .infinity }.sorted()
    let middle = sorted.count / 2
    guard !sorted.isEmpty else { return .infinity }
    guard sorted.count.isMultiple(of: 2) else { return sorted[middle] }
    return (sorted[middle - 1] + sorted[middle]) / 2
  }

  func isUnreached(_ target: Int) -> Bool { median(target) == .infinity }

  /// Runs that were censored or needed more than three times the median. Later rounds of a cell are
  /// cut at three times the best median and the first one is not; this way a straggler counts as
  /// one in both.
  func stragglers(_ target: Int) -> Int {
    let bound = 3 * median(target)
    return runs(to: target).count { $0.updates[target].map { $0 > bound } ?? true }
  }

  func censored(_ target: Int) -> Int { runs(to: target).count { $0.updates[target] == nil } }
}
