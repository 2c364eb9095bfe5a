public import Records

/// SHA-256 of all bytes that are added, as hexadecimal digits.
public struct Fingerprint {
  private var hash = SHA256()

  public init() {}

  public mutating func add(_ bytes: [UInt8]) { hash.update(bytes) }
  public var text: String {
    let digits = [UInt8]("0123456789abcdef".utf8)
    let text = hash.digest().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Returns the stable id of a trial: the first 20 hexadecimal digits of the SHA-256 of its settings
/// as canonical JSON. Throws `.unwritable` if a setting is not a finite number.
public func trialID(of settings: TrialSettings) throws(ArchiveError) -> String {
  var fingerprint = Fingerprint()
  fingerprint.add(try canonicalJSON(settings, trial: "of \(settings.task)"))
  return String(fingerprint.text.prefix(20))
}

/// The ids of trials that differ only in their seeds, from 0. Encoding takes most of the time of an
/// id, and is done once.
public func trialIDs(
  of settings: TrialSettings, seeds: Range<Int>
) throws(ArchiveError) -> [String] {
  var first = settings
  first.seed = 0
  let text = try canonicalJSON(first, trial: "of \(settings.task)")
  let key = [UInt8]("\"seed\":0".utf8)
  let place = text.indices.first {
    text[$0] == key[0] && text[$0...].prefix(key.count).elementsEqual(key)
  }
  guard let place else {
    throw .unwritable(trial: "of \(settings.task)", reason: "its settings have no seed")
  }
  let zero = place + key.count - 1
  let (before, after) = (Array(text[..<zero]), Array(text[(zero + 1)...]))
  return seeds.map { seed in
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
