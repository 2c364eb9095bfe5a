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
    var fits: [AdvisedFit]
    var comparison: Comparison
  }

  /// The document, so that no text in it can end the element in which it stands.
  var embeddedDocument: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let document = Document(
      studies: studies.map { Document.Source(study: $0.name, digest: $0.digest) },
      fits: subjects.flatMap(\.aims).map(\.fit), comparison: comparison)
    do {
      let data = try encoder.encode(document)
      return String(decoding: data, as: UTF8.self).replacing("<", with: "\\u003c")
    } catch {
      // All numbers are finite or null.
      preconditionFailure("the fits can't be written as JSON: \(error)")
    }
  }

  /// The value of each batch of each target as CSV (RFC 4180).
  var batchTable: String {
    let header = """
      study,task,algorithm,horizon,target,verdict,batch,updates,updates_low,updates_high,\
      observations,seeds,censored,seconds_by_law
      """
    let rows = subjects.flatMap { subject in
      subject.aims.flatMap { aim in
        aim.report.points.map { point in
          let seconds = aim.fit.advice?.batches.first { Double($0.batch) == point.batch }?.seconds
          let numbers = [
            point.batch, point.updates, point.low, point.high, point.updates * point.batch,
            Double(point.seeds), Double(point.censored), seconds,
          ]
          return
            ([
              subject.study, subject.task, subject.algorithm,
              subject.horizon.map(String.init) ?? "", aim.target, aim.report.verdict.rawValue,
            ].map(Self.field) + numbers.map { $0.map { "\($0)" } ?? "" }).joined(separator: ",")
        }
      }
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// Quoted where it must be. A "<", which could end the element in which the table stands, has no
  /// business in a name and becomes "‹"; what a spreadsheet would take for a formula gets a "'".
  private static func field(_ text: String) -> String {
    var text = text.replacing("<", with: "‹")
    if let first = text.first, "=+-@".contains(first), Double(text) == nil { text = "'" + text }
    let special = ",\"\n\r".unicodeScalars
    guard text.unicodeScalars.contains(where: { special.contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
