internal import Records

/// The runs of a table of any origin, grouped by task and target in the order of their first
/// appearance. A target keeps its first spelling.
///
/// `docs/your-own-runs.md` lists the columns, their names and the ways to write a number. Batches
/// and counts are positive numbers; observations must be updates × batch to 1e-6 where a line has
/// both. A run that never reached its target has no updates and says how far it got.
public struct RunTable: Sendable {
  public private(set) var groups: [RunGroup] = []
  /// What a user should know about the table, in one sentence each: columns that are ignored
  /// and may be typos, and lines that repeat others.
  public private(set) var notes: [String] = []

  /// Which of the columns that the user named it has.
  public let namedColumns: Set<String>

  private let name: String
  private var places: [Question: Int] = [:]
  /// The lines of the runs, group by group.
  private var lines: [[Int]] = []
  /// Pairs of a line and the earlier one that it repeats.
  private var repeats: [(line: Int, earlier: Int)] = []

  /// At most so many repeated lines are named.
  private static let namedRepeats = 10

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, or UTF-16 with a byte-order mark. Columns are separated by `,`, `;`, `|` or
  ///     tabs, whichever gives the header known names.
  ///   - name: the file's name, for messages.
  ///   - columns: what columns mean whose names don't say so.
  public init(
    _ bytes: [UInt8], name: String, columns names: RunColumnNames = RunColumnNames()
  ) throws(RunTableError) {
    self.name = name
    let text = try String(table: bytes, name: name)
    var delimited = try DelimitedText(text, name: name, known: names)
    guard let header = try delimited.next() else {
      throw RunTableError(name: name, line: 1, problem: .noHeader)
    }
    let line = header.fields.joined(separator: String(delimited.separator))
    let columns = try RunColumns(header, line: line, names: names, name: name)
    namedColumns = columns.titles(among: names)
    var records: [DelimitedRecord] = []
    while let record = try delimited.next() { records.append(record) }
    guard !records.isEmpty else { throw columns.error(.noRuns) }
    let reader = try RunReader.settled(columns, records: records, separator: delimited.separator)
    var earlier: [RunKey: Int] = [:]
    for index in records.indices {
      let row = try reader.read(records[index])
      guard let first = row.key.flatMap({ earlier[$0] }) else {
        if let key = row.key { earlier[key] = index }
        add(row)
        continue
      }
      let other = try reader.read(records[first])
      guard row.run.hasResult(of: other.run) else {
        let differing = columns.ignored.filter {
          records[index].fields[$0] != records[first].fields[$0]
        }
        throw RunTableError(
          name: name, line: row.line,
          problem: .twoResults(
            earlier: other.line, seed: columns.title(.seed),
            others: differing.map { columns.header.fields[$0] }))
      }
      repeats.append((row.line, other.line))
    }
    try checkErrors()
    notes = columns.doubts
    describeRepeats()
  }

  /// The runs by task and target. Those without a task get this name.
  public func groups(named name: String) -> [RunGroup] {
    groups.map { group in
      var group = group
      group.question.task = group.question.task ?? name
      return group
    }
  }

  private mutating func add(_ row: TableRow) {
    let place = places[row.question] ?? groups.count
    if place == groups.count {
      places[row.question] = place
      groups.append(RunGroup(row.question, runs: []))
      lines.append([])
    }
    groups[place].runs.append(row.run)
    lines[place].append(row.line)
  }

  /// A value with a standard error is that of many runs: each batch has one, and each of them an
  /// error.
  private func checkErrors() throws(RunTableError) {
    for (group, lines) in zip(groups, lines)
    where group.runs.contains(where: { $0.logStandardError != nil }) {
      var first: [Double: Int] = [:]
      for (run, line) in zip(group.runs, lines) {
        if let earlier = first.updateValue(line, forKey: run.batch) {
          throw RunTableError(
            name: name, line: line, problem: .secondValue(batch: run.batch, earlier: earlier))
        }
        if run.logStandardError == nil, !run.isCensored {
          throw RunTableError(name: name, line: line, problem: .noError)
        }
      }
    }
  }

  private mutating func describeRepeats() {
    notes += repeats.prefix(Self.namedRepeats).map {
      "\(name): line \($0.line) repeats line \($0.earlier); the run counts once"
    }
    let others = repeats.count - Self.namedRepeats
    if others > 0 {
      notes.append(
        "\(name): further lines that repeat earlier ones: \(Format.grouped(others)); each run counts once"
      )
    }
  }
}

/// What makes two lines the same run.
private struct RunKey: Hashable {
  var question: Question
  var batch: Double
  var seed: Int
}

extension TableRow {
  /// `nil` without a seed, because then every line is a run of its own.
  fileprivate var key: RunKey? {
    run.seed.map { RunKey(question: question, batch: run.batch, seed: $0) }
  }
}

extension Run {
  /// Whether two lines say the same about a run. Numbers may differ by rounding.
  fileprivate func hasResult(of other: Run) -> Bool {
    let errors = (logStandardError ?? 1, other.logStandardError ?? 1)
    return isCensored == other.isCensored && isClose(updates, other.updates)
      && (logStandardError == nil) == (other.logStandardError == nil)
      && isClose(errors.0, errors.1)
  }
}

extension DelimitedText {
  /// Chooses the separator that gives the header the most known names, then the most columns.
  ///
  /// - Throws: If no separator makes a header of the first line, an error that quotes the line.
  fileprivate init(
    _ text: String, name: String, known names: RunColumnNames
  ) throws(RunTableError) {
    let known = Set(names.names.values.map(RunColumn.normal)).union(RunColumn.unclearNames)
    var best: (text: DelimitedText, names: Int, columns: Int)?
    var problem: RunTableError?
    for separator in Self.separators {
      var delimited = DelimitedText(text, name: name, separator: separator)
      if let stated = delimited.skipSeparatorLine(), stated != separator { continue }
      var copy = delimited
      do throws(RunTableError) {
        let fields = try copy.next()?.fields ?? []
        let count = fields.count {
          RunColumn(named: $0) != nil || known.contains(RunColumn.normal($0))
        }
        if (count, fields.count) > (best?.names ?? -1, best?.columns ?? 0) {
          best = (delimited, count, fields.count)
        }
      } catch {
        problem =
          problem
          ?? RunTableError(
            name: name, line: error.line, problem: .otherHeader(delimited.firstLine))
      }
    }
    // A line that only other separators can cut is no header.
    guard let best, best.names > 0 || problem == nil else {
      throw problem ?? RunTableError(name: name, line: 1, problem: .noHeader)
    }
    self = best.text
  }
}

extension RunReader {
  /// A reader that knows which columns are updates and observations. Two unclear ones settle each
  /// other if the larger is the smaller times the batch on every line.
  fileprivate static func settled(
    _ columns: RunColumns, records: [DelimitedRecord], separator: Unicode.Scalar
  ) throws(RunTableError) -> RunReader {
    guard !columns.hasCounts else {
      return try RunReader(columns, records: records, separator: separator)
    }
    let unclear = columns.unclear
    var fitting: [RunReader] = []
    for updates in unclear {
      for observations in unclear where observations != updates {
        let chosen = columns.with(updates: updates, observations: observations)
        guard let reader = try? RunReader(chosen, records: records, separator: separator),
          records.contains(where: { reader.hasBoth(.updates, .observations, $0) }),
          // Any other fault of a line is reported once the columns are known.
          records.allSatisfy({
            !reader.hasBoth(.updates, .observations, $0) || (try? reader.read($0)) != nil
          })
        else { continue }
        fitting.append(reader)
      }
    }
    guard fitting.count == 1 else {
      throw columns.error(.unclearCounts(columns.header.fields[unclear[0]]))
    }
    return fitting[0]
  }
}
