internal import Analysis
internal import Archive
internal import Foundation

/// A table of runs that a user gave: a file, a pipe, or - for standard input.
struct GivenTable {
  let runs: RunTable
  /// SHA-256 of its bytes.
  let digest: String

  /// Whether a path means a table and not the folder of a study.
  static func isTable(_ path: String) throws(Refusal) -> Bool {
    if path == "-" { return true }
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .failure("\(path.isEmpty ? "''" : path) does not exist")
    }
    return !isFolder.boolValue
  }

  /// Reads a table and prints its notes, such as repeated lines.
  init(_ path: String, columns: RunColumnNames) throws {
    let name = path == "-" ? "standard input" : path
    let bytes = try Self.bytes(of: path, name: name)
    runs = try RunTable(bytes, name: name, columns: columns)
    var fingerprint = Fingerprint()
    fingerprint.add(bytes)
    digest = fingerprint.text
    runs.notes.forEach(standardError)
  }

  /// What `--columns` says.
  static func columnNames(_ words: String?) throws(Refusal) -> RunColumnNames {
    do throws(RunColumnNames.Problem) {
      guard let words else { return RunColumnNames() }
      return try RunColumnNames(words)
    } catch {
      throw .usage("--columns: \(error)")
    }
  }

  /// All bytes of the table. A pipe has no size, so it is read to its end.
  private static func bytes(of path: String, name: String) throws(Refusal) -> [UInt8] {
    let file = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path)
    do {
      guard let file else { throw CocoaError(.fileReadNoPermission) }
      return try [UInt8](file.readToEnd() ?? Data())
    } catch {
      throw .failure("\(name) can't be read")
    }
  }
}

/// The tables among the sources of a command that takes studies and tables.
struct GivenTables {
  private let tables: [String: GivenTable]
  private let names: [String: String]

  /// Reads the tables.
  ///
  /// - Parameters:
  ///   - sources: Folders of studies and paths of tables.
  ///   - columns: What columns of the tables mean. With several tables, each may lack some of them.
  ///   - all: All sources of the command, if some of them don't exist yet.
  init(among sources: [String], columns: String?, beside all: [String]? = nil) throws {
    let paths = try sources.filter { try GivenTable.isTable($0) }
    if let path = paths.first(where: { path in paths.count { $0 == path } > 1 }) {
      throw Refusal.usage("\(path == "-" ? "standard input" : path) is given twice")
    }
    guard columns == nil || !paths.isEmpty else {
      throw Refusal.usage("--columns needs a table, because the columns of a study are known")
    }
    var names = try GivenTable.columnNames(columns)
    names.isForSeveralTables = paths.count > 1
    var tables: [String: GivenTable] = [:]
    for path in paths { tables[path] = try GivenTable(path, columns: names) }
    let found = Set(tables.values.flatMap(\.runs.namedColumns))
    if let missing = names.titles.first(where: { !found.contains($0) }) {
      throw Refusal.usage("--columns: no table has a column '\(missing)'")
    }
    self.tables = tables
    self.names = Self.names(of: all ?? sources)
  }

  subscript(source: String) -> GivenTable? { tables[source] }

  /// The source's last path component, with as many of its parents as distinguish it from others.
  func name(of source: String) -> String { names[source] ?? source }

  /// The runs of a table. Those without a task are of a task with the table's name, without its
  /// extension unless only that tells it from another table.
  func runs(of source: String) -> [RunGroup]? {
    func short(_ source: String) -> String {
      URL(filePath: name(of: source)).deletingPathExtension().relativePath
    }
    let own = short(source)
    let isUnique = !tables.keys.contains { $0 != source && short($0) == own }
    return tables[source]?.runs.groups(named: isUnique ? own : name(of: source))
  }

  private static func names(of sources: [String]) -> [String: String] {
    func parts(_ source: String) -> [String] {
      if source == "-" { return ["standard input"] }
      return URL(filePath: source).standardizedFileURL.pathComponents.filter { $0 != "/" }
    }
    let all = Set(sources.map(parts))
    let names = sources.map { source in
      let own = parts(source)
      let count = (1..<max(own.count, 2)).first { count in
        !all.contains { $0 != own && $0.suffix(count) == own.suffix(count) }
      }
      return (source, own.suffix(count ?? own.count).joined(separator: "/"))
    }
    return Dictionary(names) { first, _ in first }
  }
}
