import Analysis
import Foundation
import Records

extension StudyReport {
  /// What `fit` and `compare` concluded.
  private struct Document: Encodable {
    struct Source: Encodable {
      var study: String
      @Nullable var digest: String?
    }

    var studies: [Source]
    var fits: [FitReport]
    var comparison: Comparison
  }

  /// The document, so that no text in it can end the element in which it stands.
  var embeddedDocument: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let document = Document(
      studies: studies.map { Document.Source(study: $0.name, digest: $0.digest) },
      fits: subjects.flatMap(\.aims).map(\.report), comparison: comparison)
    do {
      let data = try encoder.encode(document)
      return String(decoding: data, as: UTF8.self).replacing("<", with: "\\u003c")
    } catch {
      // All numbers are finite or null.
      preconditionFailure("the fits can't be written as JSON: \(error)")
    }
  }

  /// The value of each batch of each target as CSV (RFC 4180). An interval is left out where seeds
  /// did not reach the target, as it is in the figures.
  var batchTable: String {
    let header = """
      study,task,algorithm,horizon,target,verdict,batch,updates,updates_low,updates_high,\
      observations,seeds,reached,censored,seconds_by_law
      """
    let rows = subjects.flatMap { subject in
      subject.aims.flatMap { aim in
        aim.report.points.map { point in
          let seconds = aim.report.advice?.batches.first { Double($0.batch) == point.batch }?
            .seconds
          let (low, high) = point.isPartlyExpected ? (nil, nil) : (point.low, point.high)
          let names = [
            subject.study, subject.task, subject.algorithm,
            subject.horizon.map(String.init) ?? "", aim.target, aim.report.verdict.rawValue,
          ]
          let numbers: [Double?] = [point.updates, low, high, point.updates * point.batch]
          let counts = [point.seeds, point.seeds - point.censored, point.censored]
          var fields: [String] = names.map(Self.quoted)
          fields.append("\(Int(point.batch))")
          fields += numbers.map(Self.field)
          fields += counts.map(String.init)
          fields.append(Self.field(seconds))
          return fields.joined(separator: ",")
        }
      }
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  private static func field(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }

  /// Quoted where it must be. A "<", which could end the element in which the table stands, has no
  /// business in a name and becomes "‹"; what a spreadsheet would take for a formula gets a "'".
  private static func quoted(_ text: String) -> String {
    var text = text.replacing("<", with: "‹")
    if let first = text.first, "=+-@".contains(first), Double(text) == nil { text = "'" + text }
    let special = ",\"\n\r".unicodeScalars
    guard text.unicodeScalars.contains(where: { special.contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
