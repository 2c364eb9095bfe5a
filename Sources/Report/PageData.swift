import Analysis
import Foundation
import Records

extension StudyReport {
  /// The results of `fit` and `compare`.
  private struct Document: Encodable {
    struct Source: Encodable {
      var study: String
      @Nullable var digest: String?
    }

    var studies: [Source]
    var fits: [FitReport]
    var comparison: Comparison
  }

  /// The document as JSON without "<", so that it can't end the element that contains it.
  var embeddedDocument: String {
    let document = Document(
      studies: sources.map { Document.Source(study: $0.name, digest: $0.digest) },
      fits: tasks.flatMap(\.targets).map(\.report), comparison: comparison)
    do {
      return String(decoding: try jsonDocument(document, isPretty: false), as: UTF8.self)
        .replacing("<", with: "\\u003c")
    } catch {
      // All numbers are finite or null.
      preconditionFailure("the fits can't be written as JSON: \(error)")
    }
  }

  /// The value of each batch of each target as CSV (RFC 4180). As in the figures, batches with
  /// seeds that did not reach the target have no interval.
  var batchTable: String {
    let header = """
      study,task,algorithm,horizon,target,verdict,batch,updates,updates_low,updates_high,\
      observations,seeds,reached,censored,seconds_by_law,variant
      """
    let rows = tasks.flatMap { task in
      task.targets.flatMap { target in
        target.report.points.map { point in
          let seconds = target.report.advice?.batches.first { Double($0.batch) == point.batch }?
            .seconds
          let (low, high) = point.isPartlyExpected ? (nil, nil) : (point.low, point.high)
          let names = [
            task.study, task.name, task.algorithm,
            task.horizon.map(String.init) ?? "", target.name, target.report.verdict.rawValue,
          ]
          let numbers: [Double?] = [point.updates, low, high, point.updates * point.batch]
          let counts = [point.seeds, point.seeds - point.censored, point.censored]
          var fields: [String] = names.map(Self.quoted)
          fields.append(Format.shortest(point.batch))
          fields += numbers.map(Self.field)
          fields += counts.map(String.init)
          fields.append(Self.field(seconds))
          fields.append(Self.quoted(task.question.variant ?? ""))
          return fields.joined(separator: ",")
        }
      }
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// Seven digits; `fit --json` has all.
  private static func field(_ number: Double?) -> String {
    number.map { String(format: "%.7g", $0) } ?? ""
  }

  /// A field of the table, quoted if necessary. A "<", which could end the element that contains
  /// the table, becomes "‹". A text that a spreadsheet would take for a formula gets a "'".
  private static func quoted(_ text: String) -> String {
    var text = text.replacing("<", with: "‹")
    if let first = text.first, "=+-@".contains(first), Double(text) == nil { text = "'" + text }
    let special = ",\"\n\r".unicodeScalars
    guard text.unicodeScalars.contains(where: { special.contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
