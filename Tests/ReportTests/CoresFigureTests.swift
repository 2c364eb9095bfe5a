import Foundation
import Records
import Testing

@testable import Analysis
@testable import Report

/// The figure of time by cores.
struct CoresFigureTests {
  private static let name = "i-cores-alpha-to-1"

  /// The time of an update with two threads in units of that with one: a small batch has one part.
  /// Of a larger one a fifth is serial, and the rest
  /// takes half the time, or 5 rounds of 9 parts.
  private static func twoThreads(_ batch: Int) -> Double {
    batch < 180 ? 1 : batch < 1_000 ? 0.2 + 0.8 / 2 : 0.2 + 0.8 * 5 / 9
  }

  /// An update takes 1 ms and 10 µs an observation; it was timed with one and two threads.
  private static func timed(processor: String = "a processor") -> StudyReport {
    var source = Fixture.study([Fixture.alpha], name: "fixture")
    let questions = source.groups.map(\.question.atAnyTarget)
    let timed = Fixture.alpha.batches.flatMap { batch in
      let seconds = 0.001 + 0.00001 * Double(batch)
      return [
        TimedUpdate(batch: batch, threads: 1, seconds: seconds),
        TimedUpdate(batch: batch, threads: 2, seconds: twoThreads(batch) * seconds),
      ]
    }
    source.cores = CoreRequest(
      cores: 4, processor: processor,
      timed: Dictionary(questions.map { ($0, timed) }) { first, _ in first })
    return Fixture.report([source], of: [Fixture.alpha])
  }

  private func figure(_ report: StudyReport) throws -> Figure {
    try #require(report.figures.first { $0.name == Self.name })
  }

  @Test func `marks are at the measured times, and rings at the soonest batches`() throws {
    let panel = try #require(try Drawing(try figure(Self.timed()).svg).panels.first)
    let rings = panel.marks.filter { $0.label.hasPrefix("soonest on ") }
    let marks = panel.marks.filter { !$0.label.hasPrefix("soonest on ") }
    #expect(marks.count == 2 * Fixture.alpha.batches.count && rings.count == 5)
    for (index, mark) in marks.enumerated() {
      let (batch, cores) = (Fixture.alpha.batches[index / 2], 1 + index % 2)
      let seconds =
        Fixture.alpha.updates(1, batch) * (0.001 + 0.00001 * Double(batch))
        * [1, Self.twoThreads(batch)][index % 2]
      let (x, y) = (try #require(mark.x), try #require(mark.y))
      #expect((try panel.x.logarithmicValue(at: x) / Double(cores) - 1).magnitude < 0.02)
      #expect((try panel.y.logarithmicValue(at: y) / seconds - 1).magnitude < 0.02)
      #expect(
        mark.label.hasPrefix("batch \(Format.grouped(batch)) on \(Format.counted(cores, "core")): ")
      )
      #expect(mark.label.contains(" s; an update timed now takes "))
    }
    // 50 (1 + 300/B) (1 + B/100) ms is least at √(300 · 100) = 173.
    #expect(rings[0].label.hasPrefix("soonest on 1 core: batch 180, "))
    #expect(
      rings[4].label.hasPrefix("soonest on 128 cores: ") && rings[4].label.hasSuffix("(modelled)"))
  }

  @Test func `the caption says what is measured and which batch is the best`() throws {
    let caption = try figure(Self.timed()).caption
    #expect(caption.contains("on one core in the runs and, with 2 threads, timed on this machine"))
    #expect(caption.contains("Soonest: on 1 core batch 180, "))
    for cores in ["2 cores", "4, 16 and 128 cores"] {
      #expect(caption.contains("; on \(cores) batch "))
    }
    #expect(caption.contains("f = 0.200") && !caption.contains("assumed"))
  }

  @Test(arguments: [nil, "another processor"])
  func `without times of this processor the lines are dotted and the caption says so`(
    processor: String?
  ) throws {
    let report = processor.map { Self.timed(processor: $0) } ?? Fixture.report([Fixture.alpha])
    let figure = try figure(report)
    #expect(figure.caption.contains("dotted because two numbers are assumed"))
    #expect(figure.caption.contains("measured: on one core in the runs. "))
    #expect(figure.svg.contains("class=\"curve b0 doubtful\""))
    #expect(try !self.figure(Self.timed()).svg.contains("doubtful\""))
  }

  @Test func `the page carries the times only if they were asked for`() {
    #expect(Self.timed().page(reloadingAfter: nil).contains(#""cores":{"batches""#))
    let plain = Fixture.report([Fixture.alpha]).page(reloadingAfter: nil)
    #expect(plain.contains(#""cores":null"#) && !plain.contains(#""cores":{"#))
  }

  @Test func `a page of many targets has the figure only where times were asked for`() throws {
    let tasks = (0..<31).map { index in
      var task = Fixture.alpha
      (task.name, task.targets, task.measuring) = ("task-\(index)", [1], 2)
      return task
    }
    var source = Fixture.study(tasks, name: "fixture")
    func count() -> Int {
      Fixture.report([source], of: tasks).figures.count { $0.name.hasPrefix("i-cores") }
    }
    #expect(count() == 0)
    source.cores = CoreRequest(cores: 4, processor: "none")
    #expect(count() == 31)
  }

  @Test func `a target without a fit has no such figure`() {
    let figures = Fixture.report([Fixture.tasks[4]]).figures
    #expect(!figures.isEmpty && !figures.contains { $0.name.hasPrefix("i-cores") })
  }
}
