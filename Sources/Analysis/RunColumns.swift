internal import Records

/// The places of the known columns in a header.
struct RunColumns {
  let name: String
  let header: DelimitedRecord
  /// Those that the user named.
  private var asked: Set<RunColumn> = []
  private(set) var places: [RunColumn: Int] = [:]

  /// - Parameter line: the header as written, for messages.
  init(
    _ header: DelimitedRecord, line: String, names: RunColumnNames, name: String
  ) throws(RunTableError) {
    (self.name, self.header) = (name, header)
    for (column, own) in names.names {
      if names.isForSeveralTables, places(titled: own).isEmpty { continue }
      places[column] = try place(named: own)
    }
    asked = Set(places.keys)
    let taken = Set(places.values)
    for column in RunColumn.allCases where places[column] == nil {
      let found = [[column.rawValue], column.otherNames].map { names in
        header.fields.indices.filter {
          !taken.contains($0) && names.contains(RunColumn.normal(header.fields[$0]))
        }
      }
      let fitting = found[0].isEmpty ? found[1] : found[0]
      if fitting.count > 1 { throw error(repeated(fitting, column)) }
      places[column] = fitting.first
    }
    try checkRequired(line)
  }

  subscript(column: RunColumn) -> Int? { places[column] }

  /// The user's names of columns that the table has.
  func titles(among names: RunColumnNames) -> Set<String> {
    Set(names.names.filter { asked.contains($0.key) }.values)
  }

  func isAsked(_ column: RunColumn) -> Bool { asked.contains(column) }

  /// What the header calls a column.
  func title(_ column: RunColumn) -> String {
    places[column].map { header.fields[$0] } ?? column.rawValue
  }

  /// The places of columns that may be updates or observations.
  var unclear: [Int] { places(named: RunColumn.unclearNames) }

  /// The places of columns that say nothing about runs.
  var ignored: [Int] {
    let taken = Set(places.values)
    return header.fields.indices.filter { !taken.contains($0) }
  }

  /// Places of columns that may say how far a run got.
  var unclearLimits: [Int] {
    places(named: RunColumn.unclearLimits.union(RunColumn.unclearNames))
  }

  /// Sentences about ignored columns whose titles are nearly those of optional ones.
  var doubts: [String] {
    let missing = RunColumn.allCases.filter { places[$0] == nil }
    let names = missing.flatMap { [$0.rawValue] + $0.otherNames.sorted() }
    return ignored.compactMap { place in
      let title = RunColumn.normal(header.fields[place])
      guard title.count > 3, let name = nearest(title, among: names),
        editDistance(title, name) <= (title.count < 8 ? 1 : 2)
      else { return nil }
      return "\(self.name):\(header.line): the column '\(header.fields[place])' is ignored; did you"
        + " mean '\(name)'?"
    }
  }

  private func places(named names: Set<String>) -> [Int] {
    ignored.filter { names.contains(RunColumn.normal(header.fields[$0])) }
  }

  /// The same columns with updates and observations at these places.
  func with(updates: Int, observations: Int) -> RunColumns {
    var copy = self
    (copy.places[.updates], copy.places[.observations]) = (updates, observations)
    return copy
  }

  var hasCounts: Bool { places[.updates] != nil || places[.observations] != nil }

  func error(_ problem: RunTableError.Problem) -> RunTableError {
    RunTableError(name: name, line: header.line, problem: problem)
  }

  func error(_ record: DelimitedRecord, _ problem: RunTableError.Problem) -> RunTableError {
    RunTableError(name: name, line: record.line, problem: problem)
  }

  /// The place of a column that the user named.
  private func place(named own: String) throws(RunTableError) -> Int {
    let found = places(titled: own)
    guard let place = found.first else {
      throw error(.noSuchColumn(own, nearest: Records.nearest(own, among: header.fields)))
    }
    guard found.count == 1 else { throw error(.repeatedColumn(own)) }
    return place
  }

  private func places(titled own: String) -> [Int] {
    let exact = header.fields.indices.filter { header.fields[$0] == own }
    guard exact.isEmpty else { return exact }
    return header.fields.indices.filter {
      RunColumn.normal(header.fields[$0]) == RunColumn.normal(own)
    }
  }

  private func repeated(_ places: [Int], _ column: RunColumn) -> RunTableError.Problem {
    let titles = places.map { header.fields[$0] }
    return Set(titles.map(RunColumn.normal)).count == 1
      ? .repeatedColumn(titles[0]) : .twoColumns(titles, of: column.rawValue)
  }

  private func checkRequired(_ line: String) throws(RunTableError) {
    let others = header.fields.indices.filter { !places.values.contains($0) }
      .map { header.fields[$0] }
    let isUnclear = !unclear.isEmpty
    let required: [RunColumn] = [.batch, .updates, .observations]
    if places.isEmpty, !isUnclear, nearest(to: required, among: others) == nil {
      throw error(.otherHeader(line))
    }
    switch (places[.batch], places[.numEnvs], places[.numSteps]) {
    case (nil, nil, nil):
      throw error(.missingColumn([.batch], nearest(to: [.batch], among: others)))
    case (nil, _?, nil): throw error(.missingColumn([.numSteps], nil))
    case (nil, nil, _?): throw error(.missingColumn([.numEnvs], nil))
    default: break
    }
    if !hasCounts, !isUnclear {
      let counts: [RunColumn] = [.updates, .observations]
      throw error(.missingColumn(counts, nearest(to: counts, among: others)))
    }
    if places[.standardError] != nil {
      if places[.logStandardError] != nil { throw error(.twoErrors) }
      if places[.updates] != nil, places[.observations] != nil { throw error(.unclearError) }
    }
  }
}

/// A column that may be meant by another name.
struct ColumnOffer: Hashable, Sendable {
  var column: RunColumn
  var title: String
}

/// The title that is at most two edits away from a column's name, or contains it. Long titles are
/// sentences, not names.
private func nearest(to columns: [RunColumn], among titles: [String]) -> ColumnOffer? {
  var best: (offer: ColumnOffer, distance: Int)?
  for title in titles where title.first?.isLetter == true && title.count <= 30 {
    for column in columns {
      let (lowered, name) = (title.lowercased(), column.rawValue)
      let edits = editDistance(lowered, name)
      let stem = name.hasSuffix("s") ? String(name.dropLast()) : name
      let distance = edits <= 2 ? edits : lowered.contains(stem) ? 3 : Int.max
      if distance < best?.distance ?? Int.max {
        best = (ColumnOffer(column: column, title: title), distance)
      }
    }
  }
  return best?.offer
}
