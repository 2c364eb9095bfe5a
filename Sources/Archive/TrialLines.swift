import Records

extension TrialRecord {
  /// The trial as lines of a journal.
  func lines() throws(ArchiveError) -> [UInt8] { try trialLines() + curveLines() }

  func trialLines() throws(ArchiveError) -> [UInt8] {
    try lines(of: rows.map { DataLine(kind: .trial, schema: $0.schema, row: $0) })
  }

  func curveLines() throws(ArchiveError) -> [UInt8] {
    let schema = rows[0].schema
    return try lines(of: curve.map { DataLine(kind: .point, schema: schema, row: $0) })
  }

  /// Values of the trial as canonical JSON, one per line.
  func lines(of values: [some Encodable]) throws(ArchiveError) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in values { bytes += try canonicalJSON(value, trial: id) + [newline] }
    return bytes
  }

  /// Refuses a trial whose id is not that of its settings, or whose rows no reader would accept.
  func checkID() throws(ArchiveError) {
    for line in try lines().split(separator: newline) {
      if case .failure(let fault) = ArchivedLine.read(line) {
        throw .unwritable(trial: id, reason: fault.reason)
      }
    }
    for row in rows {
      let expected = try trialID(of: row.settings)
      guard expected == id else {
        throw .unwritable(trial: id, reason: "the id of its settings is \(expected)")
      }
    }
  }
}
