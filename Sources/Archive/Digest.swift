public import Records

/// SHA-256 of all bytes that are added, as hexadecimal digits.
public struct Fingerprint {
  private var hash = SHA256()

  public init() {}

  public mutating func add(_ bytes: [UInt8]) { hash.update(bytes) }
  public var text: String { hash.digest().map { hexadecimal($0) }.joined() }
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 16 ? "0" + digits : digits
}

/// Returns the stable id of a trial: the first 20 hexadecimal digits of the SHA-256 of its settings
/// as canonical JSON. Throws `.unwritable` if a setting is not a finite number.
public func trialID(of settings: TrialSettings) throws(ArchiveError) -> String {
  var fingerprint = Fingerprint()
  fingerprint.add(try canonicalJSON(settings, trial: "of \(settings.task)"))
  return String(fingerprint.text.prefix(20))
}

/// The ids of trials that differ only in their seeds, from 0. Encoding takes nearly all of the time of an
/// id, and is done once.
public func trialIDs(
  of settings: TrialSettings, seeds count: Int
) throws(ArchiveError) -> [String] {
  var first = settings
  first.seed = 0
  let text = try canonicalJSON(first, trial: "of \(settings.task)")
  let key = [UInt8]("\"seed\":".utf8)
  guard let place = text.firstRange(of: key + [UInt8(ascii: "0")]) else {
    throw .unwritable(trial: "of \(settings.task)", reason: "its settings have no seed")
  }
  let (before, after) = (Array(text[..<place.lowerBound]) + key, Array(text[place.upperBound...]))
  return (0..<count).map { seed in
    var fingerprint = Fingerprint()
    fingerprint.add(before)
    fingerprint.add([UInt8]("\(seed)".utf8))
    fingerprint.add(after)
    return String(fingerprint.text.prefix(20))
  }
}

/// The digest of a study: SHA-256 over the rows of all trials and then over the points of all
/// curves, as lines of canonical JSON with the columns that the plan determines.
struct StudyDigest {
  private var fingerprint = Fingerprint()

  /// `trials` in the order of their ids.
  init(of trials: [TrialRecord]) throws(ArchiveError) {
    for block in trials.blocks {
      let all = try tryOnAllCores(block) { trial throws(ArchiveError) in
        try trial.lines(of: trial.rows.map { DeterminedColumns(row: $0) })
      }
      for lines in all { fingerprint.add(lines) }
    }
    for block in trials.blocks {
      let all = try tryOnAllCores(block) { trial throws(ArchiveError) in
        try trial.lines(of: trial.curve.map(\.determined))
      }
      for lines in all { fingerprint.add(lines) }
    }
  }

  var text: String { fingerprint.text }
}

extension TrialRecord {
  /// Whether the columns that the plan determines are the same in both.
  func agrees(with other: TrialRecord) throws(ArchiveError) -> Bool {
    try StudyDigest(of: [self]).text == StudyDigest(of: [other]).text
  }
}

private struct DeterminedColumns: Encodable {
  var row: TrialRow
  func encode(to encoder: any Encoder) throws { try row.encodeDetermined(to: encoder) }
}
