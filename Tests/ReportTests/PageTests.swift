import Foundation
import Report
import Testing

struct PageTests {
  private static let report = Fixture.report()
  private static let page = report.page(reloadingAfter: nil)

  /// The figures in a page.
  private func figures(_ page: String) -> [String] {
    page.matches(of: /<svg class="figure"[^>]*>.*?<\/svg>/.dotMatchesNewlines()).map {
      String($0.output)
    }
  }

  @Test func `an XML parser accepts every figure, alone and in the page`() throws {
    var identities: [String] = []
    let inPage = figures(Self.page)
    #expect(inPage.count == Self.report.figures.count)
    for figure in Self.report.figures { _ = try Drawing(figure.svg) }
    for svg in inPage {
      let drawing = try Drawing(svg)
      #expect(Set(drawing.references).isSubset(of: drawing.identities))
      #expect(drawing.panels.allSatisfy { $0.marks.allSatisfy { !$0.label.isEmpty } })
      identities += drawing.identities
    }
    #expect(Set(identities).count == identities.count, "identities must differ over the page")
  }

  @Test func `file names differ, and every file system accepts them`() {
    let names = Self.report.figures.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil })
    // Six figures of six targets, times by cores of the five that are fitted, one prediction and
    // seven axes.
    #expect(names.count == 6 * 6 + 5 + 1 + 7)
  }

  @Test func `a measure without a value is neither drawn nor offered`() throws {
    // Nobody has counted states, and a score that misses the goal is not known.
    let choices = Self.page.matches(of: /<option value="([a-z_]+)">/).map { String($0.output.1) }
    #expect(
      choices == [
        "minimum_observations", "minimum_updates", "reference_observations", "minimum_operations",
        "normalized_score", "episode_length", "observation_size",
      ])
    let drawn = Self.report.figures.map(\.name).filter { $0.hasPrefix("e-complexity") }
    #expect(drawn == choices.map { "e-complexity-pg-\($0)" })
    for choice in choices { #expect(Self.page.contains("class=\"axis\" data-place=\"\(choice)\"")) }
    let none = Fixture.report([Fixture.tasks[4]])
    #expect(!none.figures.contains { $0.name.hasPrefix("e-complexity") })
    #expect(!none.page(reloadingAfter: nil).contains("<select"))
  }

  @Test
  func `the table starts with the critical batch, of the typical run and of the expected cost`()
    throws
  {
    let head = try #require(Self.page.firstMatch(of: /<table id="targets"><thead>.*?<\/thead>/))
    let columns = head.output.matches(of: /<button type="button">([^<]*)</).map {
      String($0.output.1)
    }
    #expect(
      columns.prefix(6)
        == ["task", "target", "B_crit", "B_crit of expected cost", "verdict", "predicted"])
    let row = try #require(Self.page.firstMatch(of: /<tr data-task="alpha" data-place="1">.*/))
    let cells = row.output.matches(of: /<td[^>]*>([^<]*)</).map { String($0.output.1) }
    #expect(cells.count == columns.count - 1 && cells[0] == "1" && cells[3] == "fitted")
    // Seeds scatter alike at all batches, so both are the same.
    for cell in cells[1...2] { #expect(cell.hasPrefix("300 ["), "\(cells)") }
    #expect(
      Self.page.contains(
        "For the expected cost, with arithmetic means over seeds, the critical batch is 300 ["))
  }

  @Test func `nothing in the page is loaded from elsewhere`() {
    for pattern in ["src=", "@import", "fetch(", "XMLHttpRequest", "<link rel=\"style"] {
      #expect(!Self.page.contains(pattern))
    }
    let addresses = Self.page.matches(of: /https?:\/\/[^"' ]+/).map { String($0.output) }
    #expect(Set(addresses).isSubset(of: ["http://www.w3.org/2000/svg"]))
    let places = Self.page.matches(of: /url\((.)/).map { String($0.output.1) }
    #expect(Set(places) == ["#"])
  }

  @Test func `one target of each task is shown, and a slider if there are several`() {
    let blocks = Self.page.matches(of: /<div class="target" data-place="(\d)"[^>]*>/)
    #expect(blocks.count == 6)
    #expect(blocks.count { !$0.output.0.contains("hidden") } == 5)
    #expect(Self.page.matches(of: /<input type="range"/).count == 1)
    #expect(Self.page.contains(#"max="1" step="1" value="1" aria-valuetext="1""#))
  }

  @Test func `a target without a fit says why`() {
    #expect(
      Self.page.contains(
        "Target 1: too-few. 3 batches reached the target; the law needs at least 4"))
  }

  @Test func `names of any kind stay text`() throws {
    let hostile = #"<script>alert("1")</script>&'\#u{1}"#
    var task = Fixture.alpha
    task.name = hostile
    let report = Fixture.report(
      [task], name: "</title>" + hostile, plan: "# </pre>" + hostile, digest: nil)
    let page = report.page(reloadingAfter: 5)
    #expect(!page.contains("<script>alert") && !page.contains("</title></title>"))
    #expect(!page.contains("</pre><script"))
    #expect(page.contains("<body data-reload=\"5\">") && !page.contains("http-equiv"))
    #expect(page.contains("reloads every 5 s"))
    for svg in figures(page) + report.figures.map(\.svg) { _ = try Drawing(svg) }
  }

  @Test func `the page carries the fits as JSON and the batches as CSV`() throws {
    let match = try #require(
      Self.page.firstMatch(of: /<script type="application\/json" id="fits">(.*?)<\/script>/))
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(match.output.1.utf8)) as? [String: Any])
    let fits = try #require(document["fits"] as? [[String: Any]])
    #expect(
      fits.map { $0["verdict"] as? String }
        == ["fitted", "fitted", "fitted", "fitted", "too-few", "fitted"])
    #expect(document["comparison"] is [String: Any])
    let table = try #require(
      Self.page.firstMatch(
        of: /<script type="text\/csv" id="batches">(.*?)<\/script>/.dotMatchesNewlines()))
    let lines = table.output.1.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(lines.count == 1 + 6 * 2 + 6 + 5 + 6 + 3)
    let row = try #require(lines.first { $0.starts(with: ["fixture", "alpha", "pg"]) })
    let column = try #require(lines[0].firstIndex(of: "batch"))
    #expect(row[column] == "20")
    #expect(try #require(Double(row[column + 1])) > 0)
  }

  @Test func `a page without finished trials says so`() throws {
    let page = Fixture.report([], digest: nil).page(reloadingAfter: nil)
    #expect(page.contains("No trial is finished yet") && page.contains("not finished"))
    #expect(figures(page).isEmpty)
  }

  @Test(arguments: [
    (0, "finished"), (1, "sealed with 1 cell unfinished"),
    (1234, "sealed with 1,234 cells unfinished"),
    (nil, "sealed"),
  ])
  func `a sealed study is called finished only if no cell is open`(open: Int?, state: String) {
    let page = Fixture.report([], openCells: open).page(reloadingAfter: nil)
    #expect(page.contains("fixture: 0 trials, \(state), digest 0123456789abcdef."))
  }

  /// 5,000 trials: twenty tasks of three targets and ten batches, twenty-five trials each.
  @Test func `a study of 5000 trials makes a page of at most 5 MB`() throws {
    let tasks = (0..<20).map { index in
      Fixture.Task(
        name: "task-\(index)", targets: [0.25, 0.5, 1], minimumUpdates: 40 + 5 * Double(index),
        criticalBatch: 200 * pow(1.25, Double(index)),
        batches: (0..<10).map { 20 * Int(pow(3, Double($0))) }, measuring: 19)
    }
    let page = Fixture.report(tasks).page(reloadingAfter: nil)
    #expect(page.contains("fixture: 5,000 trials"))
    #expect(page.utf8.count < 5_000_000, "\(page.utf8.count) bytes")
    // For a test in a browser.
    if let file = ProcessInfo.processInfo.environment["BATCHLAB_LARGE_PAGE"] {
      try Data(page.utf8).write(to: URL(filePath: file))
    }
  }
}
