public import Archive
internal import Records

/// What it means for a study to grow to a larger plan.
///
/// Which trials the larger plan asks for depends on its learning-rate search, so trials that are
/// not asked for yet may be kept later.
public struct GrowthForecast: Codable, Hashable, Sendable, CustomStringConvertible {
  /// In words, what the plan asks for beyond that of the study.
  public var additions: [String]
  /// Trials of the study that the larger plan asks for, and those that certainly leave at sealing
  /// or may leave.
  public var trialsKept, trialsLeaving, trialsUncertain: Int
  /// New trials that are finished, and the expected number of those that are not.
  public var trialsDone, trialsLeft: Int

  private enum CodingKeys: String, CodingKey {
    case additions
    case trialsKept = "trials_kept"
    case trialsLeaving = "trials_leaving"
    case trialsUncertain = "trials_uncertain"
    case trialsDone = "trials_done"
    case trialsLeft = "trials_left"
  }

  init(_ growth: PlanGrowth, _ cells: [Cell], stored: Set<String>) {
    additions = growth.additions
    let done = Set(cells.asked.keys).intersection(stored)
    trialsKept = growth.trials.intersection(done).count
    trialsDone = done.count - trialsKept
    trialsLeft = cells.reduce(0) { $0 + $1.trialsLeft.tuning + $1.trialsLeft.measuring }
    let rest = growth.trials.subtracting(done)
    trialsUncertain = trialsLeft == 0 ? 0 : rest.intersection(stored).count
    trialsLeaving = rest.count - trialsUncertain
  }

  /// The forecast for a study; `nil` if it doesn't grow.
  public init?(_ study: Study) throws(ArchiveError) {
    guard let growth = study.growth else { return nil }
    self.init(growth, try study.cells(), stored: Set(study.trialsByID.keys))
  }

  public var description: String {
    let more = additions.isEmpty ? "nothing new" : additions.joined(separator: ", ")
    var parts = ["\(Format.counted(trialsKept, "trial")) \(trialsKept == 1 ? "is" : "are") kept"]
    if trialsDone > 0 { parts.append("\(Format.grouped(trialsDone)) new ones are done") }
    if trialsLeft > 0 { parts.append("about \(Format.grouped(trialsLeft)) will run") }
    if trialsLeaving > 0 { parts.append("\(Format.grouped(trialsLeaving)) leave") }
    if trialsUncertain > 0 {
      parts.append("\(Format.grouped(trialsUncertain)) more are kept or leave, as the search goes")
    }
    return "\(more); \(parts.joined(separator: ", "))"
  }
}
