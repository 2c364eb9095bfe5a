import Foundation
import Records

/// How the S of a batch is averaged over its runs, and so what a fit describes.
public enum SeedMean: String, Codable, Hashable, Sendable, CaseIterable {
  /// The expected cost: a slow run counts in full.
  case arithmetic
  /// The typical run.
  case geometric
}

/// A batch whose arithmetic mean of S is only a lower bound, because runs never reached the target.
public struct BoundedMean: Codable, Hashable, Sendable {
  /// In observations.
  public var batch: Double
  /// Runs that never reached the target; they count with all updates that they were allowed.
  public var censored: Int
  public var runs: Int
}

/// The data to which the law is fitted.
struct LawData {
  /// By batch, ascending.
  var strata: [Stratum]
  /// Runs that are left out.
  var setAside: [Run]
  /// Set if the runs are of two kinds.
  var groups: RunGroups?
  /// The scatter of seeds; `nil` if it comes from the strata, or is not known.
  var deviation: SeedDeviation?

  init(_ runs: StratifiedRuns, _ mean: SeedMean) {
    switch mean {
    case .geometric:
      (strata, setAside, groups) = (runs.strata, runs.setAside, runs.groups)
    case .arithmetic:
      // The expected cost includes slow runs of either kind.
      let cells = Dictionary(grouping: runs.included + runs.setAside, by: \.batch)
        .sorted { $0.key < $1.key }.map(\.value)
      (strata, setAside) = (cells.compactMap { Stratum(meanOf: $0) }, [])
      deviation = SeedDeviation(relativeTo: cells)
    }
  }

  /// The batches whose mean is only a lower bound; none for geometric means, where censored runs
  /// enter by their likelihood.
  var bounds: [BoundedMean] {
    strata.compactMap { stratum in
      guard let averaged = stratum.averaged, averaged.censored > 0 else { return nil }
      return BoundedMean(
        batch: stratum.batch, censored: averaged.censored, runs: averaged.runs)
    }
  }
}

extension Stratum {
  /// The arithmetic mean of a batch as one value, ln mean S; censored runs count with their limits.
  /// If no run reached the target, the limits stay as they are: each is below what it would take.
  ///
  /// `nil` if no run made an update.
  fileprivate init?(meanOf runs: [Run]) {
    let censored = runs.count { $0.isCensored }
    let average = mean(runs.map(\.cost))
    guard let batch = runs.first?.batch, average > 0, average.isFinite else { return nil }
    self.init(batch: batch)
    averaged = Averaged(runs: runs.count, censored: censored)
    if censored == runs.count {
      limits = runs.filter { $0.updates > 0 }.map { log($0.updates) }
    } else {
      reached = [log(average)]
      if runs.count == 1 { knownVariance = runs[0].logStandardError.map { $0 * $0 } }
    }
  }
}

extension SeedDeviation {
  /// The standard deviation of S over seeds as a share of its mean, pooled over batches:
  ///
  /// √(Σ (S/mean − 1)² / Σ (n − 1)).
  ///
  /// The logarithm of the mean of n seeds then has the standard error deviation/√n (delta method).
  /// It is pooled because with few seeds a batch's own scatter is small where the mean happens to
  /// be low, so low means would get the most weight.
  ///
  /// `nil` if no batch that reached the target has two runs.
  fileprivate init?(relativeTo cells: [[Run]]) {
    var (squares, freedom) = (0.0, 0.0)
    for runs in cells where runs.count > 1 && runs.contains(where: { !$0.isCensored }) {
      let average = mean(runs.map(\.cost))
      guard average > 0 else { continue }
      squares += runs.reduce(0) { $0 + ($1.cost / average - 1) * ($1.cost / average - 1) }
      freedom += Double(runs.count - 1)
    }
    guard freedom > 0 else { return nil }
    self.init(value: max((squares / freedom).squareRoot(), Self.smallest), freedom: freedom)
  }
}

/// The expected cost of a target, in addition to that of the typical run.
public struct ExpectedCost: Hashable, Sendable {
  public var verdict: Verdict
  public var reason: String?
  public var criticalBatch: Estimate?
  public var boundSentence: String?
}

extension FitReport {
  /// The report with the expected cost of the same runs. With one run per batch, both are the same,
  /// so nothing is added.
  public func withExpectedCost(of group: RunGroup) -> FitReport {
    let other = fit(group, mean: .arithmetic, resamples: 0)
    guard other.seedDeviation != nil else { return self }
    var copy = self
    copy.expected = ExpectedCost(
      verdict: other.verdict, reason: other.reason, criticalBatch: other.criticalBatch,
      boundSentence: other.boundSentence)
    return copy
  }

  /// Which means are only lower bounds, in words; `nil` if none is.
  public var boundSentence: String? {
    guard !lowerBounds.isEmpty else { return nil }
    let shown = 4
    var names = lowerBounds.prefix(shown).map {
      "batch \(Format.grouped($0.batch)) (\($0.censored) of \(Format.counted($0.runs, "run")))"
    }
    if lowerBounds.count > shown { names.append("\(lowerBounds.count - shown) more") }
    let means =
      lowerBounds.count == 1
      ? "mean there is only a lower bound" : "means there are only lower bounds"
    return """
      not all runs reached the target at \(Format.list(names)): the \(means), and the intervals \
      don't account for that
      """
  }
}
