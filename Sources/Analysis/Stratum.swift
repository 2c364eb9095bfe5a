import Foundation

/// The runs of one batch, in logarithms.
struct Stratum {
  /// B in observations.
  var batch: Double
  /// ln S of the runs that reached the target.
  var reached: [Double] = []
  /// ln of the updates that the censored runs made.
  var limits: [Double] = []
  /// The variance of the mean ln S if the source states it; else it comes from the runs.
  var knownVariance: Double?
  /// Set if `reached` holds one value, the mean of these runs.
  var averaged: Averaged?

  var count: Int { averaged?.runs ?? reached.count + limits.count }
  var censored: Int { averaged?.censored ?? limits.count }

  struct Averaged {
    var runs: Int
    var censored: Int
  }
}

extension Stratum {
  /// The runs of one batch, at least one.
  fileprivate init(_ runs: [Run]) {
    batch = runs[0].batch
    if runs.count == 1 { knownVariance = runs[0].logStandardError.map { $0 * $0 } }
    for run in runs {
      if run.isCensored {
        limits.append(log(run.updates))
      } else {
        reached.append(log(run.updates))
      }
    }
  }
}

/// The runs of a group, sorted by batch, without the outliers.
struct StratifiedRuns {
  /// By batch, ascending; each with at least one run.
  var strata: [Stratum] = []
  /// Runs that are left out of the fit.
  var setAside: [Run] = []
  /// All other runs, by batch and seed.
  var included: [Run] = []
  /// Over all runs: distinct batches, the smallest number of runs of any batch, and censored runs.
  var batches = 0
  var seeds = 0
  var censored = 0

  /// Set if the runs are of two kinds, fast and slow.
  var groups: RunGroups?

  /// A run that is slower by this many scales is broken.
  static let outlierScales = 6.0
  /// Lower limit of the scale, in ln S.
  static let smallestScale = 0.1

  /// Sorts the runs, so that their order does not matter, and sets broken ones aside.
  ///
  /// The deviation of a run is that of ln S from the median of its batch. The scale is
  /// max(1.4826 × median |deviation|, 0.1), pooled over all batches. A censored run
  /// counts with its limit, but not in the scale, and not in the median if it ended before any run
  /// of its batch arrived. A run that is slower than its batch by more than 6 scales is set aside,
  /// censored or not, but only if it is the one slow run of its batch and not the only one that
  /// arrived there, and only if there are at most max(1, runs/20) of them: a slow mode is a result
  /// (`RunGroups`). A run that reached the target without an update has no logarithm and is set
  /// aside. Runs whose batch is not positive, or whose updates are negative or not finite, are
  /// ignored.
  init(_ runs: [Run]) {
    let usable = runs.filter {
      $0.batch.isFinite && $0.batch > 0 && $0.updates.isFinite && $0.updates >= 0
    }
    let cells = Dictionary(grouping: usable, by: \.batch).sorted { $0.key < $1.key }
      .map { $0.value.sorted(by: StratifiedRuns.precedes) }
    batches = cells.count
    seeds = cells.map(\.count).min() ?? 0
    censored = usable.count { $0.isCensored }
    let started = cells.map { $0.filter { $0.updates > 0 } }.filter { !$0.isEmpty }

    let broken = StratifiedRuns.brokenRuns(started)
    let sound = zip(started, broken).map { cell, broken in
      cell.enumerated().filter { $0.offset != broken }.map(\.element)
    }
    groups = RunGroups(sound)
    if let groups {
      // The broken runs are slow ones.
      self.groups = RunGroups(started) ?? groups
      strata = started.map { Stratum($0) }
    } else {
      setAside = zip(started, broken).compactMap { cell, broken in broken.map { cell[$0] } }
      strata = sound.map { Stratum($0) }
    }
    setAside += cells.joined().filter { $0.updates == 0 && !$0.isCensored }
    included = cells.joined().filter { !setAside.contains($0) }
  }

  /// The place of the broken run in each batch; `nil` if it has none.
  private static func brokenRuns(_ cells: [[Run]]) -> [Int?] {
    let deviations = cells.map { cell in
      // A run that ended before any other arrived says nothing of how long they take.
      let fastest = cell.filter { !$0.isCensored }.map(\.updates).min() ?? 0
      let median = median(cell.map(\.updates).filter { $0 >= fastest }.map { log($0) })
      return cell.map { log($0.updates) - median }
    }
    let pooled = zip(cells, deviations).flatMap { cell, deviations in
      zip(cell, deviations).filter { !$0.0.isCensored }.map { $0.1.magnitude }
    }
    let limit = outlierScales * max(1.4826 * median(pooled), smallestScale)
    let slow = zip(cells, deviations).map { cell, deviations in
      cell.indices.filter { deviations[$0] > limit }
    }
    let few = max(1, cells.joined().count / 20)
    guard slow.joined().count <= few else { return cells.map { _ in nil } }
    return zip(cells, slow).map { cell, slow in
      // The only run that arrived is what is known of its batch.
      slow.count == 1 && cell.indices.contains { $0 != slow[0] && !cell[$0].isCensored }
        ? slow[0] : nil
    }
  }

  /// Runs in the fit that reached the target.
  var reached: [Run] { included.filter { !$0.isCensored } }

  private static func precedes(_ left: Run, _ right: Run) -> Bool {
    let (leftSeed, rightSeed) = (left.seed ?? Int.max, right.seed ?? Int.max)
    if leftSeed != rightSeed { return leftSeed < rightSeed }
    if left.updates != right.updates { return left.updates < right.updates }
    return !left.isCensored && right.isCensored
  }
}

/// The middle value, or the mean of the two middle values; 0 for an empty list.
func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  if !sorted.count.isMultiple(of: 2) { return sorted[middle] }
  return (sorted[middle - 1] + sorted[middle]) / 2
}

/// The value below which a share of a sorted list lies, by linear interpolation (Hyndman and Fan
/// 1996, type 7); `nil` for an empty list.
func percentile(_ share: Double, ofSorted sorted: [Double]) -> Double? {
  guard let last = sorted.last else { return nil }
  let place = share * Double(sorted.count - 1)
  let index = Int(place)
  guard index + 1 < sorted.count else { return last }
  // Between a finite and an infinite value there is nothing to interpolate.
  guard sorted[index].isFinite, sorted[index + 1].isFinite else {
    return place == Double(index) ? sorted[index] : sorted[index + 1]
  }
  return sorted[index] + (sorted[index + 1] - sorted[index]) * (place - Double(index))
}
