import Foundation
import Report
import Testing

/// Marks are where the ticks say that their values are.
struct ScaleTests {
  private static let report = Fixture.report()

  private static func drawing(_ name: String) throws -> Drawing {
    let figure = try #require(report.figures.first { $0.name == name })
    return try Drawing(figure.svg)
  }

  private func isClose(_ value: Double, _ expected: Double, within share: Double = 0.02) -> Bool {
    (value / expected - 1).magnitude < share
  }

  @Test func `the front has each batch at its E and S, and the ring at twice the minima`() throws {
    let panel = try #require(try Self.drawing("a-front-alpha-to-1").panels.first)
    let ring = try #require(panel.marks.first { $0.style.contains("critical") })
    let marks = panel.marks.filter { !$0.style.contains("critical") }
    let alpha = Fixture.alpha
    #expect(marks.count == alpha.batches.count)
    for (mark, batch) in zip(marks, alpha.batches) {
      let (x, y) = (try #require(mark.x), try #require(mark.y))
      let updates = alpha.updates(1, batch)
      #expect(isClose(try panel.y.logarithmicValue(at: y), updates))
      #expect(isClose(try panel.x.logarithmicValue(at: x), updates * Double(batch)))
    }
    #expect(isClose(try panel.x.logarithmicValue(at: try #require(ring.x)), 2 * 50 * 300))
    #expect(isClose(try panel.y.logarithmicValue(at: try #require(ring.y)), 2 * 50))
  }

  @Test func `S and E are drawn over their batches`() throws {
    let panels = try Self.drawing("b-scaling-alpha-to-0.5").panels
    let alpha = Fixture.alpha
    #expect(panels.count == 2 && panels.allSatisfy { $0.marks.count == alpha.batches.count })
    // The upper panel shares the ticks of the lower one.
    let batches = panels[1].x
    for (index, batch) in alpha.batches.enumerated() {
      let updates = alpha.updates(0, batch)
      for (panel, value) in zip(panels, [updates, updates * Double(batch)]) {
        let mark = panel.marks[index]
        #expect(isClose(try batches.logarithmicValue(at: try #require(mark.x)), Double(batch)))
        #expect(isClose(try panel.y.logarithmicValue(at: try #require(mark.y)), value))
      }
    }
  }

  @Test func `the noise scale is drawn at two thirds of the critical batch throughout`() throws {
    let panel = try #require(try Self.drawing("c-noise-alpha-to-1").panels.first)
    let heights = panel.marks.compactMap(\.y)
    #expect(heights.count == panel.marks.count && heights.count > 4)
    for height in heights {
      // Seeds differ by 6 %, and not every one has a point in each bin.
      #expect(isClose(try panel.y.logarithmicValue(at: height), 200, within: 0.07))
    }
  }

  @Test func `a task is drawn at its prediction and its critical batch`() throws {
    let panel = try #require(try Self.drawing("d-prediction-pg").panels.first)
    let mark = try #require(panel.marks.first { $0.label.hasPrefix("alpha to 1:") })
    #expect(isClose(try panel.x.logarithmicValue(at: try #require(mark.x)), 200))
    #expect(isClose(try panel.y.logarithmicValue(at: try #require(mark.y)), 300))
    // All fitted targets, and not the one with three batches.
    #expect(panel.marks.count == 5 && panel.marks.count { $0.style.contains("other") } == 1)
  }

  @Test func `complexity is drawn along its own axis`() throws {
    let panel = try #require(
      try Self.drawing("e-complexity-pg-minimum_observations").panels.first)
    let marks = panel.marks.filter { $0.label.hasPrefix("alpha to 1:") }
    #expect(marks.count == 2)
    for (mark, height) in zip(marks, [200.0, 300]) {
      #expect(isClose(try panel.x.logarithmicValue(at: try #require(mark.x)), 50 * 300))
      #expect(isClose(try panel.y.logarithmicValue(at: try #require(mark.y)), height))
    }
  }

  @Test func `curves cross the target at S and at E`() throws {
    let panels = try Self.drawing("f-curves-alpha-to-0.5").panels
    let alpha = Fixture.alpha
    for (panel, isInObservations) in zip(panels, [false, true]) {
      #expect(panel.marks.count == alpha.batches.count)
      for (mark, batch) in zip(panel.marks, alpha.batches) {
        let value = alpha.updates(0, batch) * (isInObservations ? Double(batch) : 1)
        #expect(isClose(try panel.x.logarithmicValue(at: try #require(mark.x)), value))
        let score = try panel.y.linearValue(at: try #require(mark.y))
        #expect((score - 0.5).magnitude < 0.1)
      }
    }
  }

  @Test func `rates are drawn at their medians, and a missed one separately`() throws {
    let drawing = try Self.drawing("g-rates-alpha-to-1")
    let panel = try #require(drawing.panels.first)
    let alpha = Fixture.alpha
    #expect(panel.marks.count == 3 * alpha.batches.count)
    // Tuning seeds 0 and 1.
    let middle = (Fixture.factors[0] + Fixture.factors[1]) / 2
    for (index, mark) in panel.marks.enumerated() where index != 2 {
      let (batch, rate) = (alpha.batches[index / 3], Fixture.rates[index % 3])
      let value = middle * alpha.updates(1, batch) * (index % 3 == 1 ? 1 : 1.8)
      #expect(isClose(try panel.x.logarithmicValue(at: try #require(mark.x)), rate))
      #expect(isClose(try panel.y.logarithmicValue(at: try #require(mark.y)), value))
      #expect(mark.label.contains("chosen (rates on both sides are worse)") == (index % 3 == 1))
    }
    #expect(panel.marks[2].label.contains("missed the target within") && panel.marks[2].x == nil)
  }

  @Test func `a chosen rate halfway between two that were tried has its ring there`() throws {
    var task = Fixture.alpha
    task.chosenRate = (Fixture.rates[0] * Fixture.rates[1]).squareRoot()
    let figure = try #require(
      Fixture.report([task]).figures.first { $0.name == "g-rates-alpha-to-1" })
    let panel = try #require(try Drawing(figure.svg).panels.first)
    let rings = panel.marks.filter {
      $0.label.contains("chosen (rates on both sides are worse), halfway between two")
    }
    #expect(rings.count == task.batches.count)
    let middle = (Fixture.factors[0] + Fixture.factors[1]) / 2
    for (ring, batch) in zip(rings, task.batches) {
      let value = middle * task.updates(1, batch) * 1.8.squareRoot()
      #expect(isClose(try panel.x.logarithmicValue(at: try #require(ring.x)), task.chosenRate))
      #expect(isClose(try panel.y.logarithmicValue(at: try #require(ring.y)), value))
    }
  }

  @Test func `time and cost are drawn over their batches`() throws {
    let panels = try Self.drawing("h-cost-alpha-to-1").panels
    let alpha = Fixture.alpha
    #expect(panels.count == 4)
    for (index, batch) in alpha.batches.enumerated() {
      let updates = alpha.updates(1, batch)
      let values = [
        updates * (0.001 + 0.00001 * Double(batch)), updates * Double(Fixture.horizon),
        updates * Double(batch), updates * Double(batch) * Fixture.operationsPerObservation,
      ]
      for (panel, value) in zip(panels, values) {
        let height = try #require(panel.marks[index].y)
        #expect(isClose(try panel.y.logarithmicValue(at: height), value))
      }
    }
  }
}
