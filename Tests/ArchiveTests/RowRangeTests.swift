import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

/// What a row may hold, and how one that holds anything else is refused.
struct RowRangeTests {
  private static let extremes = [
    "9223372036854775807", "-1", "1e308", "-1e308", "0", "1e-320", "\"NaN\"", "NaN", "1.5",
    "18446744073709551616", "true",
  ]

  private static func lines() throws -> [String] {
    let bytes = try makeTrial().lines()
    return bytes.split(separator: newline).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The row with another value in a column.
  private static func changed(_ line: String, _ column: String, to value: String) -> String? {
    guard let start = line.firstRange(of: "\"\(column)\":")?.upperBound else { return nil }
    let rest = line[start...]
    // Texts of these rows have no commas.
    guard let end = rest.firstIndex(where: { $0 == "," || $0 == "}" }) else { return nil }
    return line[..<start] + value + line[end...]
  }

  private static func reason(_ line: String) -> String? {
    guard case .failure(let fault) = ArchivedLine.read(line.utf8) else { return nil }
    return fault.reason
  }

  @Test(arguments: [false, true])
  func `an extreme in a numeric column is in its range or names the column`(isPoint: Bool) throws {
    let lines = try Self.lines()
    let line = try #require(
      lines.first { $0.contains(isPoint ? #""updates":10}"# : #""status":"reached""#) }
        ?? lines.last)
    let ranges = isPoint ? ColumnRange.point : ColumnRange.trial
    #expect(Self.reason(line) == nil)
    var refused = 0
    for (column, range) in ranges.sorted(by: { $0.key < $1.key }) where !range.form.isEmpty {
      for value in Self.extremes {
        let row = try #require(Self.changed(line, column, to: value), "\(column)")
        guard let reason = Self.reason(row) else {
          let number = Double(value) ?? .nan
          #expect(range.contains(number), "\(column) \(value)")
          continue
        }
        refused += 1
        #expect(
          reason.contains("'\(column)'") || value == "NaN"
            || reason.contains("batch") && ["num_envs", "num_steps"].contains(column)
            || reason.contains("bracket_low")
              && ["total_updates", "bracket_high"].contains(column),
          "\(column) \(value): \(reason)")
        #expect(!reason.contains("\n"))
      }
    }
    #expect(refused > (isPoint ? 80 : 300), "\(refused)")
  }

  @Test(arguments: ["1e308", "-1e308"])
  func `no numeric column takes the ends of the range of numbers`(value: String) throws {
    for line in try Self.lines() {
      let ranges = line.contains(#""kind":"trial""#) ? ColumnRange.trial : ColumnRange.point
      for (column, range) in ranges where !range.form.isEmpty {
        let row = try #require(Self.changed(line, column, to: value))
        #expect(Self.reason(row) != nil, "\(column)")
      }
    }
  }

  @Test func `a column that is given twice or unknown is refused by name`() throws {
    let line = try #require(try Self.lines().first)
    for (addition, reason) in [
      (#","seed":0"#, "'seed' is given twice"), (#","s\u0065ed":0"#, "'seed' is given twice"),
      (
        #","reward":0"#,
        "'reward' is not a known column; a newer batchlab may have written the row"
      ),
      (#","rows":5"#, "'rows' is given twice"),
    ] { #expect(Self.reason(line.dropLast() + addition + "}") == reason) }
    let filled = line.replacingOccurrences(of: #""rows":null"#, with: #""rows":5"#)
    #expect(Self.reason(filled) == "'rows' is 5, not null")
    // In texts, neither quotes nor colons mislead.
    let odd = line.replacingOccurrences(of: #""host":"somewhere""#, with: #""host":"{\"seed\":[ä""#)
    #expect(odd != line && Self.reason(odd) == nil)
  }

  @Test func `columns that contradict each other are refused`() throws {
    let line = try #require(try Self.lines().first { $0.contains(#""status":"reached""#) })
    for (column, value) in [
      ("updates", "null"), ("bracket_low", "100"), ("total_updates", "98"),
      ("updates", "100"), ("updates", "9.5"), ("observations", "1e9"),
    ] {
      let row = try #require(Self.changed(line, column, to: value))
      #expect(Self.reason(row)?.contains("'\(column)'") == true, "\(column)")
    }
  }

  @Test func `a seal has no columns of other versions and no data`() throws {
    let seal = try canonicalJSON(
      SealLine(
        seal: Seal(rows: 1, trials: 1, digest: "d", framesDigest: "f"), columns: ["seed", "task"]),
      trial: "")
    let line = String(decoding: seal, as: UTF8.self)
    #expect(Self.reason(line) == nil)
    #expect(
      Self.reason(line.dropLast() + ",\"x\":null}")?.hasPrefix("'x' is not a known column") == true)
    let filled = try #require(Self.changed(line, "seed", to: "3"))
    #expect(Self.reason(filled) == "'seed' is 3, but a seal has null there")
  }

  @Test func `a row out of range is named with its file, row and column, and never written`() throws
  {
    let scratch = try Scratch()
    try store([0, 1], in: scratch)
    var walker = FrameWalker(try scratch.bytes(scratch.journal))
    guard case .frame(let first) = try walker.next() else { return }
    let text = String(decoding: first.content, as: UTF8.self)
    let changed = text.replacingOccurrences(
      of: #""total_seconds":150,"#, with: #""total_seconds":-1,"#)
    #expect(changed != text)
    try scratch.write(try Zstd.compress(Array(changed.utf8), level: 3), to: scratch.journal)
    let sentence =
      "\(scratch.journal) is damaged at byte 0: in row 1 of the frame, 'total_seconds' is -1, not a"
      + " number from 0 to 1,000,000,000,000"
    let refused = #expect(throws: ArchiveError.self) { try Verification(folder: scratch.study) }
    #expect(refused?.description == sentence)
    #expect(throws: ArchiveError.self) { try Study(folder: scratch.study) }
    let repair = try Repair(folder: scratch.study)
    #expect(repair.result.trials == 0)
    var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
    let unwritable = #expect(throws: ArchiveError.self) {
      try archive.append(try makeTrial(seconds: 1e11))
    }
    #expect(unwritable?.description.contains("'total_seconds' is 10000000000000, not") == true)
  }

  @Test func `the documentation has the range of every numeric column`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/archive.md").standardizedFileURL
    let text = try String(contentsOf: file, encoding: .utf8)
    for (heading, ranges) in [
      ("Ranges in `trials.jsonl.zst`", ColumnRange.trial),
      ("Ranges in `curves.jsonl.zst`", ColumnRange.point),
    ] {
      let section = "### \(heading)\n\n" + table(ranges)
      #expect(text.contains(section), "\(section)")
    }
  }

  private func table(_ ranges: [String: ColumnRange]) -> String {
    var columns: [String: [String]] = [:]
    for (column, range) in ranges where !["", "null"].contains(range.form) {
      columns[range.form, default: []].append("`\(column)`")
    }
    let rows = columns.map { ($0.value.sorted().joined(separator: ", "), $0.key) }
    return "| columns | each is |\n|---|---|\n"
      + rows.sorted { $0.0 < $1.0 }.map { "| \($0.0) | \($0.1) |\n" }.joined()
  }
}
