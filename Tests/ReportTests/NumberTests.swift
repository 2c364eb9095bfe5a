import Analysis
import Testing

@testable import Report

struct NumberTests {
  @Test(arguments: [
    (0.0, "0"), (9.996, "10.0"), (0.99999, "1.00"), (0.0123456, "0.0123"), (1234.5, "1,230"),
    (-1_234_567, "−1,230,000"), (999.6, "1,000"), (1e-9, "1e-9"), (3.14e18, "3.14e18"),
    (.infinity, "∞"), (1.23e12, "1.23e12"), (9.99e11, "999,000,000,000"),
  ])
  func `a number has three digits`(value: Double, text: String) {
    #expect(Number.text(value) == text)
  }

  @Test func `an interval that is open on one side is written as such`() {
    #expect(Number.text(Estimate(value: 555, low: nil, high: 632)) == "555 [–, 632]")
    #expect(Number.text(Estimate(value: 555, low: 480, high: nil)) == "555 [480, –]")
    #expect(Number.text(Estimate(value: 555, low: 480, high: 632)) == "555 [480, 632]")
    #expect(Number.text(Estimate(value: 555)) == "555")
    #expect(Number.text(Estimate(value: nil, low: 480)) == "> 480")
    #expect(Number.text(Estimate(value: nil, high: 632)) == "< 632")
    #expect(Number.text(Estimate(value: nil)) == "–" && Number.text(nil) == "–")
  }

  @Test(arguments: [
    (0.5, "0.5"), (20_000, "20k"), (3e6, "3M"), (1e9, "1G"), (-2, "−2"), (0.0001, "0.0001"),
    (2e-7, "2e-7"), (1500, "1.5k"), (0, "0"), (5e15, "5e15"), (0.30000000000000004, "0.3"),
  ])
  func `a tick is the shortest decimal`(value: Double, text: String) {
    #expect(Number.tick(value) == text)
  }

  @Test(arguments: [(0.0, "0"), (-0.04, "0"), (12.34, "12.3"), (-7.96, "-8"), (100, "100")])
  func `a coordinate is rounded to a tenth`(value: Double, text: String) {
    #expect(Number.coordinate(value) == text)
  }
}

struct AxisTests {
  /// Over ranges of all widths there are at least two labels, and not so many that they touch.
  @Test(arguments: [1.0, 1.3, 3, 10, 40, 200, 1e3, 1e5, 1e8, 1e14], [2, 4, 10])
  func `a logarithmic axis has labels within it, in order`(width: Double, count: Int) {
    for start in [0.003, 0.7, 17, 4_200] {
      let axis = Axis(logarithmic: [start, start * width], title: "")
      let ticks = axis.ticks(count: count)
      let labelled = ticks.filter { $0.label != nil }
      #expect(labelled.count >= 2 || count == 2 && !labelled.isEmpty, "\(start) \(width) \(count)")
      #expect(labelled.count <= 2 * count + 6)
      #expect(ticks.allSatisfy { axis.contains($0.value) })
      #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value })
      #expect(axis.share(axis.low) == 0 && (axis.share(axis.high) - 1).magnitude < 1e-12)
    }
  }

  @Test func `a linear axis steps by 1, 2 or 5`() {
    let axis = Axis(linear: [-4.2, 2.3], title: "")
    #expect(axis.ticks(count: 4).map(\.label) == ["−4", "−2", "0", "2"])
    #expect(Axis(linear: [0, 1], title: "").ticks(count: 5).map(\.label).count == 6)
    // One value, or none, still makes an axis.
    #expect(Axis(linear: [3], title: "").contains(3))
    #expect(Axis(logarithmic: [], title: "").ticks(count: 3).count > 1)
  }
}
