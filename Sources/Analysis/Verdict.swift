import Foundation
import Records

/// What the data allow a fit to say. The first case that applies is the verdict.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
  /// The largest batch is less than 5 times the smallest.
  case tooNarrow = "too-narrow"
  /// Fewer than 4 batches reached the target.
  case tooFew = "too-few"
  /// The law misses the batches by more than 0.15 (rms of ln S).
  case rejected
  /// Observations don't rise beyond the noise: B_crit only has a lower bound.
  case flat
  /// B_crit lies above half the largest batch, or its interval has no upper end.
  case lowerBound = "lower-bound"
  /// B_crit lies below twice the smallest batch, or its interval has no lower end.
  case upperBound = "upper-bound"
  case fitted
}

/// Without these, there is no verdict.
public enum FitLimits {
  /// Factor between the largest batch and the smallest.
  public static let smallestRange = 5.0
  /// Batches at which runs reached the target.
  public static let fewestBatches = 4
}

/// The numbers that a verdict is based on.
struct Evidence {
  static let smallestRange = FitLimits.smallestRange
  static let fewestBatches = FitLimits.fewestBatches
  static let largestResidual = 0.15
  /// A rise of ln E by less than this always counts as level.
  static let smallestNoise = 0.01
  /// B_crit is given as a number if the upper end of its interval is at most this many times the
  /// largest batch, and the lower end at least the smallest batch divided by this.
  static let reach = 1.0

  /// Batches at which a run reached the target, ascending.
  var batches: [Double]
  /// Root of the mean squared residual of ln S over batches.
  var residual: Double
  /// Rise of the fitted ln E from the smallest to the largest batch, and fall of ln S.
  var riseOfObservations: Double
  var fallOfUpdates: Double
  /// The size that such a change could have by chance (see `noise(residual:…)`).
  var noise: Double
  /// B_crit in observations.
  var criticalBatch: Double
  /// Its 95% interval; infinite or 0 at an end that the data leave open. `nil` if there was nothing
  /// to resample.
  var interval: (low: Double, high: Double)?

  var smallest: Double { batches.first ?? 0 }
  var largest: Double { batches.last ?? 0 }

  /// Two standard deviations of the difference between two batches' values. The error of a value is
  /// its standard error over seeds or the misfit, √(n/(n−2)) × the rms residual, whichever is
  /// larger.
  static func noise(residual: Double, batches: Int, meanSquaredError: Double) -> Double {
    let count = Double(batches)
    let misfit = batches > 2 ? residual * (count / (count - 2)).squareRoot() : 0
    return max(2 * 2.0.squareRoot() * max(misfit, meanSquaredError.squareRoot()), smallestNoise)
  }

  var verdict: Verdict {
    guard let smallest = batches.first, let largest = batches.last else { return .tooFew }
    if largest / smallest < Evidence.smallestRange { return .tooNarrow }
    if batches.count < Evidence.fewestBatches { return .tooFew }
    if !(residual <= Evidence.largestResidual) { return .rejected }
    // If neither changes beyond the noise, this holds too.
    if riseOfObservations <= noise { return .flat }
    if low > largest / 2 || interval?.high == .infinity { return .lowerBound }
    if high < 2 * smallest || interval?.low == 0 { return .upperBound }
    return .fitted
  }

  /// Without an interval both ends are the value.
  private var low: Double { interval?.low ?? criticalBatch }
  private var high: Double { interval?.high ?? criticalBatch }

  /// Whether B_crit may be given as a number: its interval lies within the measured batches.
  var isIdentified: Bool {
    switch verdict {
    case .fitted: true
    case .lowerBound: high <= Evidence.reach * largest
    case .upperBound: low >= smallest / Evidence.reach
    case .tooNarrow, .tooFew, .rejected, .flat: false
    }
  }

  /// The lower bound of B_crit, for `flat` and `lowerBound`.
  var lowerBound: Double? {
    if verdict == .lowerBound { return interval?.low ?? largest / 2 }
    // The B_crit at which the rise of E over the range equals the noise:
    // ln (1 + B₂/x)/(1 + B₁/x) = noise.
    let factor = exp(noise)
    let unseen = (largest - factor * smallest) / (factor - 1)
    let bound = min(unseen, interval.map(\.low) ?? .infinity)
    return bound > 0 && bound.isFinite ? bound : nil
  }

  /// The upper bound of B_crit, for `upperBound`.
  var upperBound: Double { interval?.high ?? 2 * smallest }

  /// The verdict in words; `nil` for `fitted`.
  var reason: String? {
    let (small, large) = (Format.grouped(smallest), Format.grouped(largest))
    switch verdict {
    case .fitted:
      return nil
    case .tooNarrow:
      return batches.count < 2
        ? "only one batch reached the target; the law needs batches that span a factor of 5"
        : "the batches span a factor of \(Format.brief(largest / smallest)); the law needs at least 5"
    case .tooFew where batches.isEmpty:
      return "no run reached the target"
    case .tooFew:
      return "\(batches.count) batches reached the target; the law needs at least 4"
    case .rejected:
      return """
        the law misses the batches by \(Format.brief(residual)) (rms of the logarithm of updates), more \
        than 0.15
        """
    case .flat:
      let bound = lowerBound.map { "above \(Format.brief($0))" } ?? "unknown"
      let what =
        fallOfUpdates <= noise
        ? "neither updates nor observations to the target change"
        : "observations to the target do not rise"
      return """
        \(what) beyond the noise from batch \(small) to \(large): the critical batch is \(bound)
        """
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
