import Foundation
import Records
import Testing

@testable import Archive

/// Rows of the schema before, which lack the noise of parts of the gradient.
struct SchemaTests {
  /// The lines of a trial as schema 2 has them.
  private static func oldLines() throws -> [String] {
    let columns =
      ["noise_interval"]
      + ["policy", "value", "preconditioned"].flatMap {
        ["\($0)_noise_numerator", "\($0)_noise_denominator"]
      }
    return try makeTrial().lines().split(separator: newline).map { line in
      columns.reduce(
        String(decoding: line, as: UTF8.self)
          .replacingOccurrences(of: "\"schema\":3", with: "\"schema\":2")
      ) { $0.replacingOccurrences(of: "\"\($1)\":null,", with: "") }
    }
  }

  private static func read(_ lines: [String]) throws -> TrialRecord {
    var (rows, points): ([TrialRow], [CurveRow]) = ([], [])
    for line in lines {
      switch try ArchivedLine.read(line.utf8).get() {
      case .trial(let row): rows.append(row)
      case .point(let point): points.append(point)
      case .seal: break
      }
    }
    return try TrialRecord(rows: rows, curve: points)
  }

  @Test func `are read, and written again as they were`() throws {
    let lines = try Self.oldLines()
    #expect(lines.contains { $0.contains("\"kind\":\"trial\"") && !$0.contains("noise_interval") })
    let trial = try Self.read(lines)
    #expect(trial.rows.allSatisfy { $0.parts == nil && $0.schema == 2 })
    let written = try trial.lines().split(separator: newline).map {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(written == lines)
  }

  @Test func `have a digest over the columns that they have`() throws {
    let (old, new) = (try Self.read(Self.oldLines()), try makeTrial())
    let determined = try old.lines(of: old.rows.map { Determined(row: $0) })
    #expect(!String(decoding: determined, as: UTF8.self).contains("noise_interval"))
    #expect(try StudyDigest(of: [old]).text != StudyDigest(of: [new]).text)
    #expect(try !old.agrees(with: new))
  }

  private struct Determined: Encodable {
    var row: TrialRow
    func encode(to encoder: any Encoder) throws { try row.encodeDetermined(to: encoder) }
  }

  @Test func `columns of one schema under the number of the other are refused`() throws {
    let new = try makeTrial().lines().split(separator: newline).map {
      String(decoding: $0, as: UTF8.self)
    }[0]
    let disguised = new.replacingOccurrences(of: "\"schema\":3", with: "\"schema\":2")
    let incomplete = try Self.oldLines()[0].replacingOccurrences(
      of: "\"schema\":2", with: "\"schema\":3")
    for line in [disguised, incomplete] {
      guard case .failure(let fault) = ArchivedLine.read(line.utf8) else {
        Issue.record("was read: \(line)")
        continue
      }
      #expect(fault.reason.contains("'schema'"), "\(fault.reason)")
    }
  }
}
