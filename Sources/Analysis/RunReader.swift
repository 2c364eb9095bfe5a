internal import Records

/// A run of a table, and the line on which it stands.
struct TableRow {
  var line: Int
  var question: Question
  var run: Run
}

/// Reads the records of a table as runs.
struct RunReader {
  private let columns: RunColumns
  private let fields: RunFields
  /// The numbers of runs that have names, by name; `nil` if they are numbered.
  private var runNumbers: [String: Int]?

  /// - Parameter separator: with `;`, a comma may be a decimal mark.
  init(
    _ columns: RunColumns, records: [DelimitedRecord], separator: Unicode.Scalar
  ) throws(RunTableError) {
    self.columns = columns
    fields = try RunFields(columns, records: records, separator: separator)
    // Trials and runs may have names. A seed must be a number unless the user said what it is.
    guard let place = columns[.seed], RunColumn.normal(columns.title(.seed)) != "seed" else {
      return
    }
    let names = records.compactMap { $0.fields.indices.contains(place) ? $0.fields[place] : nil }
      .filter { !RunFields.isAbsent($0) }
    guard names.contains(where: { fields.number($0, at: place)?.whole == nil }) else { return }
    var numbers: [String: Int] = [:]
    for name in names where numbers[name] == nil { numbers[name] = numbers.count + 1 }
    runNumbers = numbers
  }

  func read(_ record: DelimitedRecord) throws(RunTableError) -> TableRow {
    let width = columns.header.fields.count
    guard record.fields.count == width else {
      throw fields.error(record, .fieldCount(found: record.fields.count, expected: width))
    }
    let batch = try batch(record)
    var isCensored = try self.isCensored(record)
    var updates = try self.updates(record, .updates, .observations, batch: batch)
    if updates == nil {
      guard isCensored != false else { throw fields.error(record, .noUpdates) }
      isCensored = true
      updates = try self.updates(record, .totalUpdates, .totalObservations, batch: batch)
    }
    guard let updates else {
      throw fields.error(record, .noLimit(unclear: unclearLimit(record)))
    }
    var run = Run(
      batch: batch, seed: try seed(record), updates: updates, isCensored: isCensored ?? false)
    run.logStandardError = run.isCensored ? nil : try logStandardError(record, of: run)
    let question = Question(task: fields.text(.task, record), target: try target(record))
    return TableRow(line: record.line, question: question, run: run)
  }

  /// The title of a column that may say how far a run got, if it has a number there.
  private func unclearLimit(_ record: DelimitedRecord) -> String? {
    columns.unclearLimits.first { !RunFields.isAbsent(record.fields[$0]) }
      .map { columns.header.fields[$0] }
  }

  /// Whether a record has a number in both columns.
  func hasBoth(_ first: RunColumn, _ second: RunColumn, _ record: DelimitedRecord) -> Bool {
    [first, second].allSatisfy { column in
      fields.text(column, record).map { !RunFields.isAbsent($0) } ?? false
    }
  }
}

// MARK: - Columns

extension RunReader {
  private func batch(_ record: DelimitedRecord) throws(RunTableError) -> Double {
    func required(_ column: RunColumn) throws(RunTableError) -> Double {
      if let value = try fields.positive(column, record) { return value }
      throw fields.error(
        record,
        .value(
          column: columns.title(column), expected: "a positive number",
          found: fields.text(column, record) ?? ""))
    }
    guard columns[.batch] != nil else { return try required(.numEnvs) * required(.numSteps) }
    let batch = try required(.batch)
    guard !columns.isAsked(.batch), let environments = try fields.positive(.numEnvs, record),
      let steps = try fields.positive(.numSteps, record)
    else { return batch }
    guard isClose(environments * steps, batch) else {
      throw fields.error(
        record,
        .otherBatch(
          column: columns.title(.batch), batch: batch, environments: environments, steps: steps))
    }
    return batch
  }

  /// The updates that a record gives as updates, as observations or as both; `nil` if it has neither.
  private func updates(
    _ record: DelimitedRecord, _ first: RunColumn, _ second: RunColumn, batch: Double
  ) throws(RunTableError) -> Double? {
    let updates = try fields.positive(first, record)
    guard let observations = try fields.positive(second, record) else { return updates }
    guard let updates else { return observations / batch }
    guard isClose(updates * batch, observations) else {
      throw fields.error(
        record,
        .disagreement(
          columns: [columns.title(first), columns.title(second)], updates: updates, batch: batch,
          observations: observations))
    }
    return updates
  }

  /// The standard error of ln S: the relative one of the value, or the number that is given.
  private func logStandardError(
    _ record: DelimitedRecord, of run: Run
  ) throws(RunTableError) -> Double? {
    // Runs that all end at the same evaluation have an error of 0.
    let error: Double?
    if let absolute = try fields.positive(.standardError, record, allowsZero: true) {
      error = absolute / (columns[.updates] == nil ? run.observations : run.updates)
    } else {
      error = try fields.positive(.logStandardError, record, allowsZero: true)
    }
    return error.map { max($0, SeedDeviation.smallest) }
  }

  private func seed(_ record: DelimitedRecord) throws(RunTableError) -> Int? {
    guard let field = fields.text(.seed, record), !RunFields.isAbsent(field),
      let place = columns[.seed]
    else { return nil }
    if let runNumbers { return runNumbers[field] }
    if field.utf8.allSatisfy({ (48...57).contains($0) }), let seed = Int(field) { return seed }
    let number = fields.number(field, at: place)
    guard let seed = number?.whole else {
      let isWhole = number?.value.map { $0 == $0.rounded() } ?? false
      throw fields.error(
        record,
        .value(
          column: columns.title(.seed),
          expected: "a whole number" + (isWhole ? " below 2^63" : ""), found: field))
    }
    return seed
  }

  private func target(_ record: DelimitedRecord) throws(RunTableError) -> Target? {
    guard let field = fields.text(.target, record), !RunFields.isAbsent(field),
      let place = columns[.target]
    else { return nil }
    let number = fields.number(field, at: place)
    guard number != nil || WrittenNumber(field, decimalMark: .comma) == nil else {
      throw fields.error(record, .decimalComma(column: columns.title(.target), found: field))
    }
    return Target(field, value: number?.value)
  }

  /// `nil` if there is no such column.
  private func isCensored(_ record: DelimitedRecord) throws(RunTableError) -> Bool? {
    guard let place = columns[.censored] else { return nil }
    let field = record.fields[place]
    switch field.lowercased() {
    case "true", "yes": return true
    case "false", "no": return false
    default:
      switch fields.number(field, at: place)?.value {
      case 0: return false
      case 1: return true
      default:
        throw fields.error(
          record,
          .value(
            column: columns.title(.censored), expected: "0, 1, true, false, yes or no", found: field
          ))
      }
    }
  }
}

/// Whether two positive numbers agree to 1e-6 of their size.
func isClose(_ first: Double, _ second: Double) -> Bool {
  (first - second).magnitude <= 1e-6 * second
}
