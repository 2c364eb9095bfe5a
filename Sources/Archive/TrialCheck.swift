import Records

extension TrialRecord {
  /// What is missing or contradictory, in words; `nil` if the trial is complete.
  ///
  /// A trial is complete if its id is that of its settings, every target has a row, all rows have
  /// the same totals, and the curve goes from update 0 through the brackets of all crossings to the
  /// last update, or to the last snapshot before it diverged.
  var fault: String? {
    guard let expected = try? trialID(of: settings) else { return "its settings have no id" }
    if expected != id { return "the id of its settings is \(expected)" }
    if let column = disagreement { return "its rows disagree on \(column)" }
    for target in settings.targets where row(of: target) == nil {
      return "the row of target \(target) is missing"
    }
    if rows.count > settings.targets.count { return "it has a row of a target that is not its own" }
    return hasLostCurve ? nil : curveFault
  }

  /// Whether the trial has no curve, because it was lost and a repair kept the rows. A trial that
  /// was run has a point at update 0 at least.
  var hasLostCurve: Bool { curve.isEmpty }

  /// The one of two records of the same trial that has its curve; `nil` if they differ.
  func agreed(with other: TrialRecord) throws(ArchiveError) -> TrialRecord? {
    if hasLostCurve == other.hasLostCurve { return try agrees(with: other) ? self : nil }
    guard try withoutCurve.agrees(with: other.withoutCurve) else { return nil }
    return hasLostCurve ? other : self
  }

  /// A column of trial totals in which the rows differ.
  private var disagreement: String? {
    func differs(_ path: KeyPath<TrialRow, some Equatable>) -> Bool {
      rows.contains { $0[keyPath: path] != rows[0][keyPath: path] }
    }
    return [
      ("their settings", differs(\.settings)), ("ending", differs(\.result.ending)),
      ("total_updates", differs(\.result.totalUpdates)),
      ("total_observations", differs(\.result.totalObservations)),
      ("total_optimizer_steps", differs(\.result.totalOptimizerSteps)),
      ("stagger_observations", differs(\.result.staggerObservations)),
      ("evaluation_observations", differs(\.result.evaluationObservations)),
      ("evaluation_episodes", differs(\.result.evaluationEpisodes)),
      ("total_operations", differs(\.result.totalOperations)),
      ("total_operations_executed", differs(\.result.totalOperationsExecuted)),
      ("evaluation_operations", differs(\.result.evaluationOperations)),
      ("evaluation_operations_executed", differs(\.result.evaluationOperationsExecuted)),
      ("total_seconds", differs(\.measured.totalSeconds)),
      ("evaluation_seconds", differs(\.measured.evaluationSeconds)),
      ("threads", differs(\.measured.threads)),
      ("where they ran", differs(\.measured.provenance)),
    ].first { $0.1 }?.0
  }

  private var curveFault: String? {
    let points = curve.map(\.determined)
    guard let start = points.first, let end = points.last, start.updates == .zero else {
      return "its curve does not begin at update 0"
    }
    var before: CurvePointRow?
    for point in points {
      let updates = point.updates.value &- (before?.updates.value ?? 0)
      let observations = point.observations.value &- (before?.observations.value ?? 0)
      // Only an adaptive batch may change, and only at a point.
      let isOwn =
        point.task == settings.task
        && (point.batch == settings.batch || before != nil && settings.exchangeRate != nil)
      guard isOwn, updates >= 0,
        updates.multipliedReportingOverflow(by: point.batch.value)
          == (observations, false)
      else { return "its curve disagrees with its rows at update \(point.updates.value)" }
      before = point
    }
    let (result, updates) = (rows[0].result, Set(points.map(\.updates)))
    for row in rows where row.result.status == .reached {
      for bracket in [row.result.bracketLow, row.result.bracketHigh]
      where !updates.contains(bracket) {
        return "its curve lacks update \(bracket.value), next to a crossing"
      }
    }
    let (last, total) = (Double(end.updates.value), Double(result.totalUpdates.value))
    let isWithin =
      end.updates <= result.totalUpdates && end.optimizerSteps <= result.totalOptimizerSteps
      && end.observations <= result.totalObservations
    let isEnd =
      switch result.ending {
      // A run that diverged was last evaluated at an earlier snapshot.
      case .diverged: isWithin
      // It is completed if that reached the hardest target. Snapshots are at most a factor of 1.1
      // apart.
      case .completed: isWithin && total <= max(last + 1, 1.1 * last) + 1
      case .budget, .pruned:
        end.updates == result.totalUpdates && end.optimizerSteps == result.totalOptimizerSteps
          && end.observations == result.totalObservations
      }
    return isEnd ? nil : "its curve ends at update \(end.updates.value)"
  }
}
