@testable import Analysis

extension RunGroup {
  static func groups(csv text: String, name: String) throws(RunTableError) -> [RunGroup] {
    try RunTable(Array(text.utf8), name: name).groups
  }
}

extension RunTable {
  /// Reads lines as the file `runs.csv`.
  init(_ lines: [String], columns: String? = nil) throws {
    let names = try columns.map { try RunColumnNames($0) } ?? RunColumnNames()
    try self.init(Array(lines.joined(separator: "\n").utf8), name: "runs.csv", columns: names)
  }

  var runs: [Run] { groups.flatMap(\.runs) }

  /// Why a text is refused; `nil` if it is read.
  static func message(_ text: String, columns: String? = nil) -> String? {
    do {
      _ = try RunTable([text], columns: columns)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
