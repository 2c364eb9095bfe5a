public import Records

/// A measured run of a fit with its evaluated points.
public struct MeasuredRun: Sendable {
  /// Observations per update.
  public var batch: Int
  /// By updates, ascending, from update 0.
  public var points: [CurvePointRow]
  /// The update at which the target was found reached; `nil` for a censored run.
  public var reachedAt: Int?
}

extension FitReport {
  /// The measured runs of the fit, without those that it set aside, by batch and seed.
  ///
  /// - Parameters:
  ///   - rows: of the study.
  ///   - curves: its points by the ids of their trials; runs without any are left out.
  public func measuredRuns(
    _ rows: [TrialRow], curves: [String: [CurvePointRow]]
  ) -> [MeasuredRun] {
    var seen: Set<String> = []
    let outliers = Set(setAside.map { [$0.batch, Double($0.seed ?? -1)] })
    let own = rows.filter {
      $0.isMeasurement && isAbout($0) && seen.insert($0.result.trial).inserted
        && !outliers.contains([Double($0.settings.batch.value), Double($0.settings.seed)])
    }
    .sorted {
      ($0.settings.batch.value, $0.settings.seed) < ($1.settings.batch.value, $1.settings.seed)
    }
    return own.compactMap { row in
      guard let points = curves[row.result.trial], !points.isEmpty else { return nil }
      return MeasuredRun(
        batch: row.settings.batch.value, points: points.sorted { $0.updates < $1.updates },
        reachedAt: row.result.status == .reached ? row.result.bracketHigh.value : nil)
    }
  }
}
