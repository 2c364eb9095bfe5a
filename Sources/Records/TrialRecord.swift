/// A finished trial: its settings, a result for each target, and its curve.
///
/// Archive, search, analysis and page all handle trials in this form.
public struct TrialRecord: Hashable, Sendable {
  public let id: String
  public let settings: TrialSettings
  /// One per target, easiest first; at least one.
  public private(set) var rows: [TrialRow]
  /// In the order of updates; empty if the curve was not read.
  public private(set) var curve: [CurveRow]

  /// Throws unless there is a row, all rows and points have the same trial id, and every target and
  /// every number of updates occurs only once.
  public init(rows: [TrialRow], curve: [CurveRow]) throws(TrialRecordError) {
    guard let first = rows.min(by: { $0.result.target < $1.result.target }) else {
      throw TrialRecordError(trial: nil, reason: "it has no rows")
    }
    let id = first.result.trial
    guard rows.allSatisfy({ $0.result.trial == id }),
      curve.allSatisfy({ $0.determined.trial == id })
    else { throw TrialRecordError(trial: id, reason: "its rows are of several trials") }
    guard Set(rows.map(\.result.target)).count == rows.count else {
      throw TrialRecordError(trial: id, reason: "it has two rows of one target")
    }
    guard Set(curve.map(\.determined.updates)).count == curve.count else {
      throw TrialRecordError(trial: id, reason: "its curve has two points of one update")
    }
    self.id = id
    settings = first.settings
    self.rows = rows.sorted { $0.result.target < $1.result.target }
    self.curve = curve.sorted { $0.determined.updates < $1.determined.updates }
  }

  /// A trial that has just ended.
  ///
  /// - Parameters:
  ///   - id: the id of its settings.
  ///   - outcome: has a crossing for each target of the settings.
  ///   - verdicts: for measuring trials, how the search ended, for each target that the learning
  ///     rate was chosen for.
  public init(
    id: String, settings: TrialSettings, outcome: TrialOutcome,
    verdicts: [Double: RateVerdict] = [:], provenance: Provenance
  ) {
    self.id = id
    self.settings = settings
    rows = outcome.crossings.map { crossing in
      TrialRow(
        settings: settings,
        result: TrialResult(
          trial: id, settings: settings, crossing: crossing,
          rateVerdict: verdicts[crossing.target], outcome: outcome),
        parts: PartColumns(crossing.parts),
        measured: TrialMeasured(crossing: crossing, outcome: outcome, provenance: provenance))
    }
    .sorted { $0.result.target < $1.result.target }
    curve = outcome.curve.map { CurveRow(trial: id, settings: settings, point: $0) }
  }

  public var withoutCurve: TrialRecord {
    var copy = self
    copy.curve = []
    return copy
  }

  /// How the search for the learning rate ended, for each target that the rate was chosen for.
  public var verdicts: [Double: RateVerdict] {
    var verdicts: [Double: RateVerdict] = [:]
    for row in rows { verdicts[row.result.target] = row.result.rateVerdict }
    return verdicts
  }

  /// The trial with other verdicts on its learning rate.
  public func with(verdicts: [Double: RateVerdict]) -> TrialRecord {
    var copy = self
    for index in rows.indices {
      copy.rows[index].result.rateVerdict = verdicts[rows[index].result.target]
    }
    return copy
  }

  /// Training observations; all rows have the same. 0 without a row.
  public var observations: Double {
    rows.first.map { Double($0.result.totalObservations.value) } ?? 0
  }

  /// The row of a target; `nil` if it is not one of the trial's.
  public func row(of target: Double) -> TrialRow? { rows.first { $0.result.target == target } }
}

/// Why rows do not make up a trial.
public struct TrialRecordError: Error, CustomStringConvertible {
  /// `nil` if there are no rows.
  var trial: String?
  var reason: String

  public var description: String { "trial \(trial ?? "without id"): \(reason)" }
}
