public import Records

/// All rows of one trial: at least one row, and the points of its curve.
public struct StoredTrial: Hashable, Sendable {
  public let id: String
  /// One per target, easiest first.
  public let rows: [TrialRow]
  /// In the order of updates.
  public let curve: [CurveRow]

  /// Throws `.unwritable` unless there is a row and all rows carry the same trial's id, each
  /// target and each number of updates once.
  public init(rows: [TrialRow], curve: [CurveRow]) throws(ArchiveError) {
    guard let id = rows.first?.result.trial else {
      throw .unwritable(trial: "without id", reason: "it has no rows")
    }
    guard rows.allSatisfy({ $0.result.trial == id }),
      curve.allSatisfy({ $0.determined.trial == id })
    else { throw .unwritable(trial: id, reason: "its rows are of several trials") }
    self.id = id
    self.rows = rows.sorted { $0.result.target < $1.result.target }
    self.curve = curve.sorted { $0.determined.updates < $1.determined.updates }
    guard Set(rows.map(\.result.target)).count == rows.count else {
      throw .unwritable(trial: id, reason: "it has two rows of one target")
    }
    guard Set(curve.map(\.determined.updates)).count == curve.count else {
      throw .unwritable(trial: id, reason: "its curve has two points of one update")
    }
  }

  /// The trial as lines of a journal.
  func lines() throws(ArchiveError) -> [UInt8] {
    try trialLines() + curveLines()
  }

  func trialLines() throws(ArchiveError) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in rows {
      bytes += try canonicalJSON(DataLine(kind: .trial, row: row), trial: id) + [newline]
    }
    return bytes
  }

  func curveLines() throws(ArchiveError) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in curve {
      bytes += try canonicalJSON(DataLine(kind: .point, row: row), trial: id) + [newline]
    }
    return bytes
  }

  /// Refuses a trial whose id is not that of its settings.
  func checkID() throws(ArchiveError) {
    for row in rows {
      let expected = try trialID(of: row.settings)
      guard expected == id else {
        throw .unwritable(trial: id, reason: "the id of its settings is \(expected)")
      }
    }
  }
}
