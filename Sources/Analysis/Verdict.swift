import Foundation
import Records

/// What the data allow a fit to say. The first case that applies is the verdict.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
  /// The largest batch is less than 5 times the smallest.
  case tooNarrow = "too-narrow"
  /// Fewer than 4 batches reached the target.
  case tooFew = "too-few"
  /// The runs are of two kinds, fast and slow.
  case grouped
  /// The law misses the batches by more than seeds explain, and by enough to matter.
  case rejected
  /// Observations don't rise beyond the noise: the interval of B_crit has no upper end.
  case flat
  /// The interval of B_crit lies above half the largest batch.
  case lowerBound = "lower-bound"
  /// The interval of B_crit lies below twice the smallest batch, or has no lower end.
  case upperBound = "upper-bound"
  /// The upper end of the interval of B_crit is more than 4 times its lower end.
  case tooNoisy = "too-noisy"
  case fitted
  /// Two or three batches, with an assumed τ (`estimate`). A fit never gives this verdict.
  case estimated
}

/// Without these, there is no verdict.
public enum FitLimits {
  /// Factor between the largest batch and the smallest.
  public static let smallestRange = 5.0
  /// Batches at which runs reached the target.
  public static let fewestBatches = 4
  /// An interval is within ±25 % if its ends are at most this factor from the value.
  static let narrowFactor = 1.25
}

/// The numbers that a verdict is based on.
struct Evidence {
  static let widestInterval = 4.0
  /// B_crit is given as a number if the upper end of its interval is at most this many times the
  /// largest batch, and the lower end at least the smallest batch divided by this.
  static let reach = 1.0

  /// Batches at which a run reached the target, ascending.
  let batches: [Double]
  let groups: RunGroups?
  private(set) var misfit: Misfit?
  /// The 95 % interval of B_crit; infinite or 0 at an end that the data leave open.
  private(set) var interval = (low: 0.0, high: Double.infinity)

  /// Before a law is fitted.
  init(batches: [Double], groups: RunGroups?) {
    self.batches = batches
    self.groups = groups
  }

  init(batches: [Double], groups: RunGroups?, _ fit: LawFit, _ intervals: Intervals) {
    self.init(batches: batches, groups: groups)
    interval = intervals.criticalBatch
    misfit = fit.misfit
  }

  var smallest: Double { batches.first ?? 0 }
  var largest: Double { batches.last ?? 0 }

  var verdict: Verdict {
    guard let smallest = batches.first, let largest = batches.last else { return .tooFew }
    if largest / smallest < FitLimits.smallestRange { return .tooNarrow }
    if batches.count < FitLimits.fewestBatches { return .tooFew }
    if groups != nil { return .grouped }
    if misfit != nil { return .rejected }
    // If neither changes beyond the noise, this holds too.
    if interval.high == .infinity { return .flat }
    if interval.low > largest / 2 { return .lowerBound }
    if interval.high < 2 * smallest || interval.low == 0 { return .upperBound }
    return interval.high > Evidence.widestInterval * interval.low ? .tooNoisy : .fitted
  }

  /// Whether B_crit may be given as a number: its interval lies within the measured batches.
  var isIdentified: Bool {
    switch verdict {
    case .fitted, .tooNoisy, .estimated: true
    case .lowerBound: interval.high <= Evidence.reach * largest
    case .upperBound: interval.low >= smallest / Evidence.reach
    case .tooNarrow, .tooFew, .grouped, .rejected, .flat: false
    }
  }

  /// The lower bound of B_crit, for `flat` and `lowerBound`; `nil` if it may be as small as one
  /// likes.
  var lowerBound: Double? { interval.low > 0 ? interval.low : nil }

  /// The upper bound of B_crit, for `upperBound`.
  var upperBound: Double { interval.high }

  /// The verdict in words; `nil` for `fitted`.
  var reason: String? {
    let (small, large) = (Format.grouped(smallest), Format.grouped(largest))
    switch verdict {
    case .fitted, .estimated:
      return nil
    case .tooNarrow:
      return batches.count < 2
        ? "only one batch reached the target; the law needs batches that span a factor of 5"
        : "the batches span a factor of \(Format.brief(largest / smallest)); the law needs at least 5"
    case .tooFew where batches.isEmpty:
      return "no run reached the target"
    case .tooFew:
      return "\(batches.count) batches reached the target; the law needs at least 4"
    case .grouped:
      return groups?.sentence
    case .rejected:
      return misfit?.sentence
    case .flat:
      return lowerBound.map {
        """
        observations to the target do not rise beyond the noise from batch \(small) to \(large): \
        the critical batch is above \(Format.brief($0)): try larger batches
        """
      } ?? """
        neither updates nor observations to the target change beyond the noise from batch \
        \(small) to \(large): try smaller and larger batches
        """
    case .tooNoisy:
      return "the upper end of the critical batch's interval is more than 4 times the lower end"
    case .lowerBound:
      return isIdentified
        ? "the critical batch is above half the largest batch (\(large)): try larger batches"
        : """
        the critical batch is above \(Format.brief(lowerBound ?? 0)), near or beyond the largest \
        batch (\(large)): try larger batches
        """
    case .upperBound:
      return isIdentified
        ? "the critical batch is below twice the smallest batch (\(small)): try smaller batches"
        : """
        the critical batch is below \(Format.brief(upperBound)), near or below the smallest batch \
        (\(small)): try smaller batches
        """
    }
  }
}

extension Misfit {
  var sentence: String {
    switch self {
    case .scatter(let deviation):
      """
      batches scatter about the law by τ = \(Format.brief(deviation)) in ln S, more than their seeds \
      explain
      """
    case .exponent(let exponent):
      """
      the updates follow S_min (1 + (B_crit/B)^a) with a = \(Format.brief(exponent)) better than \
      with a = 1, and that changes the critical batch by a factor of more than 1.5
      """
    }
  }
}
