import Records

extension RunGroup {
  /// Reads runs of any origin from comma-separated text and groups them by task and target, in the
  /// order of their first appearance. A target keeps its first spelling.
  ///
  /// The header names the columns: `batch`, and `updates` or `observations` (S or E = S·B; if both
  /// are given, they must agree to 1e-6), optionally `task`, `target`, `seed` and `censored` (1:
  /// the run ended at these counts without reaching the target). Batches and counts are positive
  /// numbers. Other columns are ignored.
  ///
  /// - Parameter name: the file's name, for messages.
  public static func groups(csv text: String, name: String) throws(RunTableError) -> [RunGroup] {
    var records = DelimitedText(text, name: name)
    guard let header = try records.header() else {
      throw RunTableError(name: name, line: 1, problem: .noHeader)
    }
    let columns = try RunColumns(header, name: name)
    var groups: [RunGroup] = []
    var places: [Question: Int] = [:]
    while let record = try records.next() {
      let (question, run) = try columns.read(record)
      if let place = places[question] {
        groups[place].runs.append(run)
      } else {
        places[question] = groups.count
        groups.append(RunGroup(question, runs: [run]))
      }
    }
    guard !groups.isEmpty else {
      throw RunTableError(name: name, line: header.line, problem: .noRuns)
    }
    return groups
  }
}

/// The positions of the known columns in a header, and how to read a record with them.
struct RunColumns {
  private static let required = ["batch", "updates", "observations"]
  private static let known = required + ["task", "target", "seed", "censored"]

  private let name: String
  private let width: Int
  private var places: [String: Int] = [:]

  init(_ header: DelimitedRecord, name: String) throws(RunTableError) {
    self.name = name
    width = header.fields.count
    let names = header.fields.map { $0.lowercased() }
    for (place, column) in names.enumerated() where Self.known.contains(column) {
      guard places.updateValue(place, forKey: column) == nil else {
        throw RunTableError(name: name, line: header.line, problem: .repeatedColumn(column))
      }
    }
    let unknown = header.fields.filter { !Self.known.contains($0.lowercased()) }
    if places.isEmpty, nearest(to: Self.required, among: unknown) == nil {
      throw RunTableError(
        name: name, line: header.line, problem: .otherHeader(header.fields.joined(separator: ",")))
    }
    if places["batch"] == nil {
      throw RunTableError(
        name: name, line: header.line,
        problem: .missingColumn("batch", nearest: nearest(to: ["batch"], among: unknown)))
    }
    if places["updates"] == nil, places["observations"] == nil {
      let counts = ["updates", "observations"]
      throw RunTableError(
        name: name, line: header.line,
        problem: .missingColumn(
          "updates or observations", nearest: nearest(to: counts, among: unknown)))
    }
  }

  func read(_ record: DelimitedRecord) throws(RunTableError) -> (Question, Run) {
    guard record.fields.count == width else {
      throw error(record, .fieldCount(found: record.fields.count, expected: width))
    }
    let batch = try positive("batch", record)
    let run = Run(
      batch: batch, seed: try seed(record), updates: try updates(record, batch: batch),
      isCensored: try isCensored(record))
    return (
      Question(task: text("task", record), target: text("target", record).map { Target($0) }), run
    )
  }

  private func updates(
    _ record: DelimitedRecord, batch: Double
  ) throws(RunTableError) -> Double {
    let hasUpdates = text("updates", record) != nil
    let hasObservations = text("observations", record) != nil
    guard hasObservations else {
      // This also refuses a line that has neither.
      let column = places["updates"] == nil ? "observations" : "updates"
      return try positive(column, record)
    }
    let observations = try positive("observations", record)
    guard hasUpdates else { return observations / batch }
    let updates = try positive("updates", record)
    guard (updates * batch - observations).magnitude <= 1e-6 * observations else {
      throw error(
        record, .disagreement(updates: updates, batch: batch, observations: observations))
    }
    return updates
  }

  /// A number that is positive and between 1e-100 and 1e100, so that no product overflows.
  private func positive(
    _ column: String, _ record: DelimitedRecord
  ) throws(RunTableError) -> Double {
    let field = text(column, record) ?? ""
    guard let value = Double(field), value > 0 else {
      throw error(record, .value(column: column, expected: "a positive number", found: field))
    }
    guard (1e-100...1e100).contains(value) else {
      throw error(
        record,
        .value(column: column, expected: "a number between 1e-100 and 1e100", found: field))
    }
    return value
  }

  private func seed(_ record: DelimitedRecord) throws(RunTableError) -> Int? {
    guard let field = text("seed", record) else { return nil }
    guard let seed = Int(field) ?? Double(field).flatMap({ Int(exactly: $0) }) else {
      throw error(record, .value(column: "seed", expected: "a whole number", found: field))
    }
    return seed
  }

  private func isCensored(_ record: DelimitedRecord) throws(RunTableError) -> Bool {
    guard places["censored"] != nil else { return false }
    switch text("censored", record) {
    case "0": return false
    case "1": return true
    case let other:
      throw error(
        record, .value(column: "censored", expected: "0 or 1", found: other ?? ""))
    }
  }

  /// The field as written; `nil` if it is empty or there is no such column.
  private func text(_ column: String, _ record: DelimitedRecord) -> String? {
    guard let place = places[column], !record.fields[place].isEmpty else { return nil }
    return record.fields[place]
  }

  private func error(
    _ record: DelimitedRecord, _ problem: RunTableError.Problem
  ) -> RunTableError {
    RunTableError(name: name, line: record.line, problem: problem)
  }
}

extension DelimitedText {
  /// The first record. If it can't be read, the error quotes the line.
  fileprivate mutating func header() throws(RunTableError) -> DelimitedRecord? {
    let text = self
    do {
      return try next()
    } catch {
      var error = error
      error.problem = .otherHeader(text.firstLine)
      throw error
    }
  }
}

/// The candidate that is at most two edits away from one of the names, or contains one. Long
/// candidates are sentences, not names.
private func nearest(to names: [String], among candidates: [String]) -> String? {
  var best: (candidate: String, distance: Int)?
  for candidate in candidates where candidate.first?.isLetter == true && candidate.count <= 30 {
    for name in names {
      let lowered = candidate.lowercased()
      let edits = editDistance(lowered, name)
      let stem = name.hasSuffix("s") ? String(name.dropLast()) : name
      let distance = edits <= 2 ? edits : lowered.contains(stem) ? 3 : Int.max
      if distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
  }
  return best?.candidate
}
