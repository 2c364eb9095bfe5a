import Analysis
import Foundation
import Testing

@testable import Report

/// The page of a study with variants of a task.
struct VariantPageTests {
  /// Of the widths 10, 20 and 40, B_crit ∝ width, beside a task without variants.
  private static let report: StudyReport = {
    let variants = [10, 20, 40].map { width in
      var task = Fixture.alpha
      task.width = width
      task.criticalBatch *= Double(width) / 10
      return task
    }
    return Fixture.report(variants + [Fixture.tasks[1]])
  }()
  private static let page = report.page(reloadingAfter: nil)

  @Test func `variants have sections of their own after one that compares them`() throws {
    let titles = Self.page.matches(of: /<section class="task" id="task-(.*?)"/).map(\.output.1)
    #expect(titles == ["alpha-hidden_10", "alpha-hidden_20", "alpha-hidden_40", "beta"])
    #expect(Self.page.ranges(of: "<section class=\"variants\"").count == 1)
    let (group, first) = (
      try #require(Self.page.range(of: "id=\"variants-alpha\"")),
      try #require(Self.page.range(of: "id=\"task-alpha-hidden_10\""))
    )
    #expect(group.lowerBound < first.lowerBound)
    for title in titles.dropLast() { #expect(Self.page.contains("href=\"#task-\(title)\"")) }
  }

  @Test func `one figure has the critical batch and the noise scale of each variant`() throws {
    let own = Self.report.figures.filter { $0.name.hasPrefix("j-variants") }
    #expect(own.map(\.name) == ["j-variants-alpha"])
    let figure = try #require(own.first)
    _ = try Drawing(figure.svg)
    // Two targets of three variants, in both panels.
    for width in [10, 20, 40] {
      for (target, panel) in [("0.5", "measured critical batch"), ("1", "noise scale")] {
        #expect(figure.svg.contains("hidden=\(width), to \(target): \(panel) "))
      }
    }
  }

  @Test func `relations along settings are in a table and in the JSON`() throws {
    #expect(Self.page.contains("<caption>Along parameters, at equal targets</caption>"))
    #expect(Self.page.contains("<caption>Along network, at equal targets</caption>"))
    let along = Self.report.comparison.along
    #expect(along.map(\.setting) == ["network", "parameters"])
    let relation = try #require(along[1].relations.first { $0.quantity == .criticalBatch })
    // Two targets of one game.
    #expect(relation.series == 2 && relation.games == 1)
    #expect((try #require(relation.effect.value) - 1).magnitude < 0.02)
  }

  @Test func `a page without variants has none of this`() {
    let report = Fixture.report()
    #expect(report.comparison.along.isEmpty)
    let page = report.page(reloadingAfter: nil)
    #expect(!page.contains("class=\"variants\"") && !page.contains("Along settings"))
  }
}
