import Foundation
import Records
import TestSupport
import Testing

@Test func `the documentation lists the settings as the table has them`() throws {
  let text = try String(contentsOfFile: "\(repository)/docs/plans.md", encoding: .utf8)
  let start = try #require(text.range(of: "<!-- settings: "))
  let end = try #require(text.range(of: "<!-- end of settings -->"))
  let lines = text[start.lowerBound..<end.lowerBound].split(
    separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
  let table = lines.last.map(String.init)
  #expect(table == SettingsTable.standard.reference, "run `make docs`")
}
